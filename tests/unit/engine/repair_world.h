// A store to be damaged and repaired, and what may be expected of it afterwards: told by bytes that
// are what they were, from a walk by docs/format.md over the whole files, without checksums.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/repair.h"
#include "engine/store.h"
#include "support/cmocka.h"
#include "support/fault_fs.h"

namespace stave::test {

inline constexpr const char* kDir = "/s";
inline bool is_data(const std::string& name) { return name.ends_with(".log"); }
inline std::string hint_of(const std::string& data) { return data.substr(0, 10) + ".hint"; }

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
  std::string key, value;  // of a range: from and to
  bool range = false;
  bool merged = false;  // in a file that a merge wrote
  uint64_t expires_at_ms = 0;

  [[nodiscard]] bool covers(const std::string& k) const {
    return range ? k >= key && (value.empty() || k < value) : k == key;
  }
};

// What a key may be found to have: nothing or a value.
using Outcome = std::optional<std::string>;

class RepairWorld {
 public:
  explicit RepairWorld(uint64_t seed);

  // Puts, some with an expiry, deletes, ranges, batches, merges and reopenings, then a clean close.
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
  std::string random_key() { return "key" + std::to_string(random_() % 40); }
  void put_something(Store& store, unsigned i);
  void delete_something(Store& store);
  void merge(Store& store);
  void damage_once();
  void truncate(const std::string& name, uint64_t length);
  [[nodiscard]] bool same_bytes(const std::string& file, uint64_t offset, uint64_t size) const;
  [[nodiscard]] bool same_file(const std::string& name) const;
  [[nodiscard]] bool readable(const Place& p) const;
  [[nodiscard]] bool known_by_hint(const Place& p) const;
  [[nodiscard]] std::set<Outcome> outcomes(const std::string& key) const;
  void check_report() const;
  [[nodiscard]] bool salt_known(const std::string& file) const;
  void check_originals(FaultFs& on) const;

  std::mt19937_64 random_;
  uint64_t now_ms_;
};

}  // namespace stave::test
