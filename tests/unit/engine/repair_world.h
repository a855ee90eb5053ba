// A store to be damaged and repaired, and what may be expected of it afterwards: told by bytes that
// are what they were, from a walk by docs/format.md over the whole files, without checksums.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/repair.h"
#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {

// Every file of a directory, by name.
using Image = std::map<std::string, std::string>;
Image image_of(Fs& fs, const std::string& dir);

// One operation where it stood before the damage.
struct Place {
  std::string file;
  uint64_t offset = 0, size = 0;
  uint64_t frame = 0, frame_size = 0;  // of the batch around it, else its own
  uint64_t seq = 0;
  bool put = false;
  std::string key, value;
};

class RepairWorld {
 public:
  explicit RepairWorld(uint64_t seed);

  // Puts, deletes, batches, merges and reopenings, then a clean close.
  void fill(unsigned operations);
  // Takes what stands now as what the store held.
  void note();
  void damage(unsigned times);
  void damage_manifest();
  // The store is repaired, opens cleanly twice, holds what it must, and verify has nothing to say.
  void check_repair(FaultFs& on);
  // What the open store must hold, given the files as the damage left them.
  void check_contents(Store& store) const;
  [[nodiscard]] std::unique_ptr<Store> open(FaultFs& on) const;
  [[nodiscard]] std::string data_file(size_t index) const;
  void write(const std::string& name, uint64_t offset, const std::string& bytes);

  FaultFs fs;
  Options options;
  RepairReport report;
  Image before;   // the damage
  Image damaged;  // set by check_repair, or by hand
  std::vector<Place> places;

 private:
  void damage_once();
  void truncate(const std::string& name, uint64_t length);
  [[nodiscard]] bool same_bytes(const std::string& file, uint64_t offset, uint64_t size) const;
  [[nodiscard]] bool readable(const Place& p) const;
  [[nodiscard]] bool salt_known(const std::string& file) const;
  void check_originals(FaultFs& on) const;

  std::mt19937_64 random_;
  std::map<std::string, std::set<std::string>> ever_;  // values of each key
};

}  // namespace stave::test
