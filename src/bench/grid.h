// A table of text cells whose columns line up: the first to the left, the rest to the right.
#pragma once

#include <string>
#include <vector>

namespace stave::bench {

class Grid {
 public:
  explicit Grid(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace stave::bench
