/* stave - an embedded key-value store in the Bitcask family.
 *
 * This header is the whole public interface. It compiles as C99 and as C++.
 *
 * Conventions, valid for every function unless its own comment says otherwise:
 *
 *  Return value  STAVE_OK (0) or another STAVE_* code. STAVE_NOT_FOUND is an answer, not
 *                an error. The numeric values never change between releases.
 *  Errors        stave_last_error() holds the text of the calling thread's last failed
 *                call: what went wrong, where, and what to do about it.
 *  Out-params    are set on every return. On failure pointers become NULL and numbers 0.
 *  Bytes         are a pointer and a size_t. Any byte may occur in keys and values.
 *                (NULL, 0) is the valid empty value. NULL with a length other than 0 is
 *                STAVE_NULL_ARGUMENT.
 *  Ownership     inputs are borrowed for the call. Outputs named `own` or returned by a
 *                *_create/_open/_get call belong to the caller and are given back with the
 *                function that their comment names. Getters on handles lend memory.
 *  Threads       a stave_db or stave_snapshot may be used by any number of threads at once.
 *                Options, batches, iterators, pins and file lists belong to one thread at a
 *                time: concurrent use of a batch or iterator is answered with STAVE_IN_USE by
 *                the calls that return a code. Those that do not (stave_iter_key,
 *                stave_batch_count, every *_destroy) cannot tell, and are not guarded.
 *  Fork          a store, snapshot, iterator or pin does not survive fork(): in the child every
 *                call on it returns STAVE_FORKED (release and destroy do nothing) and touches
 *                nothing of the parent's store. Options, batches and file lists are plain
 *                memory, and usable there. A child may open stores of its own, unless another
 *                thread of the parent was inside stave_open, stave_close or stave_release at the
 *                fork: then a lock that nobody will let go of may have been copied; exec instead.
 *  Strings       file names and messages are NUL-terminated UTF-8 (paths: bytes as given).
 *  Numbers       every operation has one, seq or version, which rises with each. They have gaps:
 *                the first after an unclean end is greater by 2^32.
 *
 * All functions are available since 0.1.0 unless they say otherwise.
 */
#ifndef STAVE_STAVE_H
#define STAVE_STAVE_H

#include <stddef.h>
#include <stdint.h>

#define STAVE_VERSION_MAJOR 0
#define STAVE_VERSION_MINOR 1
#define STAVE_VERSION_PATCH 0

#if defined(__GNUC__)
#define STAVE_API __attribute__((visibility("default")))
#else
#define STAVE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ status codes */

/* Pinned values. code / 100 is the category: 0 answers, 1 the caller's arguments, 2 the
 * state of the store or handle, 3 the machine around it, 4 the stored bytes, 5 a bug. */
enum stave_status {
  STAVE_OK = 0,
  STAVE_NOT_FOUND = 1, /* no such key (or nothing further to report) */
  STAVE_DONE = 2,      /* the iterator has no further entry */
  STAVE_CONFLICT = 3,  /* the condition does not hold; nothing was written */

  STAVE_INVALID_ARGUMENT = 100, /* an argument is out of range */
  STAVE_NULL_ARGUMENT = 101,    /* a required pointer is NULL */
  STAVE_EMPTY_KEY = 102,        /* keys have at least one byte */
  STAVE_KEY_TOO_LARGE = 103,    /* longer than STAVE_KEY_SIZE_MAX */
  STAVE_VALUE_TOO_LARGE = 104,  /* longer than STAVE_VALUE_SIZE_MAX */
  STAVE_BATCH_TOO_LARGE = 105,  /* its records exceed STAVE_BATCH_SIZE_MAX bytes */
  STAVE_UNKNOWN_OPTION = 106,   /* no option of that name */
  STAVE_BAD_OPTION = 107,       /* the option's value does not parse or is out of bounds */
  STAVE_NOT_A_NUMBER = 108,     /* the value to be incremented is no number */
  STAVE_OVERFLOW = 109,         /* the sum does not fit into 64 bits */

  STAVE_BUSY = 200,      /* another handle, in this or another process, has it open for writing */
  STAVE_FORKED = 201,    /* the handle was opened before fork() and belongs to the parent */
  STAVE_CLOSED = 202,    /* the store was closed */
  STAVE_READ_ONLY = 203, /* a write on a store that was opened with read_only */
  STAVE_IN_USE = 204,    /* the handle is being used by another thread */
  STAVE_POISONED = 205,  /* an earlier sync or write-back failed: reopen the store to write */
  STAVE_CANCELLED = 206, /* the store was closed while the call was at work */
  STAVE_FEED_GONE = 207, /* a feed's operations are no longer all in the files */

  STAVE_IO = 300,             /* the operating system reported an I/O error */
  STAVE_NO_SPACE = 301,       /* the file system (or quota) is full; nothing was written */
  STAVE_NO_STORE = 302,       /* the directory is missing or holds no store */
  STAVE_EXISTS = 303,         /* error_if_exists and there is a store */
  STAVE_NO_MEMORY = 304,      /* an allocation or mapping failed */
  STAVE_PERMISSION = 305,     /* the operating system refused access */
  STAVE_TOO_MANY_FILES = 306, /* the process's limit of open files is reached */
  STAVE_NETWORK_FS = 307,     /* the directory is on a network file system; see network_fs */
  STAVE_STORE_FULL = 308,     /* a limit of the store itself (16 TiB, key count) is reached */

  STAVE_CORRUPT = 400,     /* bytes on disk fail their check; the text names file and offset */
  STAVE_UNSUPPORTED = 401, /* written by a newer format version */

  STAVE_INTERNAL = 500 /* a bug in stave: please report it with the text */
};

/* A short constant description of a code ("not found"). Never NULL; unknown codes are said
 * to be unknown. Any thread. */
STAVE_API const char* stave_status_text(int code);

/* The constant's own name ("STAVE_NOT_FOUND"). Never NULL. Any thread. */
STAVE_API const char* stave_status_name(int code);

/* Text of the last call on this thread that did not return STAVE_OK ("" if there was none).
 * Thread-local storage of the library: valid until this thread's next stave call. */
STAVE_API const char* stave_last_error(void);

/* "0.1.0", and major * 1000000 + minor * 1000 + patch of the library at run time. */
STAVE_API const char* stave_version(void);
STAVE_API int stave_version_number(void);

/* Handles of all kinds now alive in this process: tests use it to show that nothing leaks. */
STAVE_API size_t stave_live_handles(void);

/* Gives back memory that a call marked "give back with stave_free". NULL is allowed. */
STAVE_API void stave_free(void* memory);

/* ------------------------------------------------------------------ limits */

#define STAVE_KEY_SIZE_MAX 65535u
/* 4 GiB - 128 KiB - 1. A record longer than max_file_size gets a data file of its own. */
#define STAVE_VALUE_SIZE_MAX 4294836223u
/* The records of one batch, each with 20 bytes of header and padded to 8. */
#define STAVE_BATCH_SIZE_MAX 4294836224u

/* ------------------------------------------------------------------ options */

typedef struct stave_options stave_options;

/* New options with every default. Give back with stave_options_destroy. */
STAVE_API int stave_options_create(stave_options** out);
STAVE_API void stave_options_destroy(stave_options* options);

/* Sets one option by name. `value` is text: "true"/"false" for switches, a number with an
 * optional unit for sizes ("256MiB", "1GB", "4096") and times ("500ms", "2s", "1h").
 * Errors: STAVE_UNKNOWN_OPTION (the text suggests near names), STAVE_BAD_OPTION. */
STAVE_API int stave_options_set(stave_options* options, const char* name, const char* value);

/* The option's present value as canonical text, NUL-terminated, in the caller's buffer.
 * `*length` receives the full length without the NUL; if cap <= *length the text is cut. */
STAVE_API int stave_options_get(const stave_options* options, const char* name, char* buffer,
                                size_t cap, size_t* length);

/* One row of the option table, which is the only list of options there is. All strings are
 * constants of the library. `size` must be sizeof(stave_option_info) on entry. */
typedef struct stave_option_info {
  uint32_t size;
  const char* name;          /* "merge.triggers.dead_bytes" */
  const char* type;          /* "bool", "int", "percent", "size", "duration", "choice" */
  const char* default_value; /* canonical text */
  const char* minimum;       /* "" where there is no bound */
  const char* maximum;
  const char* choices; /* "mapped|positional" for choices, else "" */
  const char* description;
  const char* since; /* version that introduced it */
} stave_option_info;

STAVE_API size_t stave_option_count(void);
/* Errors: STAVE_INVALID_ARGUMENT if index >= stave_option_count(). */
STAVE_API int stave_option_at(size_t index, stave_option_info* info);

/* ------------------------------------------------------------------ log events */

enum stave_log_level {
  STAVE_LOG_DEBUG = 0,
  STAVE_LOG_INFO = 1,
  STAVE_LOG_WARN = 2,
  STAVE_LOG_ERROR = 3
};

typedef struct stave_log_event {
  uint32_t size;     /* sizeof(stave_log_event) on entry */
  int32_t level;     /* enum stave_log_level */
  uint64_t time_ms;  /* Unix time */
  uint64_t dropped;  /* events lost so far because the queue (256 entries) was full */
  char message[512]; /* NUL-terminated, cut to fit */
} stave_log_event;

/* Called on the thread where the event happens, maybe a background thread, maybe with a
 * lock of the store held: it must not call back into any store. */
typedef void (*stave_log_callback)(void* user, int level, const char* message);
STAVE_API int stave_options_set_log_callback(stave_options* options, stave_log_callback callback,
                                             void* user);

/* ------------------------------------------------------------------ open and close */

typedef struct stave_db stave_db;

/* Opens the store in directory `dir`, creating it when create_if_missing is set (default) and
 * read_only is not; its parent directory must exist. `options` may be NULL for all defaults and is
 * copied.
 * Close with stave_close, then give back with stave_release.
 * Errors: STAVE_BUSY, STAVE_NO_STORE, STAVE_EXISTS, STAVE_CORRUPT, STAVE_UNSUPPORTED,
 * STAVE_NETWORK_FS, STAVE_IO (also where `dir` is no directory), STAVE_NO_SPACE,
 * STAVE_PERMISSION, STAVE_TOO_MANY_FILES. */
STAVE_API int stave_open(const char* dir, const stave_options* options, stave_db** out);

/* Waits for calls in flight, makes everything durable (a clean close always syncs, whatever
 * `sync` says), writes the keydir checkpoint and frees all but the handle itself. Later calls on
 * the handle return STAVE_CLOSED; a second close returns the first one's result. stave_close(NULL)
 * is STAVE_OK. Iterators and pins of the store must still be destroyed; they keep what they need.
 */
STAVE_API int stave_close(stave_db* db);

/* Gives the handle back. A store that was not closed is closed first, without the checkpoint.
 * No call may be in flight or come later. NULL is allowed. */
STAVE_API void stave_release(stave_db* db);

/* ------------------------------------------------------------------ write */

/* Flags of all writing calls. Without a flag the store's `sync` option decides. A call that finds
 * nothing to write (an empty batch or range, or one that answers STAVE_NOT_FOUND or
 * STAVE_CONFLICT) makes durable what it found so. */
#define STAVE_WRITE_SYNC 1u    /* durable (survives a power cut) before the call returns */
#define STAVE_WRITE_NO_SYNC 2u /* do not wait for the disk, whatever `sync` says */

/* Stores `value` under `key`, replacing what was there. Survives kill -9 of the process when
 * it returns; survives a power cut after the next sync.
 * key: 1..STAVE_KEY_SIZE_MAX bytes. value: 0 bytes or more.
 * Errors: STAVE_EMPTY_KEY, STAVE_KEY_TOO_LARGE, STAVE_VALUE_TOO_LARGE, STAVE_READ_ONLY,
 * STAVE_NO_SPACE (nothing written), STAVE_IO, STAVE_POISONED, STAVE_STORE_FULL,
 * STAVE_NO_MEMORY, STAVE_CLOSED, STAVE_CANCELLED (closed while the call waited for the next
 * data file; nothing written). */
STAVE_API int stave_put(stave_db* db, const void* key, size_t key_length, const void* value,
                        size_t value_length, uint32_t flags);

/* Bytes of a caller, for calls that take many: lent for the call. */
typedef struct stave_slice {
  const void* data;
  size_t length;
} stave_slice;

/* Stores values[i] under keys[i] for i = 0, 1, ..., n - 1, in this order, as n calls of stave_put
 * would: the last value of a key given twice stays. Faster than those calls, since the waits for
 * memory overlap, locks are taken once for some tens of entries, and one flush makes all durable.
 * NOT atomic: other threads may see the first entries before the last, and write between them,
 * and after a crash any first part may be there. All or nothing is stave_write.
 * Every key and value is checked before the first is stored. A later error (the disk is full)
 * ends the call: *stored (may be NULL) says how many entries, from the first on, are in the store;
 * they are as durable as `flags` asks for. If the flush itself fails they are in the store, but
 * perhaps not durable. n: any; 0 stores nothing, and keys and values may be NULL then.
 * Errors: as stave_put; the text of a bad argument says which ("key 17 of 128: ..."). */
STAVE_API int stave_put_many(stave_db* db, const stave_slice* keys, const stave_slice* values,
                             size_t n, uint32_t flags, size_t* stored);

/* Removes `key`. STAVE_NOT_FOUND if it was not there (nothing is written then). An expired entry
 * is not there, but a tombstone is written, so that it stays away whatever becomes of the clock;
 * that can fail as stave_put. Other errors: as stave_put. */
STAVE_API int stave_delete(stave_db* db, const void* key, size_t key_length, uint32_t flags);

/* Makes every write that returned before this call durable. Shared between callers: one
 * flush serves all who wait. On failure the store is poisoned and refuses further writes. */
STAVE_API int stave_sync(stave_db* db);

/* A batch collects operations in memory; stave_write applies all of them or none, also
 * across crashes and for other readers of the log. Later operations on a key win. */
typedef struct stave_batch stave_batch;
STAVE_API int stave_batch_create(stave_batch** out);
STAVE_API void stave_batch_destroy(stave_batch* batch);
STAVE_API int stave_batch_put(stave_batch* batch, const void* key, size_t key_length,
                              const void* value, size_t value_length);
/* Deleting a key that is not there is no error inside a batch. */
STAVE_API int stave_batch_delete(stave_batch* batch, const void* key, size_t key_length);
STAVE_API int stave_batch_clear(stave_batch* batch);
/* Operations now in the batch, conditions not among them; 0 for NULL. */
STAVE_API size_t stave_batch_count(const stave_batch* batch);
/* Applies the batch; it is unchanged and may be written again. An empty batch is STAVE_OK.
 * Errors: as stave_put, STAVE_BATCH_TOO_LARGE, and STAVE_CONFLICT (stave_batch_require_*). */
STAVE_API int stave_write(stave_db* db, stave_batch* batch, uint32_t flags);

/* ------------------------------------------------------------------ read */

/* Allocated copy: *own (never NULL on STAVE_OK, even for the empty value) is given back with
 * stave_free. Errors: STAVE_NOT_FOUND, STAVE_CORRUPT, STAVE_IO, STAVE_CLOSED. */
STAVE_API int stave_get(stave_db* db, const void* key, size_t key_length, void** own,
                        size_t* value_length);

/* Copy into the caller's buffer, or, when it does not fit, into an allocated spill, with one
 * look-up. On STAVE_OK *value_length is the value's length; *spill is NULL if the value lies
 * in `buffer`, else it holds the whole value and is given back with stave_free. */
STAVE_API int stave_get_into(stave_db* db, const void* key, size_t key_length, void* buffer,
                             size_t cap, size_t* value_length, void** spill);

/* What stave_multi_get found for one key. */
typedef struct stave_value {
  const void* data; /* not NULL exactly if code is STAVE_OK, even for the empty value */
  size_t length;
  int code; /* STAVE_OK, STAVE_NOT_FOUND or an error, of this key alone */
} stave_value;

/* Looks n keys up in one call: values[i], of which the caller has n, is set for keys[i]. Faster
 * than n calls of stave_get_into from a few keys on, since the waits for memory overlap; in full
 * from 16 on. Each key is read on its own: what other threads put or delete meanwhile may
 * be seen for one key and not for another. A key given twice is answered twice.
 *
 * The values are copied one after the other, unaligned, into `buffer`; from the first on that
 * does not fit, they and all later ones go into one allocated *spill, which is given back with
 * stave_free when none of them is needed any more. With a large enough buffer nothing is
 * allocated and *spill is NULL; (NULL, 0) as buffer puts all values into the spill. `spill`
 * itself is never NULL, whatever the buffer's size: STAVE_NULL_ARGUMENT.
 *
 * Returns STAVE_OK if every key was answered, by STAVE_OK or STAVE_NOT_FOUND in its code. If a
 * key's record is damaged or cannot be read (STAVE_CORRUPT, STAVE_IO), that code is returned, of
 * the first such key, and the text names it ("key 17 of 128: ..."); all other keys are answered
 * all the same, and *spill is to be given back as ever. Every other error (a bad argument,
 * STAVE_CLOSED, STAVE_FORKED, STAVE_NO_MEMORY) is of the call as a whole: each of the n codes is
 * that code, every data NULL, and *spill NULL. Keys are checked before the first is looked up.
 * n: any; 0 is STAVE_OK on an open store, and keys and values may be NULL then. */
STAVE_API int stave_multi_get(stave_db* db, const stave_slice* keys, size_t n, void* buffer,
                              size_t cap, stave_value* values, void** spill);

/* View without a copy. The pin holds the value (and its data file's disk space) until
 * stave_pin_destroy, also past stave_close. Reading through the view of a store with
 * io=mapped may raise SIGBUS if the device fails. */
typedef struct stave_pin stave_pin;
STAVE_API int stave_get_pinned(stave_db* db, const void* key, size_t key_length, stave_pin** pin);
STAVE_API const void* stave_pin_data(const stave_pin* pin);
STAVE_API size_t stave_pin_length(const stave_pin* pin);
STAVE_API void stave_pin_destroy(stave_pin* pin);

/* *exists becomes 1 or 0. Returns STAVE_OK in both cases. */
STAVE_API int stave_exists(stave_db* db, const void* key, size_t key_length, int* exists);

/* ------------------------------------------------------------------ entries, expiry */

/* An entry may expire: from that time on it is not there, for any call, as if deleted. Times are
 * Unix time in milliseconds, by the wall clock of the machine, which the store keeps from going
 * back: see docs/durability.md, "Expiry and the clock". Expired entries keep their disk space and
 * their slot in memory, and are counted in stave_stats.keys, until a merge takes them away.
 * stave_put, stave_put_many, stave_batch_put and whatever else writes a value without saying when
 * it expires follow the option expiry.default_ttl (0, the default: never). */

typedef struct stave_entry {
  uint32_t size; /* sizeof(stave_entry) on entry */
  uint32_t reserved;
  uint64_t version;       /* sequence number of its write: higher with every change */
  uint64_t expires_at_ms; /* 0: never */
  uint64_t value_length;
} stave_entry;

/* The entry and, where `own` is not NULL, an allocated copy of its value, as stave_get does;
 * value_length may be NULL where own is. Errors: as stave_get. */
STAVE_API int stave_get_entry(stave_db* db, const void* key, size_t key_length, stave_entry* entry,
                              void** own, size_t* value_length);

/* As stave_put, and the entry expires at that time; 0: never, also where the store has a default.
 * A time that has passed hides the entry at once. */
STAVE_API int stave_put_until(stave_db* db, const void* key, size_t key_length, const void* value,
                              size_t value_length, uint64_t expires_at_ms, uint32_t flags);
/* As stave_put, and the entry expires ttl_ms from now. STAVE_INVALID_ARGUMENT if ttl_ms is 0. */
STAVE_API int stave_put_ttl(stave_db* db, const void* key, size_t key_length, const void* value,
                            size_t value_length, uint64_t ttl_ms, uint32_t flags);
/* How long the entry will still be there: 1 or more, -1 if it never expires.
 * Errors: as stave_get. */
STAVE_API int stave_ttl(stave_db* db, const void* key, size_t key_length, int64_t* ttl_ms);
/* The value stays, and expires ttl_ms (1 or more) from now. The whole record is written anew.
 * STAVE_NOT_FOUND, STAVE_CORRUPT; others as stave_put. */
STAVE_API int stave_touch(stave_db* db, const void* key, size_t key_length, uint64_t ttl_ms,
                          uint32_t flags);
/* The value stays, and never expires. Writes nothing if it would not anyway. Errors: as
 * stave_touch. */
STAVE_API int stave_persist(stave_db* db, const void* key, size_t key_length, uint32_t flags);
/* stave_put_until in a batch. */
STAVE_API int stave_batch_put_until(stave_batch* batch, const void* key, size_t key_length,
                                    const void* value, size_t value_length, uint64_t expires_at_ms);

/* ------------------------------------------------------------------ conditional writes */

/* These read, decide and write in one step: no other write comes between, from any thread. Where
 * the condition does not hold, nothing is written: STAVE_CONFLICT if the entry is another one,
 * STAVE_NOT_FOUND if it would have to be there and is not. A damaged record is STAVE_CORRUPT, and
 * nothing is written. Other errors: as stave_put. The flags are those of stave_put. */

/* STAVE_CONFLICT if the key is there. (With an expiry of its own: stave_batch_put_until in a batch
 * that has stave_batch_require_absent.) */
STAVE_API int stave_put_if_absent(stave_db* db, const void* key, size_t key_length,
                                  const void* value, size_t value_length, uint32_t flags);
/* Replaces the value if it is `expected`, byte for byte. */
STAVE_API int stave_compare_and_set(stave_db* db, const void* key, size_t key_length,
                                    const void* expected, size_t expected_length, const void* value,
                                    size_t value_length, uint32_t flags);
/* Replaces the value if the entry's version (stave_get_entry) is that one; 0: if the key is not
 * there. *new_version (may be NULL): of what was put. */
STAVE_API int stave_put_if_version(stave_db* db, const void* key, size_t key_length,
                                   uint64_t version, const void* value, size_t value_length,
                                   uint32_t flags, uint64_t* new_version);
/* As above, and deletes. */
STAVE_API int stave_delete_if_value(stave_db* db, const void* key, size_t key_length,
                                    const void* expected, size_t expected_length, uint32_t flags);
STAVE_API int stave_delete_if_version(stave_db* db, const void* key, size_t key_length,
                                      uint64_t version, uint32_t flags);
/* Puts, and gives back what was there: *own_old is NULL if nothing was, else give it back with
 * stave_free. */
STAVE_API int stave_get_and_set(stave_db* db, const void* key, size_t key_length, const void* value,
                                size_t value_length, uint32_t flags, void** own_old,
                                size_t* old_length);
/* Deletes, and gives back what was there. STAVE_NOT_FOUND if nothing was. */
STAVE_API int stave_get_and_delete(stave_db* db, const void* key, size_t key_length, uint32_t flags,
                                   void** own_old, size_t* old_length);

/* A flag of stave_increment: the value is 8 bytes, the number in two's complement, its lowest byte
 * first. Without it the value is decimal text: digits, after a minus sign or none. */
#define STAVE_INCREMENT_BINARY 16u
/* Adds `delta` to the number that the value is; a key that is not there counts as 0. When the
 * entry expires stays as it was. *result (may be NULL): the sum.
 * STAVE_NOT_A_NUMBER, STAVE_OVERFLOW: nothing is written. */
STAVE_API int stave_increment(stave_db* db, const void* key, size_t key_length, int64_t delta,
                              uint32_t flags, int64_t* result);
/* Adds bytes to the end of the value; to a key that is not there as a put. When the entry expires
 * stays as it was. The whole value is written anew. *new_length (may be NULL): of the value now.
 * STAVE_VALUE_TOO_LARGE. */
STAVE_API int stave_append(stave_db* db, const void* key, size_t key_length, const void* suffix,
                           size_t suffix_length, uint32_t flags, size_t* new_length);

/* Conditions of a batch: stave_write looks at all of them first, at what is there before the
 * batch, in the same step in which it writes. If one does not hold, it writes nothing and returns
 * STAVE_CONFLICT; the text names the key. A batch of conditions alone only looks.
 * stave_batch_clear removes them too. version 0: the key must not be there. */
STAVE_API int stave_batch_require_absent(stave_batch* batch, const void* key, size_t key_length);
STAVE_API int stave_batch_require_present(stave_batch* batch, const void* key, size_t key_length);
STAVE_API int stave_batch_require_version(stave_batch* batch, const void* key, size_t key_length,
                                          uint64_t version);
STAVE_API int stave_batch_require_value(stave_batch* batch, const void* key, size_t key_length,
                                        const void* value, size_t value_length);

/* ------------------------------------------------------------------ iterate */

/* A held moment of the store: gets and iterators that see it, whatever is written afterwards. It
 * holds a reference to the store's files: destroy it soon, or merged files keep their disk space.
 * Any number of threads may use it at once. It outlives stave_close and stave_release.
 * Errors: STAVE_CLOSED, STAVE_NO_MEMORY. */
typedef struct stave_snapshot stave_snapshot;
STAVE_API int stave_snapshot_create(stave_db* db, stave_snapshot** out);
STAVE_API void stave_snapshot_destroy(stave_snapshot* snapshot);
/* As stave_get, of that moment. As fast for what has not changed since; else the files are
 * searched, newest first, by key range and filter. What had expired when the snapshot was made
 * is hidden, what expires later is not. */
STAVE_API int stave_snapshot_get(const stave_snapshot* snapshot, const void* key, size_t key_length,
                                 void** own, size_t* value_length);
/* The sequence number of the newest operation that it sees; 0 for NULL and in a forked child. */
STAVE_API uint64_t stave_snapshot_seq(const stave_snapshot* snapshot);

/* What an iterator walks over. All but `size` may be 0: every key, in ascending byte order. */
#define STAVE_ITER_REVERSE 1u /* descending: next goes to the next smaller key */
#define STAVE_ITER_KEYS_ONLY                                          \
  2u /* values are not read ahead; stave_iter_value reads them one by \
      * one, stave_iter_next_batch not at all */
typedef struct stave_iter_options {
  uint32_t size;  /* sizeof(stave_iter_options) */
  uint32_t flags; /* STAVE_ITER_* */
  /* Keys that are in all of: from `from` on, below `to` (empty: no end), beginning with `prefix`.
   * No key may be in all: the iterator is empty then. Whatever the direction, from <= to. */
  stave_slice from;
  stave_slice to;
  stave_slice prefix;
  uint64_t limit; /* stave_iter_next gives so many entries, counted from the start or, after a
                   * seek, with the entry sought; then STAVE_DONE. stave_iter_prev is not
                   * limited and gives one back. 0: no limit */
  const stave_snapshot* snapshot; /* what it sees; NULL: the store as it is now */
} stave_iter_options;

/* A point-in-time iterator. What other threads write after the call is not seen. It holds a
 * reference to the store's files: destroy it soon, or merged files keep their disk space. It
 * outlives stave_close. `options` may be NULL for all defaults, and is copied; the snapshot may be
 * destroyed before the iterator. `db` may be NULL if a snapshot is given.
 * Errors: STAVE_INVALID_ARGUMENT (flags, size, a snapshot of another store), STAVE_CLOSED,
 * STAVE_CORRUPT, STAVE_IO, STAVE_TOO_MANY_FILES. */
typedef struct stave_iter stave_iter;
STAVE_API int stave_iter_open(stave_db* db, const stave_iter_options* options, stave_iter** out);
/* The same over all keys with a prefix, ascending. */
STAVE_API int stave_iter_create(stave_db* db, const void* prefix, size_t prefix_length,
                                stave_iter** out);

/* A new iterator stands before the first entry. next moves to the next one, prev against the
 * direction; each may follow the other at any place. STAVE_DONE after the last (for prev: before
 * the first) entry: the iterator stands beyond it then, and a step back leads to it again.
 * Errors: STAVE_CORRUPT, STAVE_IO, STAVE_NO_MEMORY: never a silent end, and every later move
 * fails with the same. A damaged value does not: it is an error of stave_iter_value (or
 * stave_iter_next_batch) at its entry, and the walk goes on past it. */
STAVE_API int stave_iter_next(stave_iter* iter);
STAVE_API int stave_iter_prev(stave_iter* iter);
/* To the first entry at or after `key` in the iterator's range; with STAVE_ITER_REVERSE to the
 * last at or before it. The key need not be there, nor be in the range. STAVE_DONE if there is no
 * such entry: the iterator stands behind the last one then. Errors: as stave_iter_next. */
STAVE_API int stave_iter_seek(stave_iter* iter, const void* key, size_t key_length);
/* To the first and to the last entry in the iterator's direction; STAVE_DONE if there is none. */
STAVE_API int stave_iter_seek_first(stave_iter* iter);
STAVE_API int stave_iter_seek_last(stave_iter* iter);

/* The present entry: lent until the next call on the iterator. NULL/0 when there is none.
 * stave_iter_value reads the value from disk, checks it, and can fail like stave_get;
 * STAVE_INVALID_ARGUMENT where there is no entry (before the first stave_iter_next, and after
 * STAVE_DONE). */
STAVE_API const void* stave_iter_key(const stave_iter* iter, size_t* length);
STAVE_API int stave_iter_value(stave_iter* iter, const void** value, size_t* length);
/* Sequence number of the present entry's put, and the Unix time in milliseconds at which it expires
 * (0: never). 0 where there is no entry. */
STAVE_API uint64_t stave_iter_version(const stave_iter* iter);
STAVE_API uint64_t stave_iter_expires_at(const stave_iter* iter);

/* An entry of stave_iter_next_batch. */
typedef struct stave_item {
  const void* key;
  size_t key_length;
  const void* value; /* never NULL; empty with STAVE_ITER_KEYS_ONLY */
  size_t value_length;
  uint64_t version;
  uint64_t expires_at_ms;
} stave_item;

/* As up to n times stave_iter_next and stave_iter_value, in one call: *count entries are set, fewer
 * than n at the end, before an error, which the next call returns, and once the spill has more than
 * 1 MiB, so that large values do not come in hundreds. STAVE_DONE with *count 0 at the end. Keys
 * and values are copied one after the other, unaligned, into `buffer`; from the first entry on that
 * does not fit, they go into one allocated *spill, which is given back with stave_free. With a
 * large enough buffer nothing is allocated and *spill is NULL; (NULL, 0) as buffer puts all entries
 * into the spill. `count` and `spill` are never NULL. The iterator stands at the last entry of the
 * batch, or beyond it, as after STAVE_DONE, where the batch ended because there are no more; after
 * the error of a damaged value at the damaged one, and the next call goes on past it. */
STAVE_API int stave_iter_next_batch(stave_iter* iter, stave_item* items, size_t n, void* buffer,
                                    size_t cap, size_t* count, void** spill);
STAVE_API void stave_iter_destroy(stave_iter* iter);

/* ------------------------------------------------------------------ ranges */

/* A range is every key from `from` on and before `to`, in byte order: `from` is in it, `to` is not.
 * (NULL, 0) as `from` is the least key, as `to` no end. A bound need not be a key that is there,
 * and has at most STAVE_KEY_SIZE_MAX bytes (STAVE_KEY_TOO_LARGE). STAVE_INVALID_ARGUMENT if `to` is
 * less than `from`; where they are equal, the range is empty. */

/* Deletes every key of the range, in one step: who reads sees all of it, or nothing; after a crash
 * too. One record is written, however many keys there are, also where there are none, and
 * operations that come later are not touched. The call returns at once; the keys leave the memory
 * (stave_stats.keys) in the background, and the disk with merges. Until they have left the memory,
 * reads take some more time. With background=false they leave it within the call, and where 1,000
 * ranges wait to be done, too. An empty range is STAVE_OK, and nothing is written.
 * Errors: as stave_put; STAVE_CORRUPT if a file is damaged that those 1,000 need: nothing is
 * deleted then. */
STAVE_API int stave_delete_range(stave_db* db, const void* from, size_t from_length, const void* to,
                                 size_t to_length, uint32_t flags);
/* The same for every key that begins with the prefix. STAVE_EMPTY_KEY if it is empty. */
STAVE_API int stave_delete_prefix(stave_db* db, const void* prefix, size_t prefix_length,
                                  uint32_t flags);
/* Deletes every key, and gives back the disk space with it: all data files but a new one leave the
 * store before the call returns. What iterators, pins and feeds hold stays until they are
 * destroyed. A merge in progress ends, with STAVE_CANCELLED where stave_merge was called. In the
 * change feed it is a STAVE_CHANGE_DELETE_RANGE without bounds; operations before it are no longer
 * in the files (STAVE_FEED_GONE). Where the files cannot leave at once (the disk is full), merges
 * take them. Errors: as stave_put. */
STAVE_API int stave_clear(stave_db* db, uint32_t flags);

/* *count: the keys in the range at this moment. Walks them all, in the sorted indexes of the files:
 * takes time in proportion. Errors: STAVE_CORRUPT, STAVE_IO, STAVE_CLOSED. */
STAVE_API int stave_count_range(stave_db* db, const void* from, size_t from_length, const void* to,
                                size_t to_length, uint64_t* count);
/* About how many keys the range has, and how many bytes their records take on the disk; either may
 * be NULL. Fast, by samples of each file's index, and as if dead records were spread evenly over a
 * file: it may be off by any amount, also where the range has no key, but is near where keys and
 * deletions are not clustered, and exact where nothing was ever superseded and the range is short.
 * Errors: as stave_count_range. */
STAVE_API int stave_approximate_size(stave_db* db, const void* from, size_t from_length,
                                     const void* to, size_t to_length, uint64_t* bytes,
                                     uint64_t* keys);

/* ------------------------------------------------------------------ change feed */

/* All operations of the store in the order of their sequence numbers, for replication and for
 * caches. A feed begins after a number; it goes on for as long as the caller asks. Files hold
 * operations until a merge rewrites them: from a number that is too old no feed can be opened.
 * An open feed keeps the files that it has yet to read, and so their disk space: destroy it, or
 * keep up. A program that wants every operation keeps the last number that it dealt with, and
 * looks, before it trusts one, whether durable_seq (stave_get_stats) has reached it: operations
 * above are lost in a power cut. */
typedef struct stave_feed stave_feed;

enum stave_change_kind {
  STAVE_CHANGE_PUT = 1,
  STAVE_CHANGE_DELETE = 2,
  STAVE_CHANGE_DELETE_RANGE = 3 /* key: the first, value: the end, exclusive; empty: no end */
};

/* Key and value are lent until the next call on the feed; never NULL. */
typedef struct stave_change {
  uint32_t size; /* sizeof(stave_change) on entry */
  uint32_t kind; /* enum stave_change_kind */
  uint64_t seq;
  uint64_t expires_at_ms; /* of a put: Unix time; 0: never */
  const void* key;
  size_t key_length;
  const void* value;
  size_t value_length;
  uint32_t more; /* 1: the next change belongs to the same batch */
  uint32_t reserved;
} stave_change;

/* Opens a feed of the operations with numbers above `after_seq`: 0 for all, last_seq of
 * stave_get_stats for those to come. It may be used past stave_close and stave_release, where it
 * answers STAVE_CLOSED. Give back with stave_feed_destroy.
 * Errors: STAVE_FEED_GONE (the text says from which number on there are files),
 * STAVE_INVALID_ARGUMENT (no operation has that number yet), STAVE_CLOSED. */
STAVE_API int stave_feed_open(stave_db* db, uint64_t after_seq, stave_feed** out);

/* The next operation. timeout_ms: how long to wait for one, 0: not at all, -1: until there is
 * one. STAVE_DONE: none came; ask again later. Puts and deletes come as they were made, also
 * when they have been superseded since. On a store opened with read_only waiting refreshes it.
 * Errors: STAVE_FEED_GONE (read-only stores: a merge of the writer was faster), STAVE_CORRUPT and
 * STAVE_IO (the log cannot be read at this place; the next call tries it again), STAVE_CLOSED,
 * STAVE_IN_USE, STAVE_INVALID_ARGUMENT (timeout_ms below -1). */
STAVE_API int stave_feed_next(stave_feed* feed, int64_t timeout_ms, stave_change* change);
STAVE_API void stave_feed_destroy(stave_feed* feed);

/* ------------------------------------------------------------------ backup */

typedef struct stave_backup_report {
  uint32_t size; /* sizeof(stave_backup_report) on entry */
  uint32_t reserved;
  uint64_t files;        /* data files of the backup: linked, copied, or there already */
  uint64_t files_linked; /* hard links: no further disk space */
  uint64_t files_copied;
  uint64_t files_kept;   /* an earlier backup into this directory had them */
  uint64_t bytes;        /* of all of them */
  uint64_t bytes_copied; /* written for this backup */
  uint64_t last_seq;     /* the newest operation in it */
} stave_backup_report;

/* Never link, also on the same file system: the backup shares no block with the store then. */
#define STAVE_BACKUP_COPY 1u

/* Makes a copy of the store, as of one moment, in directory `dir`; reads and writes go on
 * meanwhile. `dir` is made (its parent must exist), or is empty, or holds an earlier backup of
 * this store, which is brought up to date: only what is new is added. Files are linked where the
 * file system can, else copied. The backup is durable when the call returns, and up to date or as
 * it was before if it fails or the machine does. It is a store: to restore it, open it or a copy
 * of it. Once it was written to it is a store of its own, and no later backup goes there.
 * A link shares its blocks with the store: a backup that is to outlive the disk goes to another
 * one. The keydir's secret is not in it. Also on a store opened with read_only, beside a writer,
 * and with salvage: the backup is a sound store of what can be read, and shares no file.
 * report: may be NULL. Errors: STAVE_EXISTS (`dir` is the store's own or holds something else),
 * STAVE_BUSY (it is open for writing), STAVE_NO_SPACE, STAVE_IO, STAVE_PERMISSION, STAVE_CANCELLED
 * (closed meanwhile), STAVE_INVALID_ARGUMENT (unknown flags; `dir` is named, in the
 * store's directory, as its files are). stave_get_progress shows how far it is. */
STAVE_API int stave_backup(stave_db* db, const char* dir, uint32_t flags,
                           stave_backup_report* report);

/* The same into a directory that must not exist (STAVE_EXISTS): for programs that want to look
 * at one moment of the store with other means. */
STAVE_API int stave_checkpoint(stave_db* db, const char* dir);

/* ------------------------------------------------------------------ merge */

/* Merges now, on the calling thread, and returns when done: rewrites every sealed file that
 * holds dead records, ignoring triggers, thresholds and window but not the rate cap, unless
 * STAVE_MERGE_UNCAPPED is given. The active file is sealed first, so that all of the store
 * takes part. Works while merging is paused, too. Waits for a background merge in progress,
 * unless that is paused: then it gives up its work and is begun again after the resume.
 * With STAVE_MERGE_SORT files without a dead record take part, too, up to 4 GiB at a time, unless
 * their keys are in order already: within each such part every key then stands in one file and
 * beside its neighbours, and short ranges and whole walks are several times as fast. It writes all
 * of the store anew, so it is for a store that is much read in key order and seldom written.
 * Errors: STAVE_CORRUPT or STAVE_IO (inputs are kept, nothing changes), STAVE_NO_SPACE,
 * STAVE_CANCELLED (closed meanwhile), STAVE_READ_ONLY. */
#define STAVE_MERGE_UNCAPPED 1u
#define STAVE_MERGE_SORT 2u
STAVE_API int stave_merge(stave_db* db, uint32_t flags);

/* Pausing holds back background merges, and a running one at its next step, until resumed;
 * stave_merge is not held back. Not counted: one resume ends any number of pauses. */
STAVE_API int stave_merge_pause(stave_db* db);
STAVE_API int stave_merge_resume(stave_db* db);

/* ------------------------------------------------------------------ read-only stores */

/* A store opened with read_only shows the writer's state as of the open; refresh moves it to
 * the present. Iterators and pins keep what they saw. On a writable store: STAVE_OK, nothing
 * to do. */
STAVE_API int stave_refresh(stave_db* db);

/* ------------------------------------------------------------------ statistics */

typedef struct stave_stats {
  uint32_t size; /* sizeof(stave_stats) on entry; a newer library fills what fits, an older
                  * one fills up with zeros. So it is with every struct that has a size. */
  uint32_t read_only;
  uint64_t keys;         /* live keys */
  uint64_t files;        /* data files, sealed or not */
  uint64_t disk_bytes;   /* data files, by length */
  uint64_t live_bytes;   /* of them, records that a get can return */
  uint64_t dead_bytes;   /* all but live records: old ones, tombstones, frames of batches */
  uint64_t last_seq;     /* sequence number of the newest operation */
  uint64_t durable_seq;  /* operations up to here survive a power cut; with read_only last_seq
                          * if the writer closed cleanly, else 0: unknown */
  uint64_t keydir_bytes; /* memory reserved and touched by the keydir's tables */
  uint64_t puts;         /* since open, as are all below */
  uint64_t gets;         /* counted approximately */
  uint64_t deletes;
  uint64_t syncs;  /* flushes of the device */
  uint64_t merges; /* finished */
  uint64_t merges_failed;
  uint64_t merge_bytes_read;
  uint64_t merge_bytes_written;
  uint64_t merge_last_ms; /* Unix time at which the last one ended; 0: none */
  uint64_t open_micros;   /* how long stave_open took */
  uint32_t merge_running;
  uint32_t merge_paused;
  uint32_t opened_clean; /* 1: the last writer closed; 0: recovery ran. With read_only 0 means
                          * that a writer is at work, or ended without closing */
  uint32_t poisoned;
  uint64_t quarantined_bytes;    /* what recovery cut away at this open */
  char merge_last_error[256];    /* "" if the last merge went well */
  uint64_t salvage_lost_regions; /* opened with salvage: damaged places, in files that are there */
  uint64_t salvage_lost_bytes;   /* of them; a dry run of stave_repair tells it all */
} stave_stats;

STAVE_API int stave_get_stats(stave_db* db, stave_stats* stats);

enum stave_file_state { STAVE_FILE_SEALED = 0, STAVE_FILE_ACTIVE = 1, STAVE_FILE_UNSEALED = 2 };

typedef struct stave_file_info {
  uint32_t size;   /* sizeof(stave_file_info) on entry */
  uint32_t state;  /* enum stave_file_state */
  uint64_t id;     /* 12 for 0000000012.log */
  uint32_t merged; /* 1: written by a merge, 0: by puts */
  uint32_t has_hint;
  uint64_t bytes;
  uint64_t live_bytes;
  uint64_t dead_bytes; /* all but live records */
  uint64_t live_records;
  uint64_t dead_records;
  uint64_t tombstones;
  uint64_t first_seq; /* 0 when empty */
  uint64_t last_seq;
  char merge_note[128]; /* why a background merge would (not) take it now; never "". With
                         * read_only: of a writer that opened the store with these options */
} stave_file_info;

/* A list of all data files in order of recency, oldest first; a copy of the present state. */
typedef struct stave_files stave_files;
STAVE_API int stave_files_create(stave_db* db, stave_files** out);
STAVE_API size_t stave_files_count(const stave_files* files);
STAVE_API int stave_files_at(const stave_files* files, size_t index, stave_file_info* info);
STAVE_API void stave_files_destroy(stave_files* files);

/* Takes the oldest queued log event; STAVE_NOT_FOUND when there is none. What closing had to
 * say can still be taken after stave_close; then STAVE_CLOSED. */
STAVE_API int stave_next_log_event(stave_db* db, stave_log_event* event);

/* Progress of the long call now at work on this store (merge, verify, backup), to be polled from
 * another thread. */
typedef struct stave_progress {
  uint32_t size;    /* sizeof(stave_progress) on entry */
  uint32_t active;  /* 0: nothing long is at work */
  const char* task; /* "merge", "verify", "backup" or "" */
  uint64_t done;    /* bytes */
  uint64_t total;
} stave_progress;
STAVE_API int stave_get_progress(stave_db* db, stave_progress* progress);

/* ------------------------------------------------------------------ verify */

typedef struct stave_verify_report {
  uint32_t size;     /* sizeof(stave_verify_report) on entry */
  uint32_t problems; /* damaged places: bad records and keys, and hints that would mislead */
  uint64_t files;
  uint64_t records;
  uint64_t bytes;
  uint64_t hints;          /* hint files compared with their data */
  uint64_t bad_records;    /* checksum or structure */
  uint64_t bad_hints;      /* missing, damaged or misleading */
  uint64_t bad_keys;       /* keydir entries that do not lead to the newest record */
  char first_problem[512]; /* file, offset and what is wrong; "" if none */
} stave_verify_report;

/* Reads every byte of every file: record checksums, order of sequence numbers, hints against
 * data, keydir against data. Changes nothing. STAVE_OK if all is well, STAVE_CORRUPT if not
 * (the report is filled in both cases); each problem is also a log event.
 * A hint that is missing or damaged is no problem, only counted in bad_hints and told as a log
 * event: hints are derived from the data, reads do without, and the next writer or merge that needs
 * one makes it again. A hint whose checksums hold, but which differs from the data, is a problem.
 * The keydir's checkpoint is derived, too; opening ignores one that does not fit, and it is not
 * looked at here. Writes, merges and
 * refreshes may go on meanwhile; what they add is not looked at. STAVE_CANCELLED: closed
 * meanwhile. With that, and other errors, the report is all zeros. */
STAVE_API int stave_verify(stave_db* db, stave_verify_report* report);

/* ------------------------------------------------------------------ repair */

typedef struct stave_repair_report {
  uint32_t size;             /* sizeof(stave_repair_report) on entry */
  uint32_t changed;          /* 1: the store was repaired (read_only: would be); 0: no need */
  uint32_t manifest_rebuilt; /* 1: MANIFEST was lost and made again from the data files */
  uint32_t reordered;        /* 1: no order of the files was right: all were merged by key */
  uint64_t files;            /* data files of the store afterwards */
  uint64_t files_kept;       /* as they were */
  uint64_t files_rewritten;  /* what could be read of them is in new files */
  uint64_t files_missing;    /* listed, but not there */
  uint64_t files_left_out;   /* nothing to be read, of another store, or not listed */
  uint64_t records;          /* operations that were read */
  uint64_t bytes;            /* of them */
  uint64_t lost_regions;     /* damaged places */
  uint64_t lost_bytes;       /* of them */
  uint64_t lost_operations;  /* missing in logs by their numbers, where they have damage */
  uint64_t lost_keys; /* keys of which a file's newest record is lost, as far as hints tell */
  uint64_t tombstones_restored; /* lost in the data, but known by a hint */
  uint64_t hints_rebuilt;       /* missing, damaged or misleading */
  uint64_t last_seq;            /* the newest operation that was kept */
  char quarantine[512];         /* the directory of what was taken out of use; "": there is none */
  char first_problem[512];      /* file, offset and what is wrong; "" if nothing is */
} stave_repair_report;

/* Makes a store openable again that stave_open refuses, and loses nothing that can be read: every
 * record of a damaged file whose checksum holds is kept; MANIFEST is made again where it is lost;
 * hints are made again. The store must not be open anywhere for writing. What is changed or taken
 * out of use stays in DIR/quarantine/repair-N/, with report.txt, which has a line for each finding
 * and each file. All of it is durable before the store changes, in one step: whenever the machine
 * stops, the store is as it was or repaired. It takes as much disk space as what it has to write
 * anew. A store that needs no repair is not touched, but for hints. docs/repair.md says more.
 *
 * Of the options network_fs and max_file_size count, and read_only: with that nothing is changed,
 * and the report says what would be (what it would write is held in memory). The log callback gets
 * the lines of the report.
 *
 * A record that cannot be read may have been the newest on its key. Then the key has its older
 * value afterwards, or one that was deleted is back; where a hint still knows such a delete it is
 * restored. The report tells what is known, and what nobody can know.
 *
 * options, report: may be NULL. Errors: STAVE_NO_STORE, STAVE_BUSY, STAVE_UNSUPPORTED,
 * STAVE_NO_SPACE, STAVE_IO, STAVE_PERMISSION, STAVE_NETWORK_FS; the store is as it was then, unless
 * the text says that MANIFEST itself could not be written to the end, and the report all zeros. */
STAVE_API int stave_repair(const char* dir, const stave_options* options,
                           stave_repair_report* report);

/* Writes the hint files of all sealed data files anew, from the data, of an open store; others may
 * use it meanwhile. A hint that was missing, or did not say what the data says, is a log event.
 * STAVE_CORRUPT: of a data file that is damaged itself; all others have their hints.
 * Other errors: STAVE_READ_ONLY, STAVE_IO, STAVE_NO_SPACE, STAVE_CANCELLED. */
STAVE_API int stave_rebuild_hints(stave_db* db);

#ifdef __cplusplus
}
#endif

#endif /* STAVE_STAVE_H */
