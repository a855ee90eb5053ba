/* Between Ruby's objects and the replies of bindings/common. Everything here runs with the GVL,
 * but for what is handed to stave_rb_without_gvl.
 *
 * Ruby's errors and Thread#raise leave by longjmp: whatever must not be lost then is either a Ruby
 * object, which the collector finds, or is held inside stave_rb_build. */
#include <inttypes.h>
#include <ruby.h>
#include <ruby/encoding.h>
#include <ruby/thread.h>

/* ------------------------------------------------------------------ the GVL */

/* The plain rb_thread_call_without_gvl looks for interrupts after the call as well, and its result
 * would be lost. This one runs the call exactly once or, interrupted before it, not at all. */
template <class Call>
static void stave_rb_without_gvl(Call call) {
  void* (*run)(void*) = [](void* data) -> void* {
    (*static_cast<Call*>(data))();
    return data;
  };
  while (rb_thread_call_without_gvl2(run, &call, NULL, NULL) == NULL) rb_thread_check_ints();
}

/* Of one key. Letting go of the GVL takes about as long as such a call, and where no other thread
 * lives nobody would have it. (Other Ractors have their own, and only wait to collect garbage.) */
template <class Call>
static void stave_rb_briefly(Call call) {
  if (rb_thread_alone()) {
    call();
  } else {
    stave_rb_without_gvl(call);
  }
}

/* ------------------------------------------------------------------ numbers and bytes in */

/* Ruby's own conversions cut off what stands behind the point. */
static VALUE stave_rb_integer(VALUE number) {
  if (!RB_INTEGER_TYPE_P(number)) {
    rb_raise(rb_eTypeError, "an Integer is needed, not %" PRIsVALUE, rb_obj_class(number));
  }
  return number;
}

/* NUM2ULL takes -1 for 2^64 - 1. */
static uint64_t stave_rb_natural(VALUE number, uint64_t most) {
  stave_rb_integer(number);
  bool negative = FIXNUM_P(number) ? FIX2LONG(number) < 0
                                   : RB_TYPE_P(number, T_BIGNUM) && RBIGNUM_NEGATIVE_P(number);
  uint64_t word = negative ? 0 : NUM2ULL(number);
  if (negative || word > most) {
    rb_raise(rb_eRangeError, "%" PRIsVALUE " is not in 0..%" PRIu64, number, most);
  }
  return word;
}

/* Other threads may change a string while the GVL is released. Short ones are copied to the stack;
 * long ones are shared, and whoever changes one then gets a copy of its own. */
enum { stave_rb_copied_most = 512, stave_rb_room = 4096 };

static const void* stave_rb_take(VALUE* string, size_t* length, char* copy) {
  StringValue(*string);
  *length = (size_t)RSTRING_LEN(*string);
  if (*length <= stave_rb_copied_most) {
    memcpy(copy, RSTRING_PTR(*string), *length);
    return copy;
  }
  *string = rb_str_new_frozen(*string);
  return RSTRING_PTR(*string);
}

/* One entry of a packed list: the lengths of its parts, then the parts. */
static void stave_rb_pack(VALUE packed, VALUE* parts, int count) {
  for (int i = 0; i < count; i++) StringValue(parts[i]);
  for (int i = 0; i < count; i++) {
    size_t length = (size_t)RSTRING_LEN(parts[i]);
    uint32_t word = (uint32_t)length;
    if (length > STAVE_VALUE_SIZE_MAX) rb_raise(rb_eArgError, "a key or value of over 4 GiB");
    rb_str_cat(packed, (const char*)&word, sizeof word);
  }
  for (int i = 0; i < count; i++) rb_str_cat(packed, RSTRING_PTR(parts[i]), RSTRING_LEN(parts[i]));
}

/* Of keys (parts 1) or of pairs (parts 2); a Hash is pairs. The string is seen by nobody else, so
 * that it stays as it is without the GVL. */
static VALUE stave_rb_pack_all(VALUE list, int parts) {
  VALUE packed = rb_str_buf_new(0);
  if (NIL_P(list)) rb_raise(rb_eTypeError, "no implicit conversion of nil into Array");
  list = rb_convert_type(list, T_ARRAY, "Array", "to_a");
  for (long i = 0; i < RARRAY_LEN(list); i++) {
    VALUE entry[2] = {rb_ary_entry(list, i), Qnil};
    if (parts == 2) {
      VALUE pair = rb_check_array_type(entry[0]);
      if (NIL_P(pair) || RARRAY_LEN(pair) != 2) {
        rb_raise(rb_eArgError, "entry %ld is no pair of key and value", i);
      }
      entry[0] = rb_ary_entry(pair, 0);
      entry[1] = rb_ary_entry(pair, 1);
    }
    stave_rb_pack(packed, entry, parts);
  }
  return packed;
}

/* ------------------------------------------------------------------ replies out */

/* What build() makes of the reply, which is given back also where that fails. */
template <class Build>
static VALUE stave_rb_build(stave_reply* reply, Build build) {
  int state = 0;
  VALUE (*run)(VALUE) = [](VALUE data) -> VALUE { return (*(Build*)data)(); };
  VALUE result = rb_protect(run, (VALUE)&build, &state);
  stave_reply_clear(reply);
  if (state != 0) rb_jump_tag(state);
  return result;
}

/* lib/stave/errors.rb makes the exception. */
static void stave_rb_fail(stave_reply* reply) {
  int status = reply->status;
  VALUE message = stave_rb_build(
      reply, [&] { return reply->message ? rb_utf8_str_new_cstr(reply->message) : Qnil; });
  rb_exc_raise(rb_funcall(mNative, rb_intern("make_error"), 2, INT2FIX(status), message));
}

static VALUE stave_rb_none(stave_reply* reply) {
  if (reply->status != STAVE_OK) stave_rb_fail(reply);
  return Qnil;
}

/* True, or false where the status is that one. */
static VALUE stave_rb_unless(stave_reply* reply, int refused) {
  int status = reply->status;
  if (status != STAVE_OK && status != refused) stave_rb_fail(reply);
  stave_reply_clear(reply);
  return status == STAVE_OK ? Qtrue : Qfalse;
}

static VALUE stave_rb_number(stave_reply* reply) {
  if (reply->status != STAVE_OK) stave_rb_fail(reply);
  return LL2NUM(reply->number);
}

static VALUE stave_rb_bool(stave_reply* reply) {
  if (reply->status != STAVE_OK) stave_rb_fail(reply);
  return reply->number != 0 ? Qtrue : Qfalse;
}

static VALUE stave_rb_bytes(stave_reply* reply) {
  if (reply->status == STAVE_OK && reply->data != NULL) {
    if (!reply->own) return rb_str_new((const char*)reply->data, (long)reply->length);
    return stave_rb_build(
        reply, [&] { return rb_str_new((const char*)reply->data, (long)reply->length); });
  }
  if (reply->status != STAVE_OK && reply->status != STAVE_NOT_FOUND) stave_rb_fail(reply);
  return Qnil;
}

/* ------------------------------------------------------------------ lists out */

enum stave_rb_shape { stave_rb_pairs, stave_rb_keys, stave_rb_values, stave_rb_entries };

static VALUE stave_rb_item(const char** at, stave_rb_shape shape) {
  uint32_t key_length, value_length;
  uint64_t version, expires_at_ms;
  const char* key = *at + 24;
  memcpy(&key_length, *at, 4);
  memcpy(&value_length, *at + 4, 4);
  memcpy(&version, *at + 8, 8);
  memcpy(&expires_at_ms, *at + 16, 8);
  *at = key + key_length + value_length;
  if (shape == stave_rb_keys) return rb_str_new(key, key_length);
  VALUE value = rb_str_new(key + key_length, value_length);
  if (shape == stave_rb_values) return value;
  if (shape == stave_rb_pairs) return rb_assoc_new(rb_str_new(key, key_length), value);
  return rb_ary_new_from_args(4, rb_str_new(key, key_length), value, ULL2NUM(version),
                              ULL2NUM(expires_at_ms));
}

/* nil at the end. */
static VALUE stave_rb_items(stave_reply* reply, stave_rb_shape shape) {
  if (reply->status == STAVE_DONE) return Qnil;
  if (reply->status != STAVE_OK) stave_rb_fail(reply);
  return stave_rb_build(reply, [&] {
    const char* at = (const char*)reply->data;
    VALUE list = rb_ary_new_capa((long)reply->number);
    for (int64_t i = 0; i < reply->number; i++) rb_ary_push(list, stave_rb_item(&at, shape));
    return list;
  });
}

/* nil for what is not there. */
static VALUE stave_rb_found(stave_reply* reply) {
  if (reply->status != STAVE_OK) stave_rb_fail(reply);
  return stave_rb_build(reply, [&] {
    const char* at = (const char*)reply->data;
    const char* end = at + reply->length;
    VALUE list = rb_ary_new();
    while (at < end) {
      uint32_t code = 0, length = 0;
      stave_slice value = {NULL, 0};
      stave_unpack_u32(&at, end, &code);
      stave_unpack_u32(&at, end, &length);
      stave_unpack_slice(&at, end, length, &value);
      rb_ary_push(list, code == STAVE_OK ? rb_str_new((const char*)value.data, length) : Qnil);
    }
    return list;
  });
}

/* [kind, seq, key, value, expires_at_ms, more], or nil: there is none yet. */
static VALUE stave_rb_change(stave_reply* reply) {
  if (reply->status == STAVE_DONE) return Qnil;
  if (reply->status != STAVE_OK) stave_rb_fail(reply);
  return stave_rb_build(reply, [&] {
    const char* at = (const char*)reply->data;
    uint32_t kind, more, key_length, value_length;
    uint64_t seq, expires_at_ms;
    memcpy(&kind, at, 4);
    memcpy(&more, at + 4, 4);
    memcpy(&seq, at + 8, 8);
    memcpy(&expires_at_ms, at + 16, 8);
    memcpy(&key_length, at + 24, 4);
    memcpy(&value_length, at + 28, 4);
    return rb_ary_new_from_args(6, UINT2NUM(kind), ULL2NUM(seq), rb_str_new(at + 32, key_length),
                                rb_str_new(at + 32 + key_length, value_length),
                                ULL2NUM(expires_at_ms), more != 0 ? Qtrue : Qfalse);
  });
}
