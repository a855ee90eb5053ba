// Entries of a store, a page at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/menu/questions.h"
#include "cli/store.h"

namespace stave::cli {

class Pages {
 public:
  static constexpr size_t kRows = 20;

  // The entries whose keys begin with `prefix` and which hold `text` in key or value.
  Pages(stave_db* db, const std::string& prefix, std::string text);

  // Shows them in key order, as of now, until the last or until the answers say to go back. `show`
  // is called for a key that was chosen. Throws Failure.
  void run(Questions& questions, const std::function<void(const std::string&)>& show);

 private:
  struct Row {
    std::string key;
    std::string value;
  };

  // Up to kRows further ones; more_ says whether there are more still.
  std::vector<Row> next_page();
  bool next_match(Row& row);

  IterHandle iter_;
  const std::string text_;
  Row ahead_;
  bool more_ = false;  // ahead_ is one
  size_t shown_ = 0;
};

}  // namespace stave::cli
