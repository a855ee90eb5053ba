/* The calls of a store, in the order of stave.h, which documents them. */
%extend StaveDb {
  reply_none begin(const char* dir, const void* options, size_t options_length) {
    return stave_db_open($self, dir, options, options_length);
  }
  reply_none close() { return stave_answer(stave_close(stave_db_of($self))); }

  /* write */
  reply_none put(const void* key, size_t key_length, const void* value, size_t value_length,
                 uint32_t flags) {
    return stave_answer(stave_put(stave_db_of($self), key, key_length, value, value_length, flags));
  }
  reply_none put_until(const void* key, size_t key_length, const void* value, size_t value_length,
                       uint64_t expires_at_ms, uint32_t flags) {
    return stave_answer(stave_put_until(stave_db_of($self), key, key_length, value, value_length,
                                        expires_at_ms, flags));
  }
  reply_none put_ttl(const void* key, size_t key_length, const void* value, size_t value_length,
                     uint64_t ttl_ms, uint32_t flags) {
    return stave_answer(stave_put_ttl(stave_db_of($self), key, key_length, value, value_length,
                                      ttl_ms, flags));
  }
  reply_number put_many(const void* pairs, size_t pairs_length, uint32_t flags) {
    return stave_put_many_packed(stave_db_of($self), pairs, pairs_length, flags);
  }
  /* STAVE_NOT_FOUND: it was not there. */
  reply_none remove(const void* key, size_t key_length, uint32_t flags) {
    return stave_answer(stave_delete(stave_db_of($self), key, key_length, flags));
  }
  reply_none sync() { return stave_answer(stave_sync(stave_db_of($self))); }
  reply_none write(StaveBatch* batch, uint32_t flags) {
    return stave_db_write($self, batch, flags);
  }

  /* read */
  reply_bytes get(const void* key, size_t key_length) {
    return stave_db_get($self, key, key_length);
  }
  reply_values multi_get(const void* keys, size_t keys_length) {
    return stave_multi_get_packed(stave_db_of($self), keys, keys_length);
  }
  reply_bool exists(const void* key, size_t key_length) {
    int there = 0;
    int status = stave_exists(stave_db_of($self), key, key_length, &there);
    return stave_answer_number(status, there);
  }
  reply_bytes get_entry(const void* key, size_t key_length, stave_entry* entry) {
    void* own = NULL;
    size_t length = 0;
    int status = stave_get_entry(stave_db_of($self), key, key_length, entry, &own, &length);
    return stave_answer_bytes(status, own, length);
  }
  reply_number ttl(const void* key, size_t key_length) {
    int64_t ttl_ms = 0;
    int status = stave_ttl(stave_db_of($self), key, key_length, &ttl_ms);
    return stave_answer_number(status, ttl_ms);
  }
  reply_none touch(const void* key, size_t key_length, uint64_t ttl_ms, uint32_t flags) {
    return stave_answer(stave_touch(stave_db_of($self), key, key_length, ttl_ms, flags));
  }
  reply_none persist(const void* key, size_t key_length, uint32_t flags) {
    return stave_answer(stave_persist(stave_db_of($self), key, key_length, flags));
  }

  /* conditional writes: STAVE_CONFLICT is an error to the out typemaps as well */
  reply_none put_if_absent(const void* key, size_t key_length, const void* value,
                           size_t value_length, uint32_t flags) {
    return stave_answer(stave_put_if_absent(stave_db_of($self), key, key_length, value,
                                            value_length, flags));
  }
  reply_none compare_and_set(const void* key, size_t key_length, const void* expected,
                             size_t expected_length, const void* value, size_t value_length,
                             uint32_t flags) {
    return stave_answer(stave_compare_and_set(stave_db_of($self), key, key_length, expected,
                                              expected_length, value, value_length, flags));
  }
  reply_number put_if_version(const void* key, size_t key_length, uint64_t version,
                              const void* value, size_t value_length, uint32_t flags) {
    uint64_t now = 0;
    int status = stave_put_if_version(stave_db_of($self), key, key_length, version, value,
                                      value_length, flags, &now);
    return stave_answer_number(status, (int64_t)now);
  }
  reply_none delete_if_value(const void* key, size_t key_length, const void* expected,
                             size_t expected_length, uint32_t flags) {
    return stave_answer(stave_delete_if_value(stave_db_of($self), key, key_length, expected,
                                              expected_length, flags));
  }
  reply_none delete_if_version(const void* key, size_t key_length, uint64_t version,
                               uint32_t flags) {
    return stave_answer(stave_delete_if_version(stave_db_of($self), key, key_length, version,
                                                flags));
  }
  reply_bytes get_and_set(const void* key, size_t key_length, const void* value,
                          size_t value_length, uint32_t flags) {
    void* own = NULL;
    size_t length = 0;
    int status = stave_get_and_set(stave_db_of($self), key, key_length, value, value_length, flags,
                                   &own, &length);
    return stave_answer_bytes(status, own, length);
  }
  reply_bytes get_and_delete(const void* key, size_t key_length, uint32_t flags) {
    void* own = NULL;
    size_t length = 0;
    int status = stave_get_and_delete(stave_db_of($self), key, key_length, flags, &own, &length);
    return stave_answer_bytes(status, own, length);
  }
  reply_number increment(const void* key, size_t key_length, int64_t delta, uint32_t flags) {
    int64_t sum = 0;
    int status = stave_increment(stave_db_of($self), key, key_length, delta, flags, &sum);
    return stave_answer_number(status, sum);
  }
  reply_number append(const void* key, size_t key_length, const void* suffix,
                      size_t suffix_length, uint32_t flags) {
    size_t length = 0;
    int status = stave_append(stave_db_of($self), key, key_length, suffix, suffix_length, flags,
                              &length);
    return stave_answer_number(status, (int64_t)length);
  }

  /* ranges */
  reply_none delete_range(const void* from, size_t from_length, const void* to, size_t to_length,
                          uint32_t flags) {
    return stave_answer(stave_delete_range(stave_db_of($self), from, from_length, to, to_length,
                                           flags));
  }
  reply_none delete_prefix(const void* prefix, size_t prefix_length, uint32_t flags) {
    return stave_answer(stave_delete_prefix(stave_db_of($self), prefix, prefix_length, flags));
  }
  reply_none clear(uint32_t flags) {
    return stave_answer(stave_clear(stave_db_of($self), flags));
  }
  reply_number count_range(const void* from, size_t from_length, const void* to,
                           size_t to_length) {
    uint64_t count = 0;
    int status = stave_count_range(stave_db_of($self), from, from_length, to, to_length, &count);
    return stave_answer_number(status, (int64_t)count);
  }
  /* About how many bytes of disk. */
  reply_number approximate_size(const void* from, size_t from_length, const void* to,
                                size_t to_length) {
    uint64_t bytes = 0;
    int status = stave_approximate_size(stave_db_of($self), from, from_length, to, to_length,
                                        &bytes, NULL);
    return stave_answer_number(status, (int64_t)bytes);
  }

  /* care */
  reply_none backup(const char* dir, uint32_t flags, stave_backup_report* report) {
    return stave_answer(stave_backup(stave_db_of($self), dir, flags, report));
  }
  reply_none checkpoint(const char* dir) {
    return stave_answer(stave_checkpoint(stave_db_of($self), dir));
  }
  reply_none merge(uint32_t flags) {
    return stave_answer(stave_merge(stave_db_of($self), flags));
  }
  reply_none merge_pause() { return stave_answer(stave_merge_pause(stave_db_of($self))); }
  reply_none merge_resume() { return stave_answer(stave_merge_resume(stave_db_of($self))); }
  reply_none refresh() { return stave_answer(stave_refresh(stave_db_of($self))); }
  reply_none verify(stave_verify_report* report) {
    return stave_answer(stave_verify(stave_db_of($self), report));
  }
  reply_none rebuild_hints() { return stave_answer(stave_rebuild_hints(stave_db_of($self))); }
  reply_none get_stats(stave_stats* stats) {
    return stave_answer(stave_get_stats(stave_db_of($self), stats));
  }
  reply_none get_progress(stave_progress* progress) {
    return stave_answer(stave_get_progress(stave_db_of($self), progress));
  }
  /* False: there is none. */
  reply_bool next_log_event(stave_log_event* event) {
    int status = stave_next_log_event(stave_db_of($self), event);
    return stave_answer_number(status == STAVE_NOT_FOUND ? STAVE_OK : status, status == STAVE_OK);
  }
}
