/* What Go adds to bindings/common.
 *
 * A goroutine may be on another thread by its next call, and a C function gives Go one number
 * without an allocation. So a reply becomes a ticket, a u64:
 *
 *   0 | status 15 bits | number 48 bits          all there is to say
 *   1 | address of a stave_reply 63 bits         bytes, a text or a wide number; to be cleared
 *
 * Bytes of Go are lent to the library for a call and never kept; nothing of thread-local memory
 * goes to Go. */

enum { stave_ticket_number_bits = 48 };
static const uint64_t stave_ticket_held = (uint64_t)1 << 63;

static uint64_t stave_ticket(stave_reply reply) {
  stave_reply* held;
  if (reply.data == NULL && reply.message == NULL &&
      (uint64_t)reply.number >> stave_ticket_number_bits == 0) {
    return (uint64_t)reply.status << stave_ticket_number_bits | (uint64_t)reply.number;
  }
  held = (stave_reply*)malloc(sizeof *held);
  if (held == NULL) {
    stave_reply_clear(&reply);
    return (uint64_t)STAVE_NO_MEMORY << stave_ticket_number_bits;
  }
  *held = reply;
  return stave_ticket_held | (uint64_t)(uintptr_t)held;
}

static stave_reply* stave_ticket_reply(uint64_t ticket) {
  return (stave_reply*)(uintptr_t)(ticket & ~stave_ticket_held);
}

/* ------------------------------------------------------------------ reading */

/* Into `room`, with the length as the number; what does not fit comes as bytes of the reply. */
static stave_reply stave_go_get(StaveDb* db, const void* key, size_t key_length, void* room,
                                size_t cap) {
  size_t length = 0;
  void* spill = NULL;
  int status = stave_get_into(stave_db_of(db), key, key_length, room, cap, &length, &spill);
  stave_reply reply = stave_answer_bytes(status, spill, length);
  if (spill == NULL) reply.number = (int64_t)length;
  return reply;
}

static stave_reply stave_go_snapshot_get(StaveSnapshot* snapshot, const void* key,
                                         size_t key_length, void* room, size_t cap) {
  stave_reply reply = stave_snapshot_find(snapshot, key, key_length);
  if (reply.status != STAVE_OK || reply.length > cap) return reply;
  if (reply.length > 0) memcpy(room, reply.data, reply.length);
  stave_free(reply.data);
  return stave_answer_number(STAVE_OK, (int64_t)reply.length);
}

/* ------------------------------------------------------------------ walking
 *
 * A batch is `heads` heads of 24 bytes, of which the first `number` of the reply are set, and
 * then the bytes of all entries, one after the other:
 *
 *   head    key_length u32 | value_length u32 | version u64 | expires_at_ms u64
 */
enum { stave_go_head_size = 24 };

static void stave_go_heads(char* at, const stave_item* items, size_t count) {
  size_t i;
  for (i = 0; i < count; i++) {
    at = stave_pack_u32(at, items[i].key_length);
    at = stave_pack_u32(at, items[i].value_length);
    at = stave_pack_u64(at, items[i].version);
    at = stave_pack_u64(at, items[i].expires_at_ms);
  }
}

/* Of a batch that did not fit: as bytes, with as many heads as there are entries. */
static stave_reply stave_go_spilled(const stave_item* items, size_t count) {
  size_t size = count * stave_go_head_size, i;
  stave_reply reply = stave_answer_number(STAVE_OK, (int64_t)count);
  char* at;
  for (i = 0; i < count; i++) size += items[i].key_length + items[i].value_length;
  at = (char*)malloc(size);
  if (at == NULL) return stave_refuse(STAVE_NO_MEMORY, "no memory for a batch of entries");
  reply.data = at;
  reply.length = size;
  reply.own = 1;
  stave_go_heads(at, items, count);
  at += count * stave_go_head_size;
  for (i = 0; i < count; i++) {
    at = stave_pack(at, items[i].key, items[i].key_length);
    at = stave_pack(at, items[i].value, items[i].value_length);
  }
  return reply;
}

/* At most `heads` entries; `room` has space for their heads. */
static stave_reply stave_go_next(StaveIter* iter, void* room, size_t cap, size_t heads) {
  stave_item items[stave_iter_batch];
  size_t count = 0;
  void* spill = NULL;
  size_t heads_size = heads * stave_go_head_size;
  stave_reply reply;
  int status = stave_handle_enter((stave_handle*)iter, 1);
  if (status != STAVE_OK) return stave_handle_refuse(status, "iterator");
  if (heads > stave_iter_batch || heads_size > cap) {
    reply = stave_refuse(STAVE_INVALID_ARGUMENT, "no room for the heads of a batch");
  } else {
    reply = stave_iter_take(iter, items, heads, (char*)room + heads_size, cap - heads_size, &count,
                            &spill);
    reply.number = (int64_t)count;
    if (reply.status == STAVE_OK && spill != NULL) reply = stave_go_spilled(items, count);
    if (reply.status == STAVE_OK && spill == NULL) stave_go_heads((char*)room, items, count);
  }
  stave_free(spill);
  stave_handle_leave((stave_handle*)iter);
  return reply;
}

/* ------------------------------------------------------------------ batches
 *
 * A batch is collected by Go, and comes in one call: operations without anything between.
 *
 *   operation  kind u32 | key_length u32 | value_length u32 | number u64 | key | value
 *
 * number: when a put expires, or the version that is required. */
enum stave_go_kind {
  stave_go_put = 1,
  stave_go_put_until,
  stave_go_delete,
  stave_go_require_absent,
  stave_go_require_present,
  stave_go_require_version,
  stave_go_require_value
};

static int stave_go_add(stave_batch* batch, uint32_t kind, stave_slice key, stave_slice value,
                        uint64_t number) {
  switch (kind) {
    case stave_go_put:
      return stave_batch_put(batch, key.data, key.length, value.data, value.length);
    case stave_go_put_until:
      return stave_batch_put_until(batch, key.data, key.length, value.data, value.length, number);
    case stave_go_delete:
      return stave_batch_delete(batch, key.data, key.length);
    case stave_go_require_absent:
      return stave_batch_require_absent(batch, key.data, key.length);
    case stave_go_require_present:
      return stave_batch_require_present(batch, key.data, key.length);
    case stave_go_require_version:
      return stave_batch_require_version(batch, key.data, key.length, number);
    default:
      return stave_batch_require_value(batch, key.data, key.length, value.data, value.length);
  }
}

/* The reply to a batch of which an operation is refused; as the library does it counts from 0. */
static stave_reply stave_go_refuse_operation(int status, uint64_t index) {
  char text[512] = "operation ";
  char digits[24];
  char* digit = digits + sizeof digits - 1;
  *digit = 0;
  do {
    *--digit = (char)('0' + index % 10);
    index /= 10;
  } while (index > 0);
  strcat(strcat(text, digit), " of the batch: ");
  strncat(text, stave_last_error(), sizeof text - strlen(text) - 1);
  return stave_refuse(status, text);
}

static stave_reply stave_go_write(StaveDb* db, const void* packed, size_t length, uint32_t flags) {
  const char* at = (const char*)packed;
  const char* end = at + length;
  stave_batch* batch = NULL;
  stave_reply reply = stave_answer(stave_batch_create(&batch));
  uint64_t index;
  for (index = 0; reply.status == STAVE_OK && at < end; index++) {
    uint32_t kind = 0, key_length = 0, value_length = 0;
    stave_slice number, key, value;
    uint64_t word;
    int status;
    if (!stave_unpack_u32(&at, end, &kind) || !stave_unpack_u32(&at, end, &key_length) ||
        !stave_unpack_u32(&at, end, &value_length) ||
        !stave_unpack_slice(&at, end, sizeof word, &number) ||
        !stave_unpack_slice(&at, end, key_length, &key) ||
        !stave_unpack_slice(&at, end, value_length, &value)) {
      reply = stave_refuse_packed(-2);
      break;
    }
    memcpy(&word, number.data, sizeof word);
    status = stave_go_add(batch, kind, key, value, word);
    if (status != STAVE_OK) reply = stave_go_refuse_operation(status, index);
  }
  if (reply.status == STAVE_OK) reply = stave_answer(stave_write(stave_db_of(db), batch, flags));
  stave_batch_destroy(batch);
  return reply;
}
