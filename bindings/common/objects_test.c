/* Guarded handles without a language above them, where threads are really at work at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// clang-format off
#include <cmocka.h>
/* In the order of headers.i: */
#include "handles.h"
#include "packed.h"
#include "objects.h"
// clang-format on

enum { threads = 4, rounds = 200, entries = 500 };

static char folder[] = "stave-bindings-XXXXXX";
static StaveDb* db;

static void must(stave_reply reply) {
  if (reply.status != STAVE_OK) fail_msg("%d: %s", reply.status, reply.message);
  stave_reply_clear(&reply);
}

static int open_store(void** state) {
  char pairs[entries * 12], *at = pairs;
  uint32_t i;
  (void)state;
  if (mkdtemp(folder) == NULL) return 1;
  db = (StaveDb*)stave_new(sizeof *db, stave_drop_db);
  must(stave_db_open(db, folder, "sync\0none", 10));
  for (i = 0; i < entries; i++) {
    at = stave_pack_u32(at, sizeof i);
    at = stave_pack_u32(at, 0);
    at = stave_pack_u32(at, i);
  }
  must(stave_put_many_packed(stave_db_of(db), pairs, (size_t)(at - pairs), 0));
  return 0;
}

static int close_store(void** state) {
  char command[64] = "rm -rf ";
  (void)state;
  must(stave_answer(stave_close(stave_db_of(db))));
  stave_handle_destroy((stave_handle*)db);
  free(db);
  return system(strcat(command, folder));
}

/* What the threads of a round share; `turn` numbers them. */
typedef struct round_state {
  pthread_barrier_t begin;
  StaveSnapshot* snapshot;
  StaveIter* iter;
  uint32_t turn;
  uint32_t walked;
  uint32_t wrong; /* statuses that nobody should see */
} round_state;

static void* use_all(void* given) {
  round_state* round = (round_state*)given;
  uint32_t turn = __atomic_fetch_add(&round->turn, 1, __ATOMIC_RELAXED);
  uint32_t i;
  pthread_barrier_wait(&round->begin);
  for (i = 0; i < entries; i++) {
    stave_reply found = stave_snapshot_find(round->snapshot, &i, sizeof i);
    stave_reply next = stave_iter_next_packed(round->iter, 7);
    if (found.status != STAVE_OK && found.status != STAVE_CLOSED) round->wrong = 1;
    if (next.status == STAVE_OK) {
      __atomic_fetch_add(&round->walked, (uint32_t)next.number, __ATOMIC_RELAXED);
    } else if (next.status != STAVE_DONE && next.status != STAVE_IN_USE &&
               next.status != STAVE_CLOSED) {
      round->wrong = 1;
    }
    stave_reply_clear(&found);
    stave_reply_clear(&next);
    if (turn == 0 && i == 20) {
      stave_handle_close((stave_handle*)round->snapshot);
      stave_handle_close((stave_handle*)round->iter);
    }
  }
  return NULL;
}

static void a_close_under_traffic_destroys_once_and_leaves_nothing(void** state) {
  size_t before = stave_live_handles();
  int number, i;
  (void)state;
  for (number = 0; number < rounds; number++) {
    pthread_t ids[threads];
    round_state round;
    stave_iter_options options;
    memset(&round, 0, sizeof round);
    memset(&options, 0, sizeof options);
    pthread_barrier_init(&round.begin, NULL, threads);
    round.snapshot = (StaveSnapshot*)stave_new(sizeof *round.snapshot, stave_drop_snapshot);
    round.iter = (StaveIter*)stave_new(sizeof *round.iter, stave_drop_iter);
    must(stave_snapshot_take(round.snapshot, db));
    must(stave_iter_start(round.iter, NULL, round.snapshot, &options));
    for (i = 0; i < threads; i++) pthread_create(&ids[i], NULL, use_all, &round);
    for (i = 0; i < threads; i++) pthread_join(ids[i], NULL);
    assert_int_equal(round.wrong, 0);
    assert_true(round.walked <= entries);
    /* The last one out has destroyed both: the objects themselves hold nothing any more. */
    assert_int_equal(stave_live_handles(), before);
    free(round.snapshot);
    free(round.iter);
    pthread_barrier_destroy(&round.begin);
  }
}

static void a_handle_is_opened_once_and_refuses_what_it_is_not(void** state) {
  StaveBatch* batch = (StaveBatch*)stave_new(sizeof *batch, stave_drop_batch);
  stave_reply reply = stave_batch_number(batch);
  (void)state;
  assert_int_equal(reply.status, STAVE_CLOSED);
  assert_string_equal(reply.message, "the batch is closed");
  stave_reply_clear(&reply);
  must(stave_batch_start(batch));
  reply = stave_batch_start(batch);
  assert_int_equal(reply.status, STAVE_INVALID_ARGUMENT);
  stave_reply_clear(&reply);
  assert_int_equal(stave_handle_enter((stave_handle*)batch, 1), STAVE_OK);
  reply = stave_db_write(db, batch, 0);
  assert_int_equal(reply.status, STAVE_IN_USE);
  stave_reply_clear(&reply);
  stave_handle_leave((stave_handle*)batch);
  must(stave_db_write(db, batch, 0));
  stave_handle_close((stave_handle*)batch);
  stave_handle_close((stave_handle*)batch);
  free(batch);
}

static void packed_lists_that_end_inside_an_entry_are_refused(void** state) {
  char keys[16];
  char* end = stave_pack_u32(stave_pack_u32(stave_pack_u32(keys, 4), 7), 4); /* 4, key, 4 */
  stave_reply reply;
  size_t length;
  (void)state;
  for (length = 1; length <= (size_t)(end - keys); length++) {
    reply = stave_multi_get_packed(stave_db_of(db), keys, length);
    assert_int_equal(reply.status, length == 8 ? STAVE_OK : STAVE_INVALID_ARGUMENT);
    stave_reply_clear(&reply);
  }
  reply = stave_multi_get_packed(stave_db_of(db), NULL, 8);
  assert_int_equal(reply.status, STAVE_INVALID_ARGUMENT);
  stave_reply_clear(&reply);
  reply = stave_db_open(NULL, "never", "sync", 4);
  assert_int_equal(reply.status, STAVE_NULL_ARGUMENT);
  stave_reply_clear(&reply);
}

static int64_t next_batch(StaveIter* iter) {
  stave_reply reply = stave_iter_next_packed(iter, stave_iter_batch);
  const int64_t count = reply.number;
  assert_int_equal(reply.status, STAVE_OK);
  stave_reply_clear(&reply);
  return count;
}

static void batches_of_a_walk_grow_and_large_values_make_small_ones(void** state) {
  enum { small = 40, large = 6, large_size = 20000 };
  static char value[large_size];
  stave_iter_options options = {0};
  StaveIter* iter = (StaveIter*)stave_new(sizeof *iter, stave_drop_iter);
  char key[8];
  int i;
  (void)state;
  for (i = 0; i < small + large; i++) {
    snprintf(key, sizeof key, "walk%02d", i);
    assert_int_equal(stave_put(stave_db_of(db), key, 6, value, i < small ? 1 : large_size, 0), 0);
  }
  options.prefix.data = "walk";
  options.prefix.length = 4;
  must(stave_iter_start(iter, db, NULL, &options));
  assert_int_equal(next_batch(iter), stave_iter_first_batch);
  assert_int_equal(next_batch(iter), 2 * stave_iter_first_batch);
  assert_int_equal(next_batch(iter), 4 * stave_iter_first_batch);
  assert_int_equal(next_batch(iter), small + large - 7 * stave_iter_first_batch); /* to the end */
  stave_handle_close((stave_handle*)iter);
  free(iter);

  iter = (StaveIter*)stave_new(sizeof *iter, stave_drop_iter);
  options.from.data = "walk40";
  options.from.length = 6;
  must(stave_iter_start(iter, db, NULL, &options));
  assert_int_equal(next_batch(iter), stave_iter_first_batch);
  assert_int_equal(next_batch(iter), 1);
  stave_handle_close((stave_handle*)iter);
  free(iter);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_close_under_traffic_destroys_once_and_leaves_nothing),
      cmocka_unit_test(a_handle_is_opened_once_and_refuses_what_it_is_not),
      cmocka_unit_test(packed_lists_that_end_inside_an_entry_are_refused),
      cmocka_unit_test(batches_of_a_walk_grow_and_large_values_make_small_ones),
  };
  return cmocka_run_group_tests(tests, open_store, close_store);
}
