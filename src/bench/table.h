// A table of a report before it becomes text or HTML.
#pragma once

#include <string>
#include <vector>

namespace stave::bench {

struct Table {
  std::string title;
  std::vector<std::string> head;  // its first cell is empty: rows begin with a name
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> notes;  // stand below

  bool empty() const { return rows.empty(); }
};

}  // namespace stave::bench
