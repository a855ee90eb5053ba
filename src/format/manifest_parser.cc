// The strict reader of MANIFEST: every line in its place, every number in its bounds.
#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "format/crc32c.h"
#include "format/manifest.h"

namespace stave {
namespace {

constexpr Bytes kTitle = "stave-manifest ";
constexpr Bytes kCrcKey = "crc32c ";
constexpr size_t kCrcLineSize = 16;  // key, eight digits, newline

// One spelling for each number: decimal digits, no sign, no leading zero.
bool parse_number(Bytes text, uint64_t* out) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse_hex(Bytes text, size_t digits, uint64_t* out) {
  if (text.size() != digits || text.find_first_of("ABCDEF") != Bytes::npos) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, *out, 16);
  return error == std::errc() && end == text.data() + digits;
}

Bytes take_word(Bytes* text) {
  const size_t space = std::min(text->find(' '), text->size());
  const Bytes word = text->substr(0, space);
  text->remove_prefix(std::min(space + 1, text->size()));
  return word;
}

class Parser {
 public:
  Parser(Bytes text, const std::string& name) : text_(text), name_(name) {}

  Status run(Manifest* out) {
    STAVE_RETURN_IF_ERROR(check_frame());
    STAVE_RETURN_IF_ERROR(parse_fields());
    STAVE_RETURN_IF_ERROR(parse_files());
    *out = std::move(m_);
    return {};
  }

 private:
  Status corrupt(const std::string& what) const {
    return {Code::corrupt, name_ + ":" + std::to_string(line_) + ": " + what};
  }

  // Version before anything else, then the checksum; leaves text_ at the second line, without
  // the checksum's.
  Status check_frame() {
    const Bytes whole = text_;
    uint64_t version = 0;
    Bytes title;
    if (!next_line(&title) || !title.starts_with(kTitle) ||
        !parse_number(title.substr(kTitle.size()), &version) || version == 0) {
      return corrupt("the first line is not \"stave-manifest <version>\"");
    }
    if (version > kFormatVersion) {
      return {Code::unsupported, name_ + ": manifest format " + std::to_string(version) +
                                     "; this library reads up to " +
                                     std::to_string(kFormatVersion) + ": use a newer one"};
    }
    if (text_.size() < kCrcLineSize) return corrupt("cut short: no checksum line");
    const Bytes last = text_.substr(text_.size() - kCrcLineSize);
    uint64_t crc = 0;
    if (!last.starts_with(kCrcKey) || last.back() != '\n' || !parse_hex(last.substr(7, 8), 8, &crc))
      return corrupt("the last line is not \"crc32c <8 hex digits>\"");
    if (crc != crc32c(0, whole.data(), whole.size() - kCrcLineSize))
      return corrupt("wrong checksum of the whole file");
    text_.remove_suffix(kCrcLineSize);
    return {};
  }

  Status parse_fields() {
    Bytes value;
    uint64_t clean = 0;
    STAVE_RETURN_IF_ERROR(expect("uuid", &value));
    if (!parse_uuid(value, &m_.uuid)) return corrupt("uuid is malformed");
    STAVE_RETURN_IF_ERROR(expect("lineage", &value));
    if (!parse_hex(value, 16, &m_.lineage)) return corrupt("lineage is not 16 hex digits");
    STAVE_RETURN_IF_ERROR(number("lock_inode", 0, UINT64_MAX, &m_.lock_inode));
    STAVE_RETURN_IF_ERROR(number("generation", 0, UINT64_MAX, &m_.generation));
    STAVE_RETURN_IF_ERROR(number("next_file_id", 1, kFileIdMax + 1, &m_.next_file_id));
    STAVE_RETURN_IF_ERROR(number("clean", 0, 1, &clean));
    m_.clean = clean == 1;
    STAVE_RETURN_IF_ERROR(number("seq_floor", 0, UINT64_MAX, &m_.seq_floor));
    STAVE_RETURN_IF_ERROR(number("feed_floor", 0, UINT64_MAX, &m_.feed_floor));
    STAVE_RETURN_IF_ERROR(number("clock_high_ms", 0, UINT64_MAX, &m_.clock_high_ms));
    return number("files", 0, kFileIdMax, &files_);
  }

  Status parse_files() {
    std::vector<uint64_t> ids;
    Bytes value;
    while (!text_.empty()) {
      STAVE_RETURN_IF_ERROR(expect("file", &value));
      ManifestFile f;
      STAVE_RETURN_IF_ERROR(parse_file(value, &f));
      m_.files.push_back(f);
      ids.push_back(f.id);
    }
    if (m_.files.size() != files_) {
      return corrupt("files says " + std::to_string(files_) + ", but " +
                     std::to_string(m_.files.size()) + " are listed");
    }
    std::sort(ids.begin(), ids.end());
    const auto twice = std::adjacent_find(ids.begin(), ids.end());
    if (twice != ids.end()) return corrupt("file " + std::to_string(*twice) + " is listed twice");
    return {};
  }

  Status parse_file(Bytes value, ManifestFile* f) const {
    if (!parse_number(take_word(&value), &f->id) || f->id < 1 || f->id >= m_.next_file_id) {
      return corrupt("file id is not a number from 1 to below next_file_id");
    }
    const Bytes origin = take_word(&value);
    if (origin != "log" && origin != "merge") return corrupt("origin is neither log nor merge");
    f->origin = origin == "merge" ? Origin::merge : Origin::log;
    if (value == "open") return {};
    const Bytes state = take_word(&value);
    if (state != "sealed" && state != "closed") {
      return corrupt("state is none of open, closed and sealed");
    }
    f->sealed = state == "sealed";
    if (!parse_number(take_word(&value), &f->length) || f->length < kFileHeaderSize ||
        f->length > kFileSizeLimit || f->length % kRecordAlign != 0) {
      return corrupt("length is out of range");
    }
    if (!parse_number(value, &f->last_seq)) return corrupt("last seq is not a number");
    return {};
  }

  Status expect(Bytes key, Bytes* value) {
    Bytes l;
    if (!next_line(&l) || take_word(&l) != key) {
      return corrupt("expected the line \"" + std::string(key) + " ...\"");
    }
    *value = l;
    return {};
  }

  Status number(Bytes key, uint64_t least, uint64_t most, uint64_t* out) {
    Bytes value;
    STAVE_RETURN_IF_ERROR(expect(key, &value));
    if (!parse_number(value, out) || *out < least || *out > most) {
      return corrupt(std::string(key) + " is not a number from " + std::to_string(least) + " to " +
                     std::to_string(most));
    }
    return {};
  }

  bool next_line(Bytes* l) {
    ++line_;
    const size_t end = text_.find('\n');
    if (end == Bytes::npos) return false;
    *l = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return true;
  }

  Bytes text_;
  const std::string& name_;
  size_t line_ = 0;
  uint64_t files_ = 0;
  Manifest m_;
};

}  // namespace

Status decode_manifest(Bytes text, const std::string& name, Manifest* out) {
  return Parser(text, name).run(out);
}

}  // namespace stave
