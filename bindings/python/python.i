/* The typemaps of Python: SWIG makes generated/native_wrap.c, the module stave._native, of it. */
%module(package="stave") native

%include "../common/headers.i"
%insert("header") "convert.h"
%header %{
typedef stave_reply reply_found;
typedef stave_reply reply_gone;
typedef stave_reply reply_keys;
typedef stave_reply reply_entries;
%}

/* ------------------------------------------------------------------ in */

%typemap(in) (const void* bytes, size_t length) (int taken = 0, Py_buffer buffer) {
  const void* data;
  taken = stave_py_take($input, &data, &$2, &buffer);
  if (taken == stave_py_refused) SWIG_fail;
  $1 = ($1_ltype)data;
}
%typemap(freearg) (const void* bytes, size_t length) {
  if (taken$argnum == stave_py_held) PyBuffer_Release(&buffer$argnum);
}

%typemap(in) (const void* keys, size_t keys_length) (stave_py_packed packed = {0}) {
  if (!stave_py_pack_all($input, 1, &packed)) SWIG_fail;
  $1 = packed.data;
  $2 = packed.length;
}
%typemap(in) (const void* pairs, size_t pairs_length) (stave_py_packed packed = {0}) {
  if (!stave_py_pack_all($input, 2, &packed)) SWIG_fail;
  $1 = packed.data;
  $2 = packed.length;
}
%typemap(freearg) (const void* keys, size_t keys_length),
                  (const void* pairs, size_t pairs_length) { free(packed$argnum.data); }

/* str, bytes or os.PathLike, in the file system's encoding; no NUL inside. */
%typemap(in) const char* dir (PyObject* path = NULL) {
  if (!PyUnicode_FSConverter($input, &path)) SWIG_fail;
  $1 = PyBytes_AS_STRING(path);
}
%typemap(freearg) const char* dir { Py_XDECREF(path$argnum); }

/* A key that the exception names if it is not there. */
%apply (const void* bytes, size_t length) { (const void* sought, size_t sought_length) }
%typemap(argout) (const void* sought, size_t sought_length) {
  if ($result == NULL) {
    stave_py_raise(STAVE_NOT_FOUND, NULL, $input);
    SWIG_fail;
  }
}

/* A method is only ever called with a `self` of its own type: no need to ask. */
%typemap(in) StaveDb* self, StaveBatch* self, StaveSnapshot* self, StaveIter* self,
             StaveFeed* self, StaveFiles* self { $1 = ($1_ltype)((SwigPyObject*)$input)->ptr; }

/* What to give back instead of None. */
%typemap(in) PyObject* missing { $1 = $input; }
%typemap(argout) PyObject* missing {
  if ($result == Py_None) {
    Py_INCREF($1);
    Py_SETREF($result, $1);
  }
}

/* ------------------------------------------------------------------ out */

%typemap(out) reply_none {
  if ($1.status != STAVE_OK) {
    stave_py_fail(&$1);
    SWIG_fail;
  }
  $result = Py_NewRef(Py_None);
}
%typemap(out) reply_bytes {
  if ($1.status == STAVE_OK && $1.data != NULL) {
    $result = PyBytes_FromStringAndSize((const char*)$1.data, (Py_ssize_t)$1.length);
    stave_reply_clear(&$1);
  } else if ($1.status == STAVE_OK || $1.status == STAVE_NOT_FOUND) {
    $result = Py_NewRef(Py_None);
  } else {
    stave_py_fail(&$1);
  }
  if ($result == NULL) SWIG_fail;
}
/* As reply_bytes, but NULL without an exception if not found: the argout above raises it. */
%typemap(out) reply_found {
  if ($1.status == STAVE_OK) {
    $result = PyBytes_FromStringAndSize((const char*)$1.data, (Py_ssize_t)$1.length);
    stave_reply_clear(&$1);
    if ($result == NULL) SWIG_fail;
  } else if ($1.status != STAVE_NOT_FOUND) {
    stave_py_fail(&$1);
    SWIG_fail;
  }
}
%typemap(out) reply_gone {
  if ($1.status == STAVE_OK) {
    $result = Py_NewRef(Py_None);
  } else if ($1.status != STAVE_NOT_FOUND) {
    stave_py_fail(&$1);
    SWIG_fail;
  }
}
%typemap(out) reply_number {
  if ($1.status != STAVE_OK) {
    stave_py_fail(&$1);
    SWIG_fail;
  }
  $result = PyLong_FromLongLong($1.number);
}
%typemap(out) reply_bool {
  if ($1.status != STAVE_OK) {
    stave_py_fail(&$1);
    SWIG_fail;
  }
  $result = PyBool_FromLong((long)$1.number);
}
%typemap(out) reply_items { if (!($result = stave_py_items(&$1, stave_py_pairs))) SWIG_fail; }
%typemap(out) reply_keys { if (!($result = stave_py_items(&$1, stave_py_keys))) SWIG_fail; }
%typemap(out) reply_entries { if (!($result = stave_py_items(&$1, stave_py_entries))) SWIG_fail; }
%typemap(out) reply_values { if (!($result = stave_py_values(&$1))) SWIG_fail; }
%typemap(out) reply_change { if (!($result = stave_py_change(&$1))) SWIG_fail; }

/* Batches are memory alone: taking the GIL again would cost more than the call. */
%nothread StaveBatch::put;
%nothread StaveBatch::put_until;
%nothread StaveBatch::remove;
%nothread StaveBatch::count;
%nothread StaveBatch::require_absent;
%nothread StaveBatch::require_present;
%nothread StaveBatch::require_version;
%nothread StaveBatch::require_value;
%nothread stave_live_handles;
%nothread stave_version;
%nothread stave_status_text;
%nothread stave_status_name;
%nothread set_error_factory;

%feature("docstring") StaveDb::find "get(key, default=None)
Return the value of key, or default if there is none.";
%feature("docstring") StaveDb::require "Return the value of key; NotFound if there is none.";
%feature("docstring") StaveDb::store "Store value under key, as put(key, value).";
%feature("docstring") StaveDb::erase "Delete key; NotFound if it is not there.";
%feature("docstring") StaveDb::exists "Whether key is there.";
%feature("docstring") StaveSnapshot::find "get(key, default=None)
Return the value of key at the snapshot's moment, or default if there was none.";
%feature("docstring") StaveSnapshot::require "Return the value of key; NotFound if there was none.";
%feature("docstring") StaveSnapshot::seq "The number of the last operation that the snapshot sees.";
%feature("docstring") StaveSnapshot::close "Let go of the moment; a second close does nothing.";
%feature("docstring") StaveDb::sync "Make every write that returned before durable.";
%feature("docstring") StaveDb::checkpoint "checkpoint(path)
backup() into a directory that must not exist.";
%feature("docstring") StaveDb::refresh "Move a read-only store to what its writer has written.";
%feature("docstring") StaveDb::merge_pause "Hold back background merges until merge_resume().";
%feature("docstring") StaveDb::merge_resume "End merge_pause().";
%feature("docstring") StaveDb::rebuild_hints "Write all sealed files' hint files anew.";

%define %inner(NAME)
%feature("docstring") NAME "Of the package itself: its classes have a method for it.";
%enddef
%inner(StaveDb::begin)
%inner(StaveDb::count_range)
%inner(StaveDb::delete_if_value)
%inner(StaveDb::delete_if_version)
%inner(StaveDb::get_and_delete)
%inner(StaveDb::get_and_set)
%inner(StaveDb::get_entry)
%inner(StaveDb::get_progress)
%inner(StaveDb::get_stats)
%inner(StaveDb::multi_get)
%inner(StaveDb::next_log_event)
%inner(StaveDb::put_ttl)
%inner(StaveDb::put_until)
%inner(StaveDb::remove)
%inner(StaveDb::write)
%inner(StaveSnapshot::begin)

%include "../common/stave.i"

/* What the class stave.Store uses as its own methods, so that no Python runs between. */
%extend StaveDb {
  reply_bytes find(const void* key, size_t key_length, PyObject* missing = Py_None) {
    (void)missing;
    return stave_db_get($self, key, key_length);
  }
  reply_found require(const void* sought, size_t sought_length) {
    return stave_db_get($self, sought, sought_length);
  }
  reply_none store(const void* key, size_t key_length, const void* value, size_t value_length) {
    return stave_answer(stave_put(stave_db_of($self), key, key_length, value, value_length, 0));
  }
  reply_gone erase(const void* sought, size_t sought_length) {
    return stave_answer(stave_delete(stave_db_of($self), sought, sought_length, 0));
  }
}
%extend StaveSnapshot {
  reply_bytes find(const void* key, size_t key_length, PyObject* missing = Py_None) {
    (void)missing;
    return stave_snapshot_find($self, key, key_length);
  }
  reply_found require(const void* sought, size_t sought_length) {
    return stave_snapshot_find($self, sought, sought_length);
  }
}
%extend StaveIter {
  reply_keys next_keys(size_t n) { return stave_iter_next_packed($self, n); }
  reply_entries next_entries(size_t n) { return stave_iter_next_packed($self, n); }
}

%inline %{
static void set_error_factory(PyObject* factory) {
  Py_XDECREF(stave_py_factory);
  stave_py_factory = Py_NewRef(factory);
}
%}
