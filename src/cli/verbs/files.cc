// stave files
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/failure.h"
#include "cli/file_chart.h"
#include "cli/store.h"
#include "cli/terminal.h"

namespace stave::cli {
namespace {

std::vector<stave_file_info> read_files(const Store& store) {
  stave_files* made = nullptr;
  check(stave_files_create(store.get(), &made));
  FilesHandle list(made);
  std::vector<stave_file_info> files(stave_files_count(made));
  for (size_t i = 0; i < files.size(); ++i) {
    files[i].size = sizeof(stave_file_info);
    check(stave_files_at(made, i, &files[i]));
  }
  return files;
}

std::string json_line(const stave_file_info& file) {
  using Json = nlohmann::ordered_json;
  Json row = {{"file", data_file_name(file.id)},
              {"id", file.id},
              {"state", file_state_name(file.state)},
              {"merged", file.merged != 0},
              {"has_hint", file.has_hint != 0},
              {"bytes", file.bytes},
              {"live_bytes", file.live_bytes},
              {"dead_bytes", file.dead_bytes},
              {"live_records", file.live_records},
              {"dead_records", file.dead_records},
              {"tombstones", file.tombstones},
              {"first_seq", file.first_seq},
              {"last_seq", file.last_seq},
              {"merge_note", file.merge_note}};
  return row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

class FilesCommand : public Command {
 public:
  void declare(CLI::App& verb) override {
    verb.add_flag("--why", why_, "Say for each file why a merge would take it or not");
    verb.add_flag("--ascii", ascii_, "Draw with ASCII characters");
  }

  Exit run(Context& context) override {
    Store store(context, Access::read);
    const std::vector<stave_file_info> files = read_files(store);
    store.close();
    if (context.json) {
      for (const stave_file_info& file : files) context.out.write(json_line(file));
      return Exit::ok;
    }
    ChartStyle style;
    style.width = terminal_width(STDOUT_FILENO);
    style.utf8 = !ascii_ && locale_is_utf8();
    style.colour = colour_wanted(STDOUT_FILENO);
    style.why = why_;
    context.out.write(render_files(files, style));
    return Exit::ok;
  }

 private:
  bool why_ = false;
  bool ascii_ = false;
};

}  // namespace

std::unique_ptr<Command> make_files() { return std::make_unique<FilesCommand>(); }

}  // namespace stave::cli
