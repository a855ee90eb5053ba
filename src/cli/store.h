// The open store of a verb, and owners for the library's handles.
//
// A Store is closed by close(), which reports what goes wrong; the destructor closes silently and
// serves the paths on which something already went wrong. In a session (`stave repl`) the store is
// lent: then a Store neither opens nor closes.
#pragma once

#include <stave/stave.h>

#include <memory>
#include <string_view>

#include "cli/context.h"

namespace stave::cli {

template <auto kDestroy>
struct Destroy {
  template <typename T>
  void operator()(T* handle) const {
    kDestroy(handle);
  }
};

using OptionsHandle = std::unique_ptr<stave_options, Destroy<stave_options_destroy>>;
using BatchHandle = std::unique_ptr<stave_batch, Destroy<stave_batch_destroy>>;
using IterHandle = std::unique_ptr<stave_iter, Destroy<stave_iter_destroy>>;
using FeedHandle = std::unique_ptr<stave_feed, Destroy<stave_feed_destroy>>;
using FilesHandle = std::unique_ptr<stave_files, Destroy<stave_files_destroy>>;
using Allocated = std::unique_ptr<void, Destroy<stave_free>>;

enum class Access {
  read,    // read-only: works beside a running writer
  write,   // an existing store
  create,  // made if missing
};

struct OpenStore {
  std::unique_ptr<stave_db, Destroy<stave_release>> db;
  bool read_only = false;
  uint64_t dropped = 0;          // log events that were told to be lost
  stave_batch* batch = nullptr;  // in a session: put and delete collect here
};

// The options of the command line, and what the access wants of them. Throws Failure.
OptionsHandle make_options(const Context& context, Access access);

class Store {
 public:
  // Throws Failure. Shows the warnings of the open (recovery cut something away, ...). A lent store
  // is refused for writing if it was opened read-only, or while a batch is open.
  Store(const Context& context, Access access);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  stave_db* get() const { return open_.db.get(); }
  OpenStore& open() { return open_; }
  void close();
  stave_stats stats() const;

  // Prints the store's queued log events: warnings and errors, all with --verbose. One thread at
  // a time.
  void report_events();

 private:
  const Context& context_;
  OpenStore own_;
  OpenStore& open_;  // own_, or what is lent
};

inline std::string_view view(const void* bytes, size_t length) {
  return {static_cast<const char*>(bytes), length};
}

}  // namespace stave::cli
