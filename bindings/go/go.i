/* The typemaps of Go: SWIG makes internal/generated/native.go and native_wrap.c of it. */
%module native

%include "../common/headers.i"
%insert("header") "tickets.h"

/* Bytes are pointers to what holds no pointers, and cgo has nothing to check. As void* it would
 * look through the whole Go object that a key is a part of, and refuse one with pointers in it. */
%insert(cgo_comment_typedefs) %{
#cgo pkg-config: stave
#define swig_voidp unsigned char*
%}

/* ------------------------------------------------------------------ in */

%typemap(gotype) const void*, void* "*byte"
%typemap(imtype) const void*, void* "*C.uchar"
%typemap(goin) const void*, void* "$result = (*C.uchar)($input)"
%typemap(in) const void*, void* "$1 = ($1_ltype)$input;"
%typemap(gotype) size_t "int"

/* ------------------------------------------------------------------ out */

%typemap(gotype) reply_none, reply_bytes, reply_number, reply_bool, reply_items, reply_values,
                 reply_change "uint64"
%typemap(imtype) reply_none, reply_bytes, reply_number, reply_bool, reply_items, reply_values,
                 reply_change "uint64"
%typemap(goout) reply_none, reply_bytes, reply_number, reply_bool, reply_items, reply_values,
                reply_change "$result = $1"
%typemap(out) reply_none, reply_bytes, reply_number, reply_bool, reply_items, reply_values,
              reply_change "$result = (long long)stave_ticket($1);"

/* Texts that lie in a report or a reply, or are the library's own: lent as a slice, and copied. */
%typemap(gotype) const char*, char* "string"
%typemap(imtype) const char*, char* "[]byte"
%typemap(goin) const char*, char* "$result = append([]byte($input), 0)"
%typemap(in) const char*, char* "$1 = ($1_ltype)$input.array;"
%typemap(freearg) const char*, char* ""
%typemap(out) const char*, char* {
  $result.array = (void*)$1;
  $result.len = $result.cap = $1 == NULL ? 0 : (intgo)strlen($1);
}
%typemap(goout) const char*, char* "$result = string($1)"
%typemap(gotype) char[ANY] "string"
%typemap(imtype) char[ANY] "[]byte"
%typemap(out) char[ANY] {
  $result.array = (void*)$1;
  $result.len = $result.cap = (intgo)strlen($1);
}
%typemap(goout) char[ANY] "$result = string($1)"

/* ------------------------------------------------------------------ what Go does by itself */

/* Codes and flags are constants of the package; a test compares them with the library. */
%rename("$ignore", %$isenumitem) "";
%rename("$ignore", %$isenum) "";
%rename("$ignore", regexmatch$name="^STAVE_") "";

/* Batches are collected in Go's memory. */
%ignore StaveBatch;
%ignore StaveDb::write;
/* These bring bytes of thread-local memory, or copy them twice. */
%ignore StaveDb::get;
%ignore StaveSnapshot::get;
%ignore StaveIter::next;

%include "../common/stave.i"

%extend StaveDb {
  reply_number get_into(const void* key, size_t key_length, void* room, size_t cap) {
    return stave_go_get($self, key, key_length, room, cap);
  }
  reply_none write_packed(const void* operations, size_t operations_length, uint32_t flags) {
    return stave_go_write($self, operations, operations_length, flags);
  }
}
%extend StaveSnapshot {
  reply_number get_into(const void* key, size_t key_length, void* room, size_t cap) {
    return stave_go_snapshot_get($self, key, key_length, room, cap);
  }
}
%extend StaveIter {
  reply_number next_into(void* room, size_t cap, size_t heads) {
    return stave_go_next($self, room, cap, heads);
  }
}

/* A ticket with its highest bit set. The bytes are lent until it is cleared. */
%typemap(gotype) stave_slice "[]byte"
%typemap(imtype) stave_slice "[]byte"
%typemap(goout) stave_slice "$result = $1"
%typemap(out) stave_slice {
  $result.array = (void*)$1.data;
  $result.len = $result.cap = (intgo)$1.length;
}
%rename(version_number) stave_version_number;
int stave_version_number(void);
%inline %{
static int held_status(uint64_t ticket) { return stave_ticket_reply(ticket)->status; }
static int64_t held_number(uint64_t ticket) { return stave_ticket_reply(ticket)->number; }
static const char* held_message(uint64_t ticket) { return stave_ticket_reply(ticket)->message; }
static stave_slice held_bytes(uint64_t ticket) {
  stave_slice bytes;
  bytes.data = stave_ticket_reply(ticket)->data;
  bytes.length = stave_ticket_reply(ticket)->length;
  return bytes;
}
static void held_clear(uint64_t ticket) {
  stave_reply_clear(stave_ticket_reply(ticket));
  free(stave_ticket_reply(ticket));
}
%}
