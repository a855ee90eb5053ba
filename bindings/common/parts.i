/* The calls of all that is not the store itself. */

%define %in_batch(CALL)
  reply_none reply;
  int status = stave_handle_enter((stave_handle*)$self, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "batch");
  reply = stave_answer(CALL);
  stave_handle_leave((stave_handle*)$self);
  return reply;
%enddef

%extend StaveBatch {
  /* Needed before the first of the others. */
  reply_none begin() { return stave_batch_start($self); }
  reply_none put(const void* key, size_t key_length, const void* value, size_t value_length) {
    %in_batch(stave_batch_put(BATCH($self), key, key_length, value, value_length))
  }
  reply_none put_until(const void* key, size_t key_length, const void* value, size_t value_length,
                       uint64_t expires_at_ms) {
    %in_batch(stave_batch_put_until(BATCH($self), key, key_length, value, value_length,
                                    expires_at_ms))
  }
  reply_none remove(const void* key, size_t key_length) {
    %in_batch(stave_batch_delete(BATCH($self), key, key_length))
  }
  reply_none clear() { %in_batch(stave_batch_clear(BATCH($self))) }
  reply_number count() { return stave_batch_number($self); }
  reply_none require_absent(const void* key, size_t key_length) {
    %in_batch(stave_batch_require_absent(BATCH($self), key, key_length))
  }
  reply_none require_present(const void* key, size_t key_length) {
    %in_batch(stave_batch_require_present(BATCH($self), key, key_length))
  }
  reply_none require_version(const void* key, size_t key_length, uint64_t version) {
    %in_batch(stave_batch_require_version(BATCH($self), key, key_length, version))
  }
  reply_none require_value(const void* key, size_t key_length, const void* value,
                           size_t value_length) {
    %in_batch(stave_batch_require_value(BATCH($self), key, key_length, value, value_length))
  }
}

%extend StaveSnapshot {
  reply_none begin(StaveDb* db) { return stave_snapshot_take($self, db); }
  reply_bytes get(const void* key, size_t key_length) {
    return stave_snapshot_find($self, key, key_length);
  }
  reply_number seq() { return stave_snapshot_number($self); }
}

%extend StaveIter {
  /* Empty bounds are none; flags: STAVE_ITER_*; limit 0: none; snapshot may be NULL. */
  reply_none begin(StaveDb* db, StaveSnapshot* snapshot, const void* from, size_t from_length,
                  const void* to, size_t to_length, const void* prefix, size_t prefix_length,
                  uint64_t limit, uint32_t flags) {
    stave_iter_options options;
    memset(&options, 0, sizeof options);
    options.flags = flags;
    options.limit = limit;
    options.from.data = from, options.from.length = from_length;
    options.to.data = to, options.to.length = to_length;
    options.prefix.data = prefix, options.prefix.length = prefix_length;
    return stave_iter_start($self, db, snapshot, &options);
  }
  reply_items next(size_t n) { return stave_iter_next_packed($self, n); }
  /* STAVE_OK also where there is no such key: the next batch is empty then. */
  reply_none seek(const void* key, size_t key_length) {
    return stave_iter_to($self, key, key_length);
  }
}

%extend StaveFeed {
  reply_none begin(StaveDb* db, uint64_t after_seq) {
    return stave_feed_start($self, db, after_seq);
  }
  reply_change next(int64_t timeout_ms) { return stave_feed_next_packed($self, timeout_ms); }
}

%extend StaveFiles {
  /* Their number. */
  reply_number begin(StaveDb* db) { return stave_files_list($self, db); }
  reply_none at(size_t index, stave_file_info* info) {
    return stave_files_info($self, index, info);
  }
}
