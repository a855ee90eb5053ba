/* The typemaps of Ruby: SWIG makes ext/stave/generated/native_wrap.cpp, the module Stave::Native.
 * C++, for lambdas alone: a call is handed to Ruby as one, to be run without the GVL. */
%module native

%include "../common/headers.i"
%insert("header") "convert.h"
%header %{
typedef stave_reply reply_keys;
typedef stave_reply reply_entries;
%}

/* ------------------------------------------------------------------ in */

%typemap(in) (const void* bytes, size_t length) (VALUE held, char copy[stave_rb_copied_most]) {
  held = $input;
  $1 = ($1_ltype)stave_rb_take(&held, &$2, copy);
}
%typemap(freearg) (const void* bytes, size_t length) { RB_GC_GUARD(held$argnum); }

%typemap(in) (const void* keys, size_t keys_length) (VALUE packed) {
  packed = stave_rb_pack_all($input, 1);
  $1 = RSTRING_PTR(packed);
  $2 = (size_t)RSTRING_LEN(packed);
}
%typemap(in) (const void* pairs, size_t pairs_length) (VALUE packed) {
  packed = stave_rb_pack_all($input, 2);
  $1 = RSTRING_PTR(packed);
  $2 = (size_t)RSTRING_LEN(packed);
}
%typemap(freearg) (const void* keys, size_t keys_length),
                  (const void* pairs, size_t pairs_length) { RB_GC_GUARD(packed$argnum); }

/* SWIG's own conversions of numbers cost a rb_rescue each. */
%typemap(in) uint32_t, size_t { $1 = ($1_ltype)stave_rb_natural($input, ($1_ltype)-1); }
%typemap(in) uint64_t { $1 = stave_rb_natural($input, UINT64_MAX); }
%typemap(in) int64_t { $1 = NUM2LL(stave_rb_integer($input)); }

/* Whatever has to_path or to_str, in the file system's encoding; no NUL inside. */
%typemap(in) const char* dir (VALUE path) {
  path = rb_get_path($input);
  $1 = StringValueCStr(path);
}
%typemap(freearg) const char* dir { RB_GC_GUARD(path$argnum); }

/* Room on the wrapper's own stack for a short value: a reply in memory of the thread would not do
 * where Ruby moves its threads between those of the system. */
%typemap(in, numinputs=0) void* room (char space[stave_rb_room]) { $1 = space; }

/* Ruby has checked whose method it is. Memory that was never initialized is NULL: all bear that. */
%typemap(in) StaveDb* self, StaveBatch* self, StaveSnapshot* self, StaveIter* self,
             StaveFeed* self, StaveFiles* self { $1 = ($1_ltype)DATA_PTR(self); }

/* ------------------------------------------------------------------ out */

%typemap(out) reply_none { $result = stave_rb_none(&$1); }
%typemap(out) reply_bytes { $result = stave_rb_bytes(&$1); }
%typemap(out) reply_number { $result = stave_rb_number(&$1); }
%typemap(out) reply_bool { $result = stave_rb_bool(&$1); }
%typemap(out) reply_items { $result = stave_rb_items(&$1, stave_rb_pairs); }
%typemap(out) reply_keys { $result = stave_rb_items(&$1, stave_rb_keys); }
%typemap(out) reply_entries { $result = stave_rb_items(&$1, stave_rb_entries); }
%typemap(out) reply_values { $result = stave_rb_found(&$1); }
%typemap(out) reply_change { $result = stave_rb_change(&$1); }
/* Answers, where other calls have errors: exceptions cost microseconds. */
%typemap(out) reply_none StaveDb::remove { $result = stave_rb_unless(&$1, STAVE_NOT_FOUND); }
%typemap(out) reply_none StaveDb::put_if_absent, reply_none StaveDb::compare_and_set,
              reply_none StaveDb::delete_if_value, reply_none StaveDb::delete_if_version {
  $result = stave_rb_unless(&$1, STAVE_CONFLICT);
}
%typemap(out) reply_none StaveDb::store {
  stave_rb_none(&$1);
  $result = argv[1];
}
%typemap(out) reply_values StaveIter::next_values {
  $result = stave_rb_items(&$1, stave_rb_values);
}

/* ------------------------------------------------------------------ the GVL */

%exception { stave_rb_without_gvl([&] { $action }); }
%define %brief(CALL)
%exception CALL { stave_rb_briefly([&] { $action }); }
%enddef
%brief(StaveDb::lookup)
%brief(StaveDb::get)
%brief(StaveDb::exists)
%brief(StaveDb::store)
%brief(StaveDb::put)
%brief(StaveDb::remove)
/* What is memory alone keeps it: taking it again would cost more than the call. So do those that
 * let go of a handle, which are not to be put off by an interrupt. */
%define %keeps_gvl(CALL)
%noexception CALL;
%enddef
%keeps_gvl(StaveDb::StaveDb)
%keeps_gvl(StaveFiles::StaveFiles)
%keeps_gvl(StaveFiles::at)
%keeps_gvl(StaveBatch::StaveBatch)
%keeps_gvl(StaveBatch::begin)
%keeps_gvl(StaveBatch::put)
%keeps_gvl(StaveBatch::put_until)
%keeps_gvl(StaveBatch::remove)
%keeps_gvl(StaveBatch::clear)
%keeps_gvl(StaveBatch::count)
%keeps_gvl(StaveBatch::require_absent)
%keeps_gvl(StaveBatch::require_present)
%keeps_gvl(StaveBatch::require_version)
%keeps_gvl(StaveBatch::require_value)
%keeps_gvl(StaveBatch::close)
%keeps_gvl(StaveSnapshot::StaveSnapshot)
%keeps_gvl(StaveSnapshot::seq)
%keeps_gvl(StaveSnapshot::close)
%keeps_gvl(StaveIter::StaveIter)
%keeps_gvl(StaveIter::close)
%keeps_gvl(StaveFeed::StaveFeed)
%keeps_gvl(StaveFeed::close)
%keeps_gvl(stave_option_info::stave_option_info)
%keeps_gvl(stave_log_event::stave_log_event)
%keeps_gvl(stave_entry::stave_entry)
%keeps_gvl(stave_backup_report::stave_backup_report)
%keeps_gvl(stave_stats::stave_stats)
%keeps_gvl(stave_file_info::stave_file_info)
%keeps_gvl(stave_progress::stave_progress)
%keeps_gvl(stave_verify_report::stave_verify_report)
%keeps_gvl(stave_repair_report::stave_repair_report)
%keeps_gvl(stave_version)
%keeps_gvl(stave_status_text)
%keeps_gvl(stave_status_name)
%keeps_gvl(stave_live_handles)
%keeps_gvl(stave_option_count)
%keeps_gvl(option_at)

%include "../common/stave.i"

/* What the classes of lib/stave use as their own methods, so that no Ruby runs between. */
%extend StaveDb {
  reply_bytes lookup(const void* key, size_t key_length, void* room) {
    size_t length = 0;
    void* spill = NULL;
    int status = stave_get_into(stave_db_of($self), key, key_length, room, stave_rb_room, &length,
                                &spill);
    stave_reply reply = stave_answer(status);
    if (status == STAVE_OK) {
      reply.data = spill != NULL ? spill : room;
      reply.own = spill != NULL;
      reply.length = length;
    }
    return reply;
  }
  reply_none store(const void* key, size_t key_length, const void* value, size_t value_length) {
    return stave_answer(stave_put(stave_db_of($self), key, key_length, value, value_length, 0));
  }
}
%extend StaveIter {
  reply_keys next_keys(size_t n) { return stave_iter_next_packed($self, n); }
  reply_values next_values(size_t n) { return stave_iter_next_packed($self, n); }
  reply_entries next_entries(size_t n) { return stave_iter_next_packed($self, n); }
}
