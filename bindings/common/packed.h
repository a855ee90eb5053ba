/* Lists in one piece of memory: a language reads (or writes) them without a call per entry. All
 * numbers are in the machine's own byte order, unaligned, with nothing between.
 *
 *   pairs    key_length u32 | value_length u32 | key | value                       in
 *   keys     key_length u32 | key                                                  in
 *   values   code i32 | value_length u32 | value                                   out
 *   entries  key_length u32 | value_length u32 | version u64 | expires_at_ms u64 | key | value  out
 *   change   kind u32 | more u32 | seq u64 | expires_at_ms u64 | key_length u32 | value_length u32
 *            | key | value                                                         out
 *   options  name NUL value NUL                                                    in
 */

static char* stave_pack(char* at, const void* bytes, size_t length) {
  if (length > 0) memcpy(at, bytes, length);
  return at + length;
}

static char* stave_pack_u32(char* at, size_t number) {
  uint32_t word = (uint32_t)number;
  return stave_pack(at, &word, sizeof word);
}

static char* stave_pack_u64(char* at, uint64_t number) {
  return stave_pack(at, &number, sizeof number);
}

/* Takes a u32 or so many bytes from the front; 0 if there are not that many. */
static int stave_unpack_u32(const char** at, const char* end, uint32_t* number) {
  if ((size_t)(end - *at) < sizeof *number) return 0;
  memcpy(number, *at, sizeof *number);
  *at += sizeof *number;
  return 1;
}

static int stave_unpack_slice(const char** at, const char* end, uint32_t length,
                              stave_slice* slice) {
  if ((size_t)(end - *at) < length) return 0;
  slice->data = *at;
  slice->length = length;
  *at += length;
  return 1;
}

/* Keys (values == NULL) or pairs into arrays from malloc; their count, or -1: memory, -2: the
 * packed bytes end in the middle. */
static int64_t stave_unpack_list(const void* packed, size_t length, stave_slice** keys,
                                 stave_slice** values) {
  const char* at = (const char*)packed;
  const char* end = at + length;
  size_t most = length / (values != NULL ? 8 : 4) + 1;
  int64_t count = 0;
  if (packed == NULL && length != 0) return -2;
  *keys = (stave_slice*)malloc(most * sizeof **keys);
  if (values != NULL) *values = (stave_slice*)malloc(most * sizeof **values);
  if (*keys == NULL || (values != NULL && *values == NULL)) return -1;
  for (; at < end; count++) {
    uint32_t key_length = 0, value_length = 0;
    if (!stave_unpack_u32(&at, end, &key_length)) return -2;
    if (values != NULL && !stave_unpack_u32(&at, end, &value_length)) return -2;
    if (!stave_unpack_slice(&at, end, key_length, &(*keys)[count])) return -2;
    if (values != NULL && !stave_unpack_slice(&at, end, value_length, &(*values)[count])) return -2;
  }
  return count;
}

static stave_reply stave_refuse_packed(int64_t why) {
  return why == -1 ? stave_refuse(STAVE_NO_MEMORY, "no memory for a list of keys")
                   : stave_refuse(STAVE_INVALID_ARGUMENT, "a packed list ends inside an entry");
}

static stave_reply stave_put_many_packed(stave_db* db, const void* pairs, size_t length,
                                         uint32_t flags) {
  stave_slice* keys = NULL;
  stave_slice* values = NULL;
  size_t stored = 0;
  int64_t count = stave_unpack_list(pairs, length, &keys, &values);
  stave_reply reply =
      count < 0 ? stave_refuse_packed(count)
                : stave_answer(stave_put_many(db, keys, values, (size_t)count, flags, &stored));
  reply.number = (int64_t)stored;
  free(keys);
  free(values);
  return reply;
}

static stave_reply stave_pack_values(stave_reply reply, const stave_value* values, size_t count) {
  size_t size = 1, i;
  char* at;
  for (i = 0; i < count; i++) size += 8 + values[i].length;
  at = (char*)malloc(size);
  if (at == NULL) return stave_refuse(STAVE_NO_MEMORY, "no memory for the values found");
  reply.data = at;
  reply.own = 1;
  for (i = 0; i < count; i++) {
    at = stave_pack_u32(at, (size_t)values[i].code);
    at = stave_pack_u32(at, values[i].length);
    at = stave_pack(at, values[i].data, values[i].length);
  }
  reply.length = (size_t)(at - (char*)reply.data);
  return reply;
}

static stave_reply stave_multi_get_packed(stave_db* db, const void* packed, size_t length) {
  stave_slice* keys = NULL;
  stave_value* values = NULL;
  void* spill = NULL;
  stave_reply reply;
  int64_t count = stave_unpack_list(packed, length, &keys, NULL);
  if (count >= 0) {
    values = (stave_value*)calloc((size_t)count + 1, sizeof *values);
    if (values == NULL) count = -1;
  }
  if (count < 0) {
    reply = stave_refuse_packed(count);
  } else {
    reply = stave_answer(stave_multi_get(db, keys, (size_t)count, stave_scratch, stave_scratch_size,
                                         values, &spill));
    if (reply.status == STAVE_OK) reply = stave_pack_values(reply, values, (size_t)count);
    stave_free(spill);
  }
  free(values);
  free(keys);
  return reply;
}

/* NULL without any option; else to be destroyed. */
static int stave_unpack_options(const void* packed, size_t length, stave_options** options) {
  const char* at = (const char*)packed;
  const char* end = at + length;
  int status;
  *options = NULL;
  if (length == 0) return STAVE_OK;
  if (packed == NULL) return STAVE_NULL_ARGUMENT;
  status = stave_options_create(options);
  while (status == STAVE_OK && at < end) {
    const char* value = (const char*)memchr(at, 0, (size_t)(end - at));
    const char* next = value == NULL ? NULL : (const char*)memchr(value + 1, 0, end - value - 1);
    /* Without its two NULs a pair is refused by the library, as a NULL. */
    status = stave_options_set(*options, next == NULL ? NULL : at, next == NULL ? NULL : value + 1);
    at = next == NULL ? end : next + 1;
  }
  return status;
}
