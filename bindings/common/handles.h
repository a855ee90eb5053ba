/* What every language's wrapper shares: replies and guarded handles. SWIG copies this file into
 * the wrapper (`%insert(header)`), so that a generated source stands alone.
 *
 * A reply carries status, text and result out of ONE call: a goroutine may be on another thread
 * by the next one, and the library's text of an error is the thread's own.
 *
 * The library guards a store against calls after stave_close. Iterators, batches, snapshots and
 * feeds are not guarded against a destroy while another thread is inside a call, and bindings
 * cannot forbid that: a handle here counts who is inside, and the last one out destroys.
 *
 * The atomics are the compilers' own, since wrappers are C in one language and C++ in the next. */
#include <stave/stave.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct stave_reply {
  int status;
  uint32_t own;  /* 1: `data` is given back with stave_free; 0: it lies in stave_scratch */
  void* data;    /* NULL: no bytes */
  size_t length; /* of data */
  int64_t number;
  char* message; /* of errors, from malloc; else NULL */
} stave_reply;

/* One shape, and a name for each way in which a language takes it. */
typedef stave_reply reply_none;   /* the status alone */
typedef stave_reply reply_bytes;  /* bytes, or none where STAVE_NOT_FOUND */
typedef stave_reply reply_number; /* number */
typedef stave_reply reply_bool;   /* number: 0 or 1 */
typedef stave_reply reply_items;  /* bytes: a packed list of entries (packed.h) */
typedef stave_reply reply_values; /* bytes: a packed list of values */
typedef stave_reply reply_change; /* bytes: a packed change; none where STAVE_DONE */

/* Short values come back without an allocation: the wrapper copies them before it returns. */
enum { stave_scratch_size = 4096 };
static __thread char stave_scratch[stave_scratch_size];

static char* stave_copy_text(const char* text) {
  size_t size = strlen(text) + 1;
  char* copy = (char*)malloc(size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}

static stave_reply stave_answer(int status) {
  stave_reply reply;
  memset(&reply, 0, sizeof reply);
  reply.status = status;
  if (status >= 100 || status == STAVE_CONFLICT)
    reply.message = stave_copy_text(stave_last_error());
  return reply;
}

static stave_reply stave_refuse(int status, const char* text) {
  stave_reply reply = stave_answer(STAVE_OK);
  reply.status = status;
  reply.message = stave_copy_text(text);
  return reply;
}

static stave_reply stave_answer_number(int status, int64_t number) {
  stave_reply reply = stave_answer(status);
  reply.number = number;
  return reply;
}

/* Of bytes that the caller owns. */
static stave_reply stave_answer_bytes(int status, void* own, size_t length) {
  stave_reply reply = stave_answer(status);
  reply.data = own;
  reply.length = length;
  reply.own = 1;
  return reply;
}

static void stave_reply_clear(stave_reply* reply) {
  if (reply->own) stave_free(reply->data);
  free(reply->message);
  memset(reply, 0, sizeof *reply);
}

/* ------------------------------------------------------------------ guarded handles */

static const uint32_t stave_handle_closed = 0x80000000u;

typedef struct stave_handle {
  uint32_t state; /* how many calls are inside; the highest bit: closed */
  uint32_t taken; /* 1: an open was begun; a handle is opened once */
  void* raw;      /* NULL: not opened yet, or destroyed */
  void (*destroy)(void* raw);
} stave_handle;

static void stave_handle_destroy(stave_handle* handle) {
  void* raw;
  if (handle == NULL) return;
  raw = __atomic_exchange_n(&handle->raw, (void*)NULL, __ATOMIC_ACQ_REL);
  if (raw != NULL) handle->destroy(raw);
}

/* The last one out of a closed handle destroys it. */
static void stave_handle_leave(stave_handle* handle) {
  uint32_t state = __atomic_sub_fetch(&handle->state, 1, __ATOMIC_ACQ_REL);
  if (state == stave_handle_closed) stave_handle_destroy(handle);
}

/* STAVE_OK: the caller is inside, and has to leave. `alone`: no other call may be inside. */
static int stave_handle_enter(stave_handle* handle, int alone) {
  uint32_t state = 0;
  if (handle == NULL) return STAVE_NULL_ARGUMENT;
  if (!alone) {
    state = __atomic_fetch_add(&handle->state, 1, __ATOMIC_ACQ_REL);
  } else if (!__atomic_compare_exchange_n(&handle->state, &state, 1, 0, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE)) {
    return (state & stave_handle_closed) != 0 ? STAVE_CLOSED : STAVE_IN_USE;
  }
  if ((state & stave_handle_closed) == 0 &&
      __atomic_load_n(&handle->raw, __ATOMIC_ACQUIRE) != NULL) {
    return STAVE_OK;
  }
  stave_handle_leave(handle);
  return STAVE_CLOSED;
}

/* Any number of times, by any thread, also while calls are inside. */
static void stave_handle_close(stave_handle* handle) {
  if (handle == NULL) return;
  if (__atomic_fetch_or(&handle->state, stave_handle_closed, __ATOMIC_ACQ_REL) == 0) {
    stave_handle_destroy(handle);
  }
}

/* For an open: STAVE_OK once. */
static int stave_handle_take(stave_handle* handle) {
  if (handle == NULL) return STAVE_NULL_ARGUMENT;
  return __atomic_exchange_n(&handle->taken, 1, __ATOMIC_ACQ_REL) == 0 ? STAVE_OK
                                                                       : STAVE_INVALID_ARGUMENT;
}

static stave_reply stave_handle_refuse(int status, const char* what) {
  char text[96];
  const char* why = status == STAVE_CLOSED          ? "is closed"
                    : status == STAVE_IN_USE        ? "is being used by another thread"
                    : status == STAVE_NULL_ARGUMENT ? "is NULL"
                                                    : "was opened before";
  strcpy(text, "the ");
  strcat(strcat(strcat(text, what), " "), why);
  return stave_refuse(status, text);
}
