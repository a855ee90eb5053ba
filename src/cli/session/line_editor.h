// Lines typed at a terminal, edited with libedit: arrows, history, TAB. A user's ~/.editrc counts.
// REQUIRES: an InterruptGuard is alive, and only one editor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/session/line_input.h"

namespace stave::cli {

// What TAB does to the text before the cursor.
struct Completion {
  size_t from = 0;                   // what stands from here on ...
  std::string text;                  // ... becomes this
  std::vector<std::string> choices;  // shown if there are any
};

class LineEditor : public LineInput {
 public:
  // Gets the line up to the cursor.
  using Complete = std::function<Completion(const std::string&)>;

  // `complete` may be empty: then TAB does nothing.
  explicit LineEditor(Complete complete);
  ~LineEditor() override;

  Got next(const std::string& prompt, std::string& line) override;

  // Lets the arrows find a line.
  void remember(const std::string& line);

 private:
  struct Libedit;
  std::unique_ptr<Libedit> libedit_;
};

}  // namespace stave::cli
