// Repair: makes a store openable that an open refuses, and loses nothing that can be read.
//
// Invariants
//  P1. Nothing that is there is changed or removed before MANIFEST has switched to files that are
//      durable; so the store is as it was, or repaired, whenever the machine stops.
//  P2. Before that switch all that it takes out of use stands, durable, in quarantine/, under a
//      second name or as a copy.
//  P3. Files that are whole stay as they are. Of others every record that can be read goes to a new
//      file, with its number.
//  P4. Invariant R holds afterwards: it is checked over all keys, and where no order of the files
//      that the survey can give satisfies it, all files are merged into new ones by key, of each
//      key the operation with the highest number; tombstones stay.
//
// Threads: one caller, who holds the directory's lock or works on an overlay.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/repair_output.h"
#include "engine/repair_survey.h"

namespace stave {

struct RepairReport {
  bool changed = false;           // the store; false: there was no need
  bool manifest_rebuilt = false;  // from the data files
  bool reordered = false;         // all files were merged by key
  uint64_t files = 0;             // listed afterwards
  uint64_t files_kept = 0, files_rewritten = 0, files_missing = 0, files_left_out = 0;
  uint64_t records = 0, bytes = 0;  // operations that were read
  uint64_t lost_regions = 0, lost_bytes = 0;
  uint64_t lost_operations = 0;      // numbers missing in logs where they have damage
  uint64_t lost_keys = 0;            // newest records of their file, known by hints, that are lost
  uint64_t tombstones_restored = 0;  // lost in the data, and made again from hints
  uint64_t hints_rebuilt = 0;
  uint64_t last_seq = 0;
  std::string quarantine;  // the directory; "" if there is none
  std::string first_problem;
  std::vector<std::string> lines;  // for people
};

enum class Originals : uint8_t {
  quarantined,
  untouched,  // the file system is an overlay
};

class Repair {
 public:
  Repair(std::shared_ptr<Env> env, uint64_t lock_inode, Originals originals)
      : env_(std::move(env)), lock_inode_(lock_inode), originals_(originals), survey_(env_) {}

  Status run(RepairReport* report);

 private:
  // A file of the store to be.
  struct Made {
    FileHeader header;
    ManifestFile entry;
  };

  Status repair();
  Status make_files();
  Status keep_file(RepairFile& file);
  Status rewrite_file(RepairFile& file);
  Status settle_hints();
  Status settle_hint(const RepairFile& file);
  Status settle_order();
  Status switch_manifest();
  void clean_up(const Manifest& now);
  FileHeader new_header(Origin origin);
  void say(const std::string& line);
  void tell_counts();
  // repair_lost.cc: what hints know of records that are lost.
  struct Tombstone {
    Kind kind;
    std::string from, to;
    uint64_t seq, offset;
  };
  // *out: in order of offset.
  Status find_lost(const RepairFile& file, std::vector<Tombstone>* out);
  void note_lost(const RepairFile& file);
  void tell_doubts();
  // repair_quarantine.cc
  Status open_quarantine();
  Status quarantine(const std::string& name);
  Status quarantine_files();
  Status write_report();

  const std::shared_ptr<Env> env_;
  const uint64_t lock_inode_;
  const Originals originals_;
  RepairSurvey survey_;
  Manifest next_;
  std::vector<Made> made_;
  std::map<std::string, bool> quarantined_;
  RepairReport report_;
};

// Locks the directory and repairs what is in it; with options.read_only it only tells what it would
// do. busy, no_store, unsupported, no_space, io.
Status repair_store(Fs& fs, const Clock& clock, const std::string& dir, const Options& options,
                    RepairReport* report);

}  // namespace stave
