// What the driver, the writer and the reader of a crash test know of each other: a piece of
// shared memory that outlives any of them being killed.
//
// A writer's thread says which operation it is about to make before it calls the library, and
// that it was acknowledged after. The operations themselves follow from the seed (workload.h).
#pragma once

#include <atomic>
#include <cstdint>

namespace crash {

inline constexpr uint32_t kKeys = 3000;
inline constexpr uint32_t kThreadsMax = 3;
inline constexpr uint32_t kOpsMax = 1U << 15;  // of a thread in a round

enum Phase : int { kStarted, kOpening, kRunning, kClosing, kClosed };
enum Stop : int { kGoOn, kClose, kRelease };

struct ThreadLog {
  std::atomic<uint32_t> started;      // operations begun
  std::atomic<uint32_t> acked;        // operations that returned
  std::atomic<bool> missed[kOpsMax];  // the delete answered STAVE_NOT_FOUND
};

// Written by the key's writer, read by the reader process. Versions rise for ever.
struct KeyLog {
  std::atomic<uint64_t> acked;           // newest acknowledged version * 2 + (1 if a delete)
  std::atomic<uint64_t> put_started;     // newest version whose put was begun
  std::atomic<uint64_t> delete_started;  // newest version whose delete was begun
};

struct Complaint {
  std::atomic<int> made;
  char text[1000];
  void make(const char* format, ...) __attribute__((format(printf, 2, 3)));
};

struct SharedState {
  std::atomic<int> phase;
  std::atomic<int> stop;
  ThreadLog threads[kThreadsMax];
  KeyLog keys[kKeys];
  std::atomic<int> reader_stop;
  std::atomic<uint64_t> reader_rounds;
  Complaint writer;
  Complaint reader;

  void start_round();  // forgets phase, stop and the threads' logs
  void start_store();  // forgets the keys
};

// A mapping of new memory, whose descriptor a process run by this one inherits; or of it.
SharedState* create_shared(int* fd);
SharedState* attach_shared(int fd);

}  // namespace crash
