/* Between Python's objects and the replies of bindings/common. Everything here runs with the GIL.
 */

/* ------------------------------------------------------------------ bytes in */

/* Lent for the call: the argument tuple keeps a bytes object alive, a Py_buffer anything else,
 * also while the GIL is released. A bytearray cannot change its size meanwhile. */
enum { stave_py_refused, stave_py_lent, stave_py_held /* `buffer` is to be released */ };

static int stave_py_take(PyObject* object, const void** data, size_t* length, Py_buffer* buffer) {
  if (PyBytes_CheckExact(object)) {
    *data = PyBytes_AS_STRING(object);
    *length = (size_t)PyBytes_GET_SIZE(object);
    return stave_py_lent;
  }
  if (PyObject_GetBuffer(object, buffer, PyBUF_SIMPLE) != 0) return stave_py_refused;
  *data = buffer->buf;
  *length = (size_t)buffer->len;
  return stave_py_held;
}

/* ------------------------------------------------------------------ packed lists in */

typedef struct stave_py_packed {
  char* data;
  size_t length;
  size_t cap;
} stave_py_packed;

static char* stave_py_extend(stave_py_packed* packed, size_t more) {
  char* end;
  if (packed->cap - packed->length < more) {
    size_t cap = 2 * packed->cap + more + 256;
    char* data = (char*)realloc(packed->data, cap);
    if (data == NULL) {
      PyErr_NoMemory();
      return NULL;
    }
    packed->data = data;
    packed->cap = cap;
  }
  end = packed->data + packed->length;
  packed->length += more;
  return end;
}

/* One entry: the lengths of its parts, then the parts. */
static int stave_py_pack(stave_py_packed* packed, PyObject* const* parts, int count) {
  const void* data[2];
  size_t length[2], size = 0;
  Py_buffer buffer[2];
  int taken[2] = {stave_py_refused, stave_py_refused}, i;
  char* at = NULL;
  for (i = 0; i < count; i++) {
    taken[i] = stave_py_take(parts[i], &data[i], &length[i], &buffer[i]);
    if (taken[i] == stave_py_refused) break;
    if (length[i] > STAVE_VALUE_SIZE_MAX) {
      PyErr_SetString(PyExc_OverflowError, "a key or value of more than 4 GiB");
      break;
    }
    size += 4 + length[i];
  }
  if (i == count) at = stave_py_extend(packed, size);
  for (i = 0; at != NULL && i < count; i++) at = stave_pack_u32(at, length[i]);
  for (i = 0; at != NULL && i < count; i++) at = stave_pack(at, data[i], length[i]);
  for (i = 0; i < count; i++) {
    if (taken[i] == stave_py_held) PyBuffer_Release(&buffer[i]);
  }
  return at != NULL;
}

static int stave_py_pack_pair(stave_py_packed* packed, PyObject* object) {
  PyObject* pair = PySequence_Tuple(object);
  int fine = pair != NULL && PyTuple_GET_SIZE(pair) == 2;
  if (pair != NULL && !fine) PyErr_SetString(PyExc_ValueError, "not a pair of key and value");
  if (fine) fine = stave_py_pack(packed, &PyTuple_GET_ITEM(pair, 0), 2);
  Py_XDECREF(pair);
  return fine;
}

/* Of an iterable of keys (parts 1) or of pairs (parts 2). Of an iterator of pairs up to 1 MiB: it
 * gives the others the next time. */
static int stave_py_pack_all(PyObject* iterable, int parts, stave_py_packed* packed) {
  size_t most = parts == 2 && PyIter_Check(iterable) ? 1 << 20 : SIZE_MAX;
  PyObject* iterator = PyObject_GetIter(iterable);
  int fine = iterator != NULL;
  while (fine && packed->length < most) {
    PyObject* entry = PyIter_Next(iterator);
    if (entry == NULL) break;
    fine = parts == 1 ? stave_py_pack(packed, &entry, 1) : stave_py_pack_pair(packed, entry);
    Py_DECREF(entry);
  }
  Py_XDECREF(iterator);
  return fine && !PyErr_Occurred();
}

/* ------------------------------------------------------------------ errors out */

/* factory(code, message or None, key or None): the exception. Set by the package when imported. */
static PyObject* stave_py_factory = NULL;

static void stave_py_raise(int status, const char* message, PyObject* key) {
  PyObject* error;
  if (stave_py_factory == NULL) {
    PyErr_SetString(PyExc_RuntimeError, message != NULL ? message : stave_status_text(status));
    return;
  }
  /* File names in a message are bytes of any kind. */
  error = PyObject_CallFunction(
      stave_py_factory, "iNO", status,
      message != NULL
          ? PyUnicode_DecodeUTF8(message, (Py_ssize_t)strlen(message), "backslashreplace")
          : Py_NewRef(Py_None),
      key != NULL ? key : Py_None);
  if (error == NULL) return;
  PyErr_SetObject((PyObject*)Py_TYPE(error), error);
  Py_DECREF(error);
}

static PyObject* stave_py_fail(stave_reply* reply) {
  stave_py_raise(reply->status, reply->message, NULL);
  stave_reply_clear(reply);
  return NULL;
}

/* ------------------------------------------------------------------ lists out */

typedef enum { stave_py_pairs, stave_py_keys, stave_py_entries } stave_py_shape;

static PyObject* stave_py_item(const char** at, stave_py_shape shape) {
  uint32_t key_length, value_length;
  uint64_t version, expires_at_ms;
  const char* key = *at + 24;
  memcpy(&key_length, *at, 4);
  memcpy(&value_length, *at + 4, 4);
  memcpy(&version, *at + 8, 8);
  memcpy(&expires_at_ms, *at + 16, 8);
  *at = key + key_length + value_length;
  if (shape == stave_py_keys) return PyBytes_FromStringAndSize(key, key_length);
  if (shape == stave_py_pairs) {
    PyObject* pair = PyTuple_New(2);
    PyObject* key_object = PyBytes_FromStringAndSize(key, key_length);
    PyObject* value_object = PyBytes_FromStringAndSize(key + key_length, value_length);
    if (pair != NULL && key_object != NULL && value_object != NULL) {
      PyTuple_SET_ITEM(pair, 0, key_object);
      PyTuple_SET_ITEM(pair, 1, value_object);
      return pair;
    }
    Py_XDECREF(pair);
    Py_XDECREF(key_object);
    Py_XDECREF(value_object);
    return NULL;
  }
  return Py_BuildValue("y#y#KK", key, (Py_ssize_t)key_length, key + key_length,
                       (Py_ssize_t)value_length, (unsigned long long)version,
                       (unsigned long long)expires_at_ms);
}

static PyObject* stave_py_items(stave_reply* reply, stave_py_shape shape) {
  const char* at = (const char*)reply->data;
  Py_ssize_t count, i;
  PyObject* list;
  if (reply->status != STAVE_OK && reply->status != STAVE_DONE) return stave_py_fail(reply);
  count = (Py_ssize_t)reply->number;
  list = PyList_New(count);
  for (i = 0; list != NULL && i < count; i++) {
    PyObject* item = stave_py_item(&at, shape);
    if (item == NULL) {
      Py_CLEAR(list);
    } else {
      PyList_SET_ITEM(list, i, item);
    }
  }
  stave_reply_clear(reply);
  return list;
}

/* None for what is not there. */
static PyObject* stave_py_values(stave_reply* reply) {
  const char* at = (const char*)reply->data;
  const char* end = at + reply->length;
  PyObject* list;
  if (reply->status != STAVE_OK) return stave_py_fail(reply);
  list = PyList_New(0);
  while (list != NULL && at < end) {
    uint32_t code = 0, length = 0;
    stave_slice value = {NULL, 0};
    PyObject* object;
    stave_unpack_u32(&at, end, &code);
    stave_unpack_u32(&at, end, &length);
    stave_unpack_slice(&at, end, length, &value);
    object = code == STAVE_OK
                 ? PyBytes_FromStringAndSize((const char*)value.data, (Py_ssize_t)length)
                 : Py_NewRef(Py_None);
    if (object == NULL || PyList_Append(list, object) != 0) Py_CLEAR(list);
    Py_XDECREF(object);
  }
  stave_reply_clear(reply);
  return list;
}

/* (kind, seq, key, value, expires_at_ms, more), or None: there is none yet. */
static PyObject* stave_py_change(stave_reply* reply) {
  const char* at = (const char*)reply->data;
  uint32_t kind, more, key_length, value_length;
  uint64_t seq, expires_at_ms;
  PyObject* change;
  if (reply->status == STAVE_DONE) return Py_NewRef(Py_None);
  if (reply->status != STAVE_OK) return stave_py_fail(reply);
  memcpy(&kind, at, 4);
  memcpy(&more, at + 4, 4);
  memcpy(&seq, at + 8, 8);
  memcpy(&expires_at_ms, at + 16, 8);
  memcpy(&key_length, at + 24, 4);
  memcpy(&value_length, at + 28, 4);
  change = Py_BuildValue("iKy#y#KO", (int)kind, (unsigned long long)seq, at + 32,
                         (Py_ssize_t)key_length, at + 32 + key_length, (Py_ssize_t)value_length,
                         (unsigned long long)expires_at_ms, more != 0 ? Py_True : Py_False);
  stave_reply_clear(reply);
  return change;
}
