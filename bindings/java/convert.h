/* Between Java's objects and the replies of bindings/common. */
#include <jni.h>

/* ------------------------------------------------------------------ exceptions */

/* static StaveException StaveException.of(int status, byte[] text), found once. */
static jclass stave_java_exception = NULL;
static jmethodID stave_java_exception_of = NULL;

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void* reserved) {
  JNIEnv* env = NULL;
  jclass found;
  (void)reserved;
  if ((*vm)->GetEnv(vm, (void**)&env, JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  found = (*env)->FindClass(env, "io/stave/StaveException");
  if (found == NULL) return JNI_ERR;
  stave_java_exception_of =
      (*env)->GetStaticMethodID(env, found, "of", "(I[B)Lio/stave/StaveException;");
  stave_java_exception = (jclass)(*env)->NewGlobalRef(env, found);
  if (stave_java_exception_of == NULL || stave_java_exception == NULL) return JNI_ERR;
  return JNI_VERSION_1_8;
}

JNIEXPORT void JNICALL JNI_OnUnload(JavaVM* vm, void* reserved) {
  JNIEnv* env = NULL;
  (void)reserved;
  if ((*vm)->GetEnv(vm, (void**)&env, JNI_VERSION_1_8) != JNI_OK) return;
  (*env)->DeleteGlobalRef(env, stave_java_exception);
}

static jbyteArray stave_java_array(JNIEnv* env, const void* data, size_t length) {
  jbyteArray array = (*env)->NewByteArray(env, (jsize)length);
  if (array != NULL) {
    (*env)->SetByteArrayRegion(env, array, 0, (jsize)length, (const jbyte*)data);
  }
  return array;
}

static jbyteArray stave_java_text(JNIEnv* env, const char* text) {
  return text == NULL ? NULL : stave_java_array(env, text, strlen(text));
}

static void stave_java_throw(JNIEnv* env, int status, const char* message) {
  jthrowable error;
  jbyteArray text = stave_java_text(env, message != NULL ? message : stave_status_text(status));
  if (text == NULL) return; /* without memory Java has thrown that */
  error = (jthrowable)(*env)->CallStaticObjectMethod(env, stave_java_exception,
                                                     stave_java_exception_of, (jint)status, text);
  if (error != NULL && !(*env)->ExceptionCheck(env)) (*env)->Throw(env, error);
}

static void stave_java_fail(JNIEnv* env, stave_reply* reply) {
  stave_java_throw(env, reply->status, reply->message);
  stave_reply_clear(reply);
}

/* ------------------------------------------------------------------ bytes in */

/* A copy: a critical section would hold back the garbage collector for as long as the disk takes.
 * Small ones on the stack. */
typedef struct stave_java_bytes {
  void* data;
  size_t length;
  int failed; /* no memory: NULL with a length, and stave_java_drop throws */
  char small[512];
} stave_java_bytes;

static void stave_java_copy(JNIEnv* env, jbyteArray array, int32_t length,
                            stave_java_bytes* bytes) {
  bytes->length = (size_t)length;
  bytes->data = bytes->length <= sizeof bytes->small ? bytes->small : malloc(bytes->length);
  bytes->failed = bytes->data == NULL;
  if (!bytes->failed) (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte*)bytes->data);
}

static void stave_java_take(JNIEnv* env, jbyteArray array, stave_java_bytes* bytes) {
  stave_java_copy(env, array, (*env)->GetArrayLength(env, array), bytes);
}

/* Comes after the call, and so after its exception. */
static void stave_java_drop(JNIEnv* env, stave_java_bytes* bytes) {
  jclass error;
  if (bytes->data != bytes->small) free(bytes->data);
  if (!bytes->failed) return;
  (*env)->ExceptionClear(env);
  error = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
  if (error != NULL) (*env)->ThrowNew(env, error, "no memory for a copy of an argument");
}

static void* stave_java_at(const void* buffer, int32_t at) {
  return buffer == NULL ? NULL : (char*)buffer + at;
}

/* ------------------------------------------------------------------ replies out */

static jint stave_java_status(JNIEnv* env, stave_reply* reply) {
  jint status = reply->status;
  if (status >= 100) {
    stave_java_fail(env, reply);
  } else if (reply->message != NULL) {
    stave_reply_clear(reply);
  }
  return status;
}

static void stave_java_done(JNIEnv* env, stave_reply* reply) {
  if (reply->status != STAVE_OK) stave_java_fail(env, reply);
}

static jlong stave_java_number(JNIEnv* env, stave_reply* reply) {
  jlong number = reply->number;
  if (reply->status != STAVE_OK) stave_java_fail(env, reply);
  return number;
}

static jboolean stave_java_bool(JNIEnv* env, stave_reply* reply) {
  return stave_java_number(env, reply) != 0 ? JNI_TRUE : JNI_FALSE;
}

/* -1 for NOT_FOUND and CONFLICT. */
static jlong stave_java_length(JNIEnv* env, stave_reply* reply) {
  if (reply->status == STAVE_NOT_FOUND || reply->status == STAVE_CONFLICT) {
    stave_reply_clear(reply);
    return -1;
  }
  return stave_java_number(env, reply);
}

enum { stave_java_array_most = 0x7ffffff7 }; /* what Java's own collections keep to */

/* NULL: there is nothing (NOT_FOUND, DONE, nothing was replaced). */
static jbyteArray stave_java_result(JNIEnv* env, stave_reply* reply) {
  jbyteArray array = NULL;
  if (reply->status >= 100 || reply->status == STAVE_CONFLICT) {
    stave_java_fail(env, reply);
  } else if (reply->length > stave_java_array_most) {
    stave_java_throw(env, STAVE_VALUE_TOO_LARGE,
                     "what the store gave back is longer than an array of Java can be (2 GiB)");
    stave_reply_clear(reply);
  } else {
    if (reply->status == STAVE_OK && reply->data != NULL)
      array = stave_java_array(env, reply->data, reply->length);
    if (reply->own || reply->message != NULL) stave_reply_clear(reply);
  }
  return array;
}

static stave_reply stave_java_get_into(stave_db* db, const void* key, size_t key_length,
                                       void* buffer, size_t cap) {
  size_t length = 0;
  void* spill = NULL;
  int status = stave_get_into(db, key, key_length, buffer, cap, &length, &spill);
  stave_free(spill);
  return stave_answer_number(status, (int64_t)length);
}

/* An entry packed into one array: an object of its own for version and expiry costs more. */
static stave_reply stave_java_entry(stave_db* db, const void* key, size_t key_length) {
  stave_entry entry;
  void* own = NULL;
  size_t length = 0;
  stave_reply reply;
  char* at;
  memset(&entry, 0, sizeof entry);
  entry.size = sizeof entry;
  reply = stave_answer(stave_get_entry(db, key, key_length, &entry, &own, &length));
  if (reply.status != STAVE_OK) return reply;
  at = (char*)malloc(16 + length);
  if (at == NULL) {
    reply = stave_refuse(STAVE_NO_MEMORY, "no memory for an entry");
  } else {
    reply = stave_answer_bytes(STAVE_OK, at, 16 + length);
    at = stave_pack_u64(at, entry.version);
    at = stave_pack_u64(at, entry.expires_at_ms);
    stave_pack(at, own, length);
  }
  stave_free(own);
  return reply;
}

/* ------------------------------------------------------------------ the calls that are made most
 */

/* Java tells the lengths: to ask for them is a crossing each. */
static stave_reply stave_java_put(JNIEnv* env, StaveDb* db, jbyteArray key, int32_t key_length,
                                  jbyteArray value, int32_t value_length, uint32_t flags) {
  stave_java_bytes key_bytes, value_bytes;
  stave_reply reply;
  stave_java_copy(env, key, key_length, &key_bytes);
  stave_java_copy(env, value, value_length, &value_bytes);
  if (key_bytes.failed || value_bytes.failed) {
    reply = stave_answer(STAVE_OK);
  } else {
    reply = stave_answer(stave_put(stave_db_of(db), key_bytes.data, key_bytes.length,
                                   value_bytes.data, value_bytes.length, flags));
  }
  stave_java_drop(env, &value_bytes);
  stave_java_drop(env, &key_bytes);
  return reply;
}

static stave_reply stave_java_get(JNIEnv* env, StaveDb* db, jbyteArray key, int32_t key_length) {
  stave_java_bytes bytes;
  stave_reply reply;
  stave_java_copy(env, key, key_length, &bytes);
  reply = bytes.failed ? stave_answer(STAVE_NOT_FOUND) : stave_db_get(db, bytes.data, bytes.length);
  stave_java_drop(env, &bytes);
  return reply;
}
