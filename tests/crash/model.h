// What must be in the store: every acknowledged operation, and of those in flight when the
// writer was killed each whole or not at all.
#pragma once

#include <string>
#include <vector>

#include "process.h"
#include "workload.h"

namespace crash {

class Model {
 public:
  Model() : version_(kKeys, 0) {}

  // Applies what the round's threads report as acknowledged. What is in flight is remembered
  // until the next check. "" or what is wrong with the answers that the writer got.
  std::string replay(const Task& task, const SharedState& shared);
  // Compares the store with the model. "" or what is wrong.
  std::string check(stave_db* db);
  [[nodiscard]] uint64_t keys() const;

 private:
  void apply(const Operation& op);
  std::string settle(stave_db* db, const Operation& op);
  std::string check_iteration(stave_db* db) const;

  std::vector<uint64_t> version_;  // 0: not there
  std::vector<Operation> in_flight_;
};

}  // namespace crash
