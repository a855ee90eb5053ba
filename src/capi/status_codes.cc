// Names and texts of the codes, and their agreement with the engine's.

#include "base/limits.h"
#include "base/status.h"
#include "stave/stave.h"

namespace {

struct Row {
  int code;
  stave::Code internal;
  const char* name;
  const char* text;
};

constexpr Row kRows[] = {
    {STAVE_OK, stave::Code::ok, "STAVE_OK", "ok"},
    {STAVE_NOT_FOUND, stave::Code::not_found, "STAVE_NOT_FOUND", "not found"},
    {STAVE_DONE, stave::Code::done, "STAVE_DONE", "no further entry"},
    {STAVE_CONFLICT, stave::Code::conflict, "STAVE_CONFLICT",
     "the condition does not hold; nothing was written"},
    {STAVE_INVALID_ARGUMENT, stave::Code::invalid_argument, "STAVE_INVALID_ARGUMENT",
     "invalid argument"},
    {STAVE_NULL_ARGUMENT, stave::Code::null_argument, "STAVE_NULL_ARGUMENT",
     "a required pointer is NULL"},
    {STAVE_EMPTY_KEY, stave::Code::empty_key, "STAVE_EMPTY_KEY", "the key is empty"},
    {STAVE_KEY_TOO_LARGE, stave::Code::key_too_large, "STAVE_KEY_TOO_LARGE",
     "the key is too large"},
    {STAVE_VALUE_TOO_LARGE, stave::Code::value_too_large, "STAVE_VALUE_TOO_LARGE",
     "the value is too large"},
    {STAVE_BATCH_TOO_LARGE, stave::Code::batch_too_large, "STAVE_BATCH_TOO_LARGE",
     "the batch is too large"},
    {STAVE_UNKNOWN_OPTION, stave::Code::unknown_option, "STAVE_UNKNOWN_OPTION", "unknown option"},
    {STAVE_BAD_OPTION, stave::Code::bad_option, "STAVE_BAD_OPTION", "bad option value"},
    {STAVE_NOT_A_NUMBER, stave::Code::not_a_number, "STAVE_NOT_A_NUMBER",
     "the value is not a number"},
    {STAVE_OVERFLOW, stave::Code::overflow, "STAVE_OVERFLOW", "the sum does not fit into 64 bits"},
    {STAVE_BUSY, stave::Code::busy, "STAVE_BUSY", "the store is open for writing elsewhere"},
    {STAVE_FORKED, stave::Code::forked, "STAVE_FORKED",
     "the handle belongs to the parent process; open the store anew in the child"},
    {STAVE_CLOSED, stave::Code::closed, "STAVE_CLOSED", "the store was closed"},
    {STAVE_READ_ONLY, stave::Code::read_only, "STAVE_READ_ONLY", "the store is read-only"},
    {STAVE_IN_USE, stave::Code::in_use, "STAVE_IN_USE",
     "the handle is being used by another thread"},
    {STAVE_POISONED, stave::Code::poisoned, "STAVE_POISONED",
     "an earlier sync or write failed; reopen the store to write"},
    {STAVE_CANCELLED, stave::Code::cancelled, "STAVE_CANCELLED",
     "cancelled, because the store is being closed"},
    {STAVE_FEED_GONE, stave::Code::feed_gone, "STAVE_FEED_GONE",
     "the operations asked for are no longer in the files"},
    {STAVE_IO, stave::Code::io, "STAVE_IO", "I/O error"},
    {STAVE_NO_SPACE, stave::Code::no_space, "STAVE_NO_SPACE", "no space left on the device"},
    {STAVE_NO_STORE, stave::Code::no_store, "STAVE_NO_STORE", "there is no store"},
    {STAVE_EXISTS, stave::Code::exists, "STAVE_EXISTS", "the store exists already"},
    {STAVE_NO_MEMORY, stave::Code::no_memory, "STAVE_NO_MEMORY", "out of memory"},
    {STAVE_PERMISSION, stave::Code::permission, "STAVE_PERMISSION", "permission denied"},
    {STAVE_TOO_MANY_FILES, stave::Code::too_many_files, "STAVE_TOO_MANY_FILES",
     "too many open files"},
    {STAVE_NETWORK_FS, stave::Code::network_fs, "STAVE_NETWORK_FS",
     "the directory is on a network file system"},
    {STAVE_STORE_FULL, stave::Code::store_full, "STAVE_STORE_FULL",
     "a limit of the store is reached"},
    {STAVE_CORRUPT, stave::Code::corrupt, "STAVE_CORRUPT", "stored bytes are damaged"},
    {STAVE_UNSUPPORTED, stave::Code::unsupported, "STAVE_UNSUPPORTED",
     "written by a newer format version"},
    {STAVE_INTERNAL, stave::Code::internal, "STAVE_INTERNAL", "internal error (a bug in stave)"},
};

constexpr bool codes_agree() {
  for (const Row& r : kRows) {
    if (r.code != static_cast<int>(r.internal)) return false;
  }
  return true;
}
static_assert(codes_agree(), "base/status.h and stave.h must pin the same values");
static_assert(STAVE_KEY_SIZE_MAX == stave::kKeySizeMax);
static_assert(STAVE_VALUE_SIZE_MAX == stave::kValueSizeMax);
static_assert(STAVE_BATCH_SIZE_MAX == stave::kBatchSizeMax);

const Row* find(int code) {
  for (const Row& r : kRows) {
    if (r.code == code) return &r;
  }
  return nullptr;
}

#define STAVE_TEXT_(x) #x
#define STAVE_TEXT(x) STAVE_TEXT_(x)

}  // namespace

const char* stave_status_text(int code) {
  const Row* row = find(code);
  return row != nullptr ? row->text : "unknown status code";
}

const char* stave_status_name(int code) {
  const Row* row = find(code);
  return row != nullptr ? row->name : "STAVE_UNKNOWN_STATUS";
}

const char* stave_version(void) {
  return STAVE_TEXT(STAVE_VERSION_MAJOR) "." STAVE_TEXT(STAVE_VERSION_MINOR) "." STAVE_TEXT(
      STAVE_VERSION_PATCH);
}

int stave_version_number(void) {
  return STAVE_VERSION_MAJOR * 1000000 + STAVE_VERSION_MINOR * 1000 + STAVE_VERSION_PATCH;
}
