// What repair finds in a store's directory: MANIFEST or none, every data file, and how much of each
// can be read. Reads only.
//
// MANIFEST, where it is whole, says which files count, in which order, and where they end. Without
// it all data files with the uuid that most of them have count, in the order of their highest
// numbers: of two files whose numbers do not overlap the one with the higher ones is the newer, and
// what overlaps is compared key by key later (repair_order.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/env.h"
#include "engine/forgiving_file.h"
#include "engine/repair_scan.h"
#include "format/hint.h"
#include "format/manifest.h"

namespace stave {

enum class FileFate : uint8_t {
  keep,      // as it is
  rewrite,   // its records go to a new file
  drop,      // holds nothing
  leave_out  // not of this store, or nothing in it can be read, or not there
};

struct RepairFile {
  uint64_t id = 0;
  FileHeader header;  // as read, or made up where it is damaged
  bool present = false;
  bool listed = false;
  bool was_complete = false;  // sealed or closed: a torn batch in it is damage, no tear
  bool tail_cut = false;      // by the rules of recovery
  bool header_damaged = false;
  uint32_t salt_there = 0;  // what a damaged header has in the salt's place
  ManifestFile entry;       // what MANIFEST says, if it is listed
  std::optional<HintSummary> hint;
  uint64_t size = 0;    // of the file
  uint64_t length = 0;  // of what is read of it
  uint64_t unreadable_blocks = 0;
  std::string why;  // it cannot be kept as it is; "" if it can
  FileFate fate = FileFate::keep;
  RepairFindings found;
  uint64_t seq_before = 0, seq_after = 0;  // of a log: in the logs around it; 0: there is none
};

// The numbers of the operations that stood in a lost region of a log, as far as those around it
// tell. False: they do not, or they were told for the region before.
bool lost_numbers(const RepairFile& file, size_t region, uint64_t* first, uint64_t* last);

class RepairSurvey {
 public:
  explicit RepairSurvey(std::shared_ptr<Env> env) : env_(std::move(env)) {}

  // no_store, unsupported, permission, no_memory, ...: nothing can be repaired here.
  Status run();

  // The data file, open, with what cannot be read of it as zeros.
  Result<std::shared_ptr<Segment>> open(const RepairFile& file) const;

  // Whether stave_open would refuse the store, or miss something, as far as the files tell one by
  // one.
  [[nodiscard]] bool broken() const { return !problems.empty(); }

  bool manifest_found = false;  // whole
  bool closed = false;          // by the last writer, says MANIFEST itself
  Manifest manifest;
  std::vector<RepairFile> files;      // in order of recency; those that do not count come last
  uint64_t id_max = 0;                // of all names
  uint64_t promised = 0;              // every operation up to here was durable, say the records
  std::vector<std::string> problems;  // why the store is to be repaired
  std::vector<std::string> notes;

 private:
  Status find_manifest();
  Status try_next_manifest();
  Status find_files();
  Status look_at(RepairFile& file);
  Status read_hint_footer(RepairFile& file) const;
  void choose_uuid();
  Status identify(RepairFile& file) const;
  Status find_salt(RepairFile& file) const;
  Status scan(RepairFile& file);
  Status scan_further(const Segment& segment, RepairFile& file) const;
  Status find_log_end();
  void find_neighbours();
  Status judge(RepairFile& file);
  void sort_by_numbers();

  const std::shared_ptr<Env> env_;
  bool manifest_there_ = false;
  std::vector<std::string> names_;
};

}  // namespace stave
