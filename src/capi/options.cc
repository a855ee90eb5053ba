#include "capi/handles.h"
#include "engine/options_table.h"

namespace {

using stave::OptionRow;
using stave::Status;

// Defaults and bounds as text, made once: stave_option_at lends constants.
struct Texts {
  std::string default_value, minimum, maximum;
};

const std::vector<Texts>& texts() {
  static const std::vector<Texts> all = [] {
    std::vector<Texts> made;
    const stave::Options defaults;
    for (const OptionRow& row : stave::option_table()) {
      made.push_back({row.get(defaults), stave::bound_text(row, row.minimum),
                      stave::bound_text(row, row.maximum)});
    }
    return made;
  }();
  return all;
}

}  // namespace

int stave_options_create(stave_options** out) {
  return stave::guarded([&]() -> Status {
    if (out == nullptr) return stave::null_argument("out");
    *out = nullptr;
    *out = new stave_options;
    return {};
  });
}

void stave_options_destroy(stave_options* options) { delete options; }

int stave_options_set(stave_options* options, const char* name, const char* value) {
  return stave::guarded([&]() -> Status {
    if (options == nullptr) return stave::null_argument("options");
    if (name == nullptr) return stave::null_argument("name");
    if (value == nullptr) return stave::null_argument("value");
    return stave::set_option(options->options, name, value);
  });
}

int stave_options_get(const stave_options* options, const char* name, char* buffer, size_t cap,
                      size_t* length) {
  return stave::guarded([&]() -> Status {
    if (length != nullptr) *length = 0;
    if (buffer != nullptr && cap > 0) buffer[0] = '\0';
    if (options == nullptr) return stave::null_argument("options");
    if (name == nullptr) return stave::null_argument("name");
    if (length == nullptr) return stave::null_argument("length");
    if (buffer == nullptr && cap > 0) return stave::null_argument("buffer");
    const OptionRow* row = stave::find_option(name);
    if (row == nullptr) {
      stave::Options scratch;
      return stave::set_option(scratch, name, "");
    }
    const std::string text = row->get(options->options);
    *length = text.size();
    if (cap > 0) buffer[text.copy(buffer, cap - 1)] = '\0';
    return {};
  });
}

int stave_options_set_log_callback(stave_options* options, stave_log_callback callback,
                                   void* user) {
  return stave::guarded([&]() -> Status {
    if (options == nullptr) return stave::null_argument("options");
    options->options.log_callback = nullptr;
    if (callback == nullptr) return {};
    options->options.log_callback = [callback, user](int level, const std::string& message) {
      callback(user, level, message.c_str());
    };
    return {};
  });
}

size_t stave_option_count(void) {
  size_t count = 0;  // making the table may want memory
  (void)stave::guarded([&]() -> Status {
    count = stave::option_table().size();
    return {};
  });
  return count;
}

int stave_option_at(size_t index, stave_option_info* info) {
  return stave::guarded([&]() -> Status {
    if (info == nullptr) return stave::null_argument("info");
    stave_option_info row{};
    Status s;
    if (index < stave_option_count()) {
      const OptionRow& r = stave::option_table()[index];
      const Texts& t = texts()[index];
      row = {info->size,
             r.name,
             r.type,
             t.default_value.c_str(),
             t.minimum.c_str(),
             t.maximum.c_str(),
             r.choices,
             r.description,
             r.since};
    } else {
      s = Status(stave::Code::invalid_argument, "there is no option number " +
                                                    std::to_string(index) + " (there are " +
                                                    std::to_string(stave_option_count()) + ")");
    }
    Status filled = stave::fill_struct(info, row);
    return s.ok() ? filled : s;
  });
}
