/* The objects that languages see, each a handle of its own type, and their calls that are more
 * than one line. */

typedef struct StaveDb {
  stave_handle handle;
} StaveDb;
typedef struct StaveBatch {
  stave_handle handle;
} StaveBatch;
typedef struct StaveSnapshot {
  stave_handle handle;
} StaveSnapshot;
typedef struct StaveFeed {
  stave_handle handle;
} StaveFeed;
typedef struct StaveFiles {
  stave_handle handle;
} StaveFiles;

enum { stave_iter_batch = 128, stave_iter_first_batch = 4 };
typedef struct StaveIter {
  stave_handle handle;
  size_t wish; /* entries of the next batch */
  int keys_only;
  int found;          /* a seek's entry, which was not handed out yet */
  char buffer[32768]; /* of one batch; larger ones are allocated */
} StaveIter;

static void stave_drop_db(void* raw) { stave_release((stave_db*)raw); }
static void stave_drop_batch(void* raw) { stave_batch_destroy((stave_batch*)raw); }
static void stave_drop_iter(void* raw) { stave_iter_destroy((stave_iter*)raw); }
static void stave_drop_snapshot(void* raw) { stave_snapshot_destroy((stave_snapshot*)raw); }
static void stave_drop_feed(void* raw) { stave_feed_destroy((stave_feed*)raw); }
static void stave_drop_files(void* raw) { stave_files_destroy((stave_files*)raw); }

/* `taken` begins at 0, so that an object is made without a status and opened with one. */
static void* stave_new(size_t size, void (*destroy)(void* raw)) {
  stave_handle* handle = (stave_handle*)malloc(size); /* every object begins with its handle */
  if (handle != NULL) {
    memset(handle, 0, sizeof *handle);
    handle->destroy = destroy;
  }
  return handle;
}

/* A store is guarded by the library: its memory goes with the object, when nobody is inside. */
static stave_db* stave_db_of(StaveDb* db) {
  return db == NULL ? NULL : (stave_db*)__atomic_load_n(&db->handle.raw, __ATOMIC_ACQUIRE);
}

static void stave_set_raw(stave_handle* handle, void* raw) {
  __atomic_store_n(&handle->raw, raw, __ATOMIC_RELEASE);
}

static stave_reply stave_db_open(StaveDb* db, const char* dir, const void* packed, size_t length) {
  stave_options* options = NULL;
  stave_db* raw = NULL;
  stave_reply reply;
  int status = stave_handle_take((stave_handle*)db);
  if (status != STAVE_OK) return stave_handle_refuse(status, "store");
  status = stave_unpack_options(packed, length, &options);
  if (status == STAVE_OK) status = stave_open(dir, options, &raw);
  reply = stave_answer(status);
  stave_set_raw((stave_handle*)db, raw);
  stave_options_destroy(options);
  return reply;
}

static stave_reply stave_repair_packed(const char* dir, const void* packed, size_t length,
                                       stave_repair_report* report) {
  stave_options* options = NULL;
  stave_reply reply;
  int status = stave_unpack_options(packed, length, &options);
  if (status == STAVE_OK) status = stave_repair(dir, options, report);
  reply = stave_answer(status);
  stave_options_destroy(options);
  return reply;
}

/* Short values by the scratch memory, without an allocation. */
static stave_reply stave_db_get(StaveDb* db, const void* key, size_t key_length) {
  size_t length = 0;
  void* spill = NULL;
  int status = stave_get_into(stave_db_of(db), key, key_length, stave_scratch, stave_scratch_size,
                              &length, &spill);
  stave_reply reply = stave_answer(status);
  if (status == STAVE_OK) {
    reply.data = spill != NULL ? spill : stave_scratch;
    reply.own = spill != NULL;
    reply.length = length;
  }
  return reply;
}

/* ------------------------------------------------------------------ batches */

#define BATCH(self) ((stave_batch*)(self)->handle.raw)

static stave_reply stave_batch_start(StaveBatch* batch) {
  stave_batch* raw = NULL;
  stave_reply reply;
  int status = stave_handle_take((stave_handle*)batch);
  if (status != STAVE_OK) return stave_handle_refuse(status, "batch");
  reply = stave_answer(stave_batch_create(&raw));
  stave_set_raw((stave_handle*)batch, raw);
  return reply;
}

static stave_reply stave_batch_number(StaveBatch* batch) {
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)batch, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "batch");
  reply = stave_answer_number(STAVE_OK, (int64_t)stave_batch_count(BATCH(batch)));
  stave_handle_leave((stave_handle*)batch);
  return reply;
}

static stave_reply stave_db_write(StaveDb* db, StaveBatch* batch, uint32_t flags) {
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)batch, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "batch");
  reply = stave_answer(stave_write(stave_db_of(db), (stave_batch*)batch->handle.raw, flags));
  stave_handle_leave((stave_handle*)batch);
  return reply;
}

/* ------------------------------------------------------------------ iterators */

static stave_reply stave_iter_start(StaveIter* iter, StaveDb* db, StaveSnapshot* snapshot,
                                    stave_iter_options* options) {
  stave_iter* raw = NULL;
  stave_reply reply;
  int status = stave_handle_take((stave_handle*)iter);
  if (status != STAVE_OK) return stave_handle_refuse(status, "iterator");
  iter->wish = stave_iter_first_batch;
  iter->found = 0;
  options->size = sizeof *options;
  if (snapshot != NULL) {
    status = stave_handle_enter((stave_handle*)snapshot, 0);
    if (status != STAVE_OK) return stave_handle_refuse(status, "snapshot");
    options->snapshot = (stave_snapshot*)snapshot->handle.raw;
  }
  reply = stave_answer(stave_iter_open(stave_db_of(db), options, &raw));
  iter->keys_only = (options->flags & STAVE_ITER_KEYS_ONLY) != 0;
  stave_set_raw((stave_handle*)iter, raw);
  if (snapshot != NULL) stave_handle_leave((stave_handle*)snapshot);
  return reply;
}

static stave_reply stave_pack_items(stave_reply reply, const stave_item* items, size_t count) {
  size_t size = 1, i;
  char* at;
  for (i = 0; i < count; i++) size += 24 + items[i].key_length + items[i].value_length;
  at = (char*)malloc(size);
  if (at == NULL) return stave_refuse(STAVE_NO_MEMORY, "no memory for a batch of entries");
  reply.data = at;
  reply.own = 1;
  for (i = 0; i < count; i++) {
    at = stave_pack_u32(at, items[i].key_length);
    at = stave_pack_u32(at, items[i].value_length);
    at = stave_pack_u64(at, items[i].version);
    at = stave_pack_u64(at, items[i].expires_at_ms);
    at = stave_pack(at, items[i].key, items[i].key_length);
    at = stave_pack(at, items[i].value, items[i].value_length);
  }
  reply.length = (size_t)(at - (char*)reply.data);
  reply.number = (int64_t)count;
  return reply;
}

/* Batches grow while they fit into the buffer: a walk that is left early has not read much, and
 * large values do not make large batches. */
static void stave_iter_plan(StaveIter* iter, const stave_item* items, size_t count) {
  size_t bytes = 1, fit, i;
  for (i = 0; i < count; i++) bytes += items[i].key_length + items[i].value_length;
  fit = count * sizeof iter->buffer / bytes;
  iter->wish *= 2;
  if (iter->wish > fit) iter->wish = fit;
  if (iter->wish > stave_iter_batch) iter->wish = stave_iter_batch;
  if (iter->wish == 0) iter->wish = 1;
}

/* The entry that a seek found, as a batch. In a forked child there is no key. */
static stave_reply stave_iter_found(StaveIter* iter, stave_item* item, char* buffer, size_t cap,
                                    size_t* count, void** spill) {
  stave_iter* raw = (stave_iter*)iter->handle.raw;
  stave_reply reply = stave_answer(STAVE_OK);
  char* at = buffer;
  const void* value = "";
  size_t key_length = 0, value_length = 0;
  const void* key = stave_iter_key(raw, &key_length);
  iter->found = 0;
  if (key == NULL || !iter->keys_only) {
    reply = stave_answer(stave_iter_value(raw, &value, &value_length));
    if (reply.status != STAVE_OK) return reply;
  }
  if (key_length + value_length > cap) {
    *spill = at = (char*)malloc(key_length + value_length);
    if (at == NULL) return stave_refuse(STAVE_NO_MEMORY, "no memory for an entry");
  }
  item->key = at;
  item->key_length = key_length;
  item->value = at + key_length;
  item->value_length = value_length;
  item->version = stave_iter_version(raw);
  item->expires_at_ms = stave_iter_expires_at(raw);
  at = stave_pack(at, key, key_length);
  stave_pack(at, value, value_length);
  *count = 1;
  return reply;
}

/* stave_iter_next_batch, but first what a seek found. */
static stave_reply stave_iter_take(StaveIter* iter, stave_item* items, size_t n, char* buffer,
                                   size_t cap, size_t* count, void** spill) {
  if (iter->found && n != 0) return stave_iter_found(iter, items, buffer, cap, count, spill);
  return stave_answer(
      stave_iter_next_batch((stave_iter*)iter->handle.raw, items, n, buffer, cap, count, spill));
}

/* At most n entries, often fewer; none (and STAVE_DONE) at the end. */
static stave_reply stave_iter_next_packed(StaveIter* iter, size_t n) {
  stave_item items[stave_iter_batch];
  size_t count = 0;
  void* spill = NULL;
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)iter, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "iterator");
  reply = stave_iter_take(iter, items, n < iter->wish ? n : iter->wish, iter->buffer,
                          sizeof iter->buffer, &count, &spill);
  if (reply.status == STAVE_OK) {
    stave_iter_plan(iter, items, count);
    reply = stave_pack_items(reply, items, count);
  }
  stave_free(spill);
  stave_handle_leave((stave_handle*)iter);
  return reply;
}

/* The next batch is the entry that is found. */
static stave_reply stave_iter_to(StaveIter* iter, const void* key, size_t key_length) {
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)iter, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "iterator");
  iter->wish = stave_iter_first_batch;
  status = stave_iter_seek((stave_iter*)iter->handle.raw, key, key_length);
  iter->found = status == STAVE_OK;
  reply = stave_answer(status == STAVE_DONE ? STAVE_OK : status);
  stave_handle_leave((stave_handle*)iter);
  return reply;
}

/* ------------------------------------------------------------------ snapshots */

static stave_reply stave_snapshot_take(StaveSnapshot* snapshot, StaveDb* db) {
  stave_snapshot* raw = NULL;
  stave_reply reply;
  int status = stave_handle_take((stave_handle*)snapshot);
  if (status != STAVE_OK) return stave_handle_refuse(status, "snapshot");
  reply = stave_answer(stave_snapshot_create(stave_db_of(db), &raw));
  stave_set_raw((stave_handle*)snapshot, raw);
  return reply;
}

static stave_reply stave_snapshot_find(StaveSnapshot* snapshot, const void* key,
                                       size_t key_length) {
  void* own = NULL;
  size_t length = 0;
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)snapshot, 0);
  if (status != STAVE_OK) return stave_handle_refuse(status, "snapshot");
  status =
      stave_snapshot_get((stave_snapshot*)snapshot->handle.raw, key, key_length, &own, &length);
  reply = stave_answer_bytes(status, own, length);
  stave_handle_leave((stave_handle*)snapshot);
  return reply;
}

static stave_reply stave_snapshot_number(StaveSnapshot* snapshot) {
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)snapshot, 0);
  if (status != STAVE_OK) return stave_handle_refuse(status, "snapshot");
  reply = stave_answer_number(STAVE_OK,
                              (int64_t)stave_snapshot_seq((stave_snapshot*)snapshot->handle.raw));
  stave_handle_leave((stave_handle*)snapshot);
  return reply;
}

/* ------------------------------------------------------------------ feeds, files */

static stave_reply stave_feed_start(StaveFeed* feed, StaveDb* db, uint64_t after_seq) {
  stave_feed* raw = NULL;
  stave_reply reply;
  int status = stave_handle_take((stave_handle*)feed);
  if (status != STAVE_OK) return stave_handle_refuse(status, "feed");
  reply = stave_answer(stave_feed_open(stave_db_of(db), after_seq, &raw));
  stave_set_raw((stave_handle*)feed, raw);
  return reply;
}

static stave_reply stave_pack_change(stave_reply reply, const stave_change* change) {
  char* at = (char*)malloc(32 + change->key_length + change->value_length);
  if (at == NULL) return stave_refuse(STAVE_NO_MEMORY, "no memory for a change");
  reply.data = at;
  reply.own = 1;
  at = stave_pack_u32(at, change->kind);
  at = stave_pack_u32(at, change->more);
  at = stave_pack_u64(at, change->seq);
  at = stave_pack_u64(at, change->expires_at_ms);
  at = stave_pack_u32(at, change->key_length);
  at = stave_pack_u32(at, change->value_length);
  at = stave_pack(at, change->key, change->key_length);
  at = stave_pack(at, change->value, change->value_length);
  reply.length = (size_t)(at - (char*)reply.data);
  return reply;
}

static stave_reply stave_feed_next_packed(StaveFeed* feed, int64_t timeout_ms) {
  stave_change change;
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)feed, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "feed");
  memset(&change, 0, sizeof change);
  change.size = sizeof change;
  reply = stave_answer(stave_feed_next((stave_feed*)feed->handle.raw, timeout_ms, &change));
  if (reply.status == STAVE_OK) reply = stave_pack_change(reply, &change);
  stave_handle_leave((stave_handle*)feed);
  return reply;
}

static stave_reply stave_files_list(StaveFiles* files, StaveDb* db) {
  stave_files* raw = NULL;
  stave_reply reply;
  int status = stave_handle_take((stave_handle*)files);
  if (status != STAVE_OK) return stave_handle_refuse(status, "list of files");
  reply = stave_answer(stave_files_create(stave_db_of(db), &raw));
  stave_set_raw((stave_handle*)files, raw);
  reply.number = (int64_t)stave_files_count(raw);
  return reply;
}

static stave_reply stave_files_info(StaveFiles* files, size_t index, stave_file_info* info) {
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)files, 0);
  if (status != STAVE_OK) return stave_handle_refuse(status, "list of files");
  reply = stave_answer(stave_files_at((stave_files*)files->handle.raw, index, info));
  stave_handle_leave((stave_handle*)files);
  return reply;
}
