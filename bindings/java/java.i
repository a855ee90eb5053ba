/* The typemaps of Java: SWIG makes generated/ of it, classes of the package io.stave that only the
 * package sees, and native_wrap.c, the library stave-jni. */
%module(jniclassname="NativeJNI") Native

%include "../common/headers.i"
%insert("header") "convert.h"
%header %{
typedef stave_reply reply_done;
typedef stave_reply reply_length;
%}

/* ------------------------------------------------------------------ the classes */

%include "enumsimple.swg"
%javaconst(1);
%ignore STAVE_VALUE_SIZE_MAX; /* more than an int, and than an array can hold */
%ignore STAVE_BATCH_SIZE_MAX;
/* Numbers with a suffix that Java does not know: asked for when the class is loaded. */
%javaconst(0) STAVE_KEY_SIZE_MAX;
%javaconst(0) STAVE_WRITE_SYNC;
%javaconst(0) STAVE_WRITE_NO_SYNC;
%javaconst(0) STAVE_INCREMENT_BINARY;
%javaconst(0) STAVE_ITER_REVERSE;
%javaconst(0) STAVE_ITER_KEYS_ONLY;
%javaconst(0) STAVE_BACKUP_COPY;
%javaconst(0) STAVE_MERGE_UNCAPPED;
%javaconst(0) STAVE_MERGE_SORT;
%pragma(java) moduleclassmodifiers="final class"
%pragma(java) jniclassclassmodifiers="final class"
%pragma(java) jniclasscode=%{
  static {
    Library.load();
    Library.check(stave_jni_version());
  }
%}
/* What it was compiled as. */
%inline %{
static int stave_jni_version(void) {
  return STAVE_VERSION_MAJOR * 1000000 + STAVE_VERSION_MINOR * 1000 + STAVE_VERSION_PATCH;
}
%}

/* Memory goes when nothing refers to the object any more, and not before: there is no delete().
 * The JNI calls get the object itself as well (no -nopgcpp), and so hold it. free() is for who
 * knows that no call is inside, and that none will come. */
%typemap(javaclassmodifiers) SWIGTYPE "final class"
%typemap(javafinalize) SWIGTYPE ""
%typemap(javadestruct, methodname="unused", methodmodifiers="private static") SWIGTYPE ""
%typemap(javabody) SWIGTYPE %{
  private final long swigCPtr;
  private final java.lang.ref.Cleaner.Cleanable memory;

  $javaclassname(long cPtr, boolean own) {
    swigCPtr = cPtr;
    memory = Library.CLEANER.register(this, () -> NativeJNI.delete_$javaclassname(cPtr));
  }

  void free() {
    memory.clean();
  }

  static long getCPtr($javaclassname object) {
    return object == null ? 0 : object.swigCPtr;
  }
%}

%apply long long { uint64_t };
%apply int { uint32_t, unsigned int };

/* ------------------------------------------------------------------ in */

/* A null is refused in Java: here, a `return` would leak the arguments before. */
%typemap(jni) (const void* bytes, size_t length) "jbyteArray"
%typemap(jtype) (const void* bytes, size_t length) "byte[]"
%typemap(jstype) (const void* bytes, size_t length) "byte[]"
%typemap(javain) (const void* bytes, size_t length)
  "java.util.Objects.requireNonNull($javainput, \"$1_name\")"
%typemap(in) (const void* bytes, size_t length) (stave_java_bytes taken) {
  stave_java_take(jenv, $input, &taken);
  $1 = ($1_ltype)taken.data;
  $2 = taken.length;
}
%typemap(freearg) (const void* bytes, size_t length) {
  stave_java_drop(jenv, &taken$argnum);
}
/* Without memory for a copy there is a length and no data, which every call refuses but this. */
%typemap(check) (const void* options, size_t options_length) {
  if ($1 == NULL && $2 > 0) $1 = ($1_ltype)"x", $2 = 1;
}

/* Packed by the package. The only argument that is copied, so that nothing is lost by a return. */
%define %packed(POINTER, LENGTH)
%typemap(jni) (const void* POINTER, size_t LENGTH) "jbyteArray"
%typemap(jtype) (const void* POINTER, size_t LENGTH) "byte[]"
%typemap(jstype) (const void* POINTER, size_t LENGTH) "byte[]"
%typemap(javain) (const void* POINTER, size_t LENGTH) "$javainput"
%typemap(in) (const void* POINTER, size_t LENGTH) (stave_java_bytes taken) {
  stave_java_take(jenv, $input, &taken);
  if (taken.failed) {
    stave_java_drop(jenv, &taken);
    return $null;
  }
  $1 = ($1_ltype)taken.data;
  $2 = taken.length;
}
%typemap(freearg) (const void* POINTER, size_t LENGTH) {
  stave_java_drop(jenv, &taken$argnum);
}
%enddef
%packed(keys, keys_length)
%packed(pairs, pairs_length)

/* For C that copies by itself, of a length that Java tells. */
%typemap(in, numinputs=0) JNIEnv* env "$1 = jenv;"

/* A path as the operating system takes it, with its NUL. */
%typemap(jni) const char* dir "jbyteArray"
%typemap(jtype) const char* dir "byte[]"
%typemap(jstype) const char* dir "byte[]"
%typemap(javain) const char* dir "$javainput"
%typemap(in) const char* dir (stave_java_bytes taken) {
  stave_java_take(jenv, $input, &taken);
  $1 = ($1_ltype)taken.data;
}
%typemap(freearg) const char* dir { stave_java_drop(jenv, &taken$argnum); }

/* A direct buffer; from where in it, and how many bytes, come as numbers that Java has checked. */
%typemap(jni) const void* buffer "jobject"
%typemap(jtype) const void* buffer "java.nio.ByteBuffer"
%typemap(jstype) const void* buffer "java.nio.ByteBuffer"
%typemap(javain) const void* buffer "$javainput"
%typemap(in) const void* buffer { $1 = (*jenv)->GetDirectBufferAddress(jenv, $input); }
%typemap(freearg) const void* buffer ""
%apply const void* buffer { const void* key_buffer, const void* value_buffer }

/* ------------------------------------------------------------------ out */

/* Answers (OK, NOT_FOUND, DONE, CONFLICT) are a number to Java, all else an exception. */
%define %out(REPLY, JNI, JAVA, GIVE)
%typemap(jni) REPLY "JNI"
%typemap(jtype) REPLY "JAVA"
%typemap(jstype) REPLY "JAVA"
%typemap(javaout) REPLY { return $jnicall; }
%typemap(out) REPLY { $result = GIVE(jenv, &$1); }
%enddef
%out(reply_none, jint, int, stave_java_status)
%out(reply_bytes, jbyteArray, byte[], stave_java_result)
%out(reply_items, jbyteArray, byte[], stave_java_result)
%out(reply_values, jbyteArray, byte[], stave_java_result)
%out(reply_change, jbyteArray, byte[], stave_java_result)
%out(reply_number, jlong, long, stave_java_number)
%out(reply_bool, jboolean, boolean, stave_java_bool)
/* -1: there is no such key. */
%out(reply_length, jlong, long, stave_java_length)
/* A conflict is an exception as well, which has the text of what did not hold. */
%typemap(jni) reply_done "void"
%typemap(jtype) reply_done "void"
%typemap(jstype) reply_done "void"
%typemap(javaout) reply_done { $jnicall; }
%typemap(out) reply_done { stave_java_done(jenv, &$1); }

/* Texts are UTF-8, and file names in them bytes of any kind; NewStringUTF wants neither. */
%typemap(jni) const char*, char [ANY] "jbyteArray"
%typemap(jtype) const char*, char [ANY] "byte[]"
%typemap(jstype) const char*, char [ANY] "String"
%typemap(javaout) const char*, char [ANY] { return Text.of($jnicall); }
%typemap(out) const char*, char [ANY] { $result = stave_java_text(jenv, $1); }

%include "../common/stave.i"

/* ------------------------------------------------------------------ for Java alone */

%extend StaveDb {
  reply_done apply(StaveBatch* batch, uint32_t flags) {
    return stave_db_write($self, batch, flags);
  }
  reply_none put_array(JNIEnv* env, jbyteArray key, int32_t key_length, jbyteArray value,
                       int32_t value_length, uint32_t flags) {
    return stave_java_put(env, $self, key, key_length, value, value_length, flags);
  }
  reply_bytes get_array(JNIEnv* env, jbyteArray key, int32_t key_length) {
    return stave_java_get(env, $self, key, key_length);
  }
  /* version u64 | expires_at_ms u64 | value */
  reply_bytes find_entry(const void* key, size_t key_length) {
    return stave_java_entry(stave_db_of($self), key, key_length);
  }
  reply_length put_if(const void* key, size_t key_length, uint64_t version, const void* value,
                      size_t value_length, uint32_t flags) {
    uint64_t now = 0;
    int status = stave_put_if_version(stave_db_of($self), key, key_length, version, value,
                                      value_length, flags, &now);
    return stave_answer_number(status, (int64_t)now);
  }

  reply_none put_direct(const void* key_buffer, int32_t key_at, int32_t key_length,
                        const void* value_buffer, int32_t value_at, int32_t value_length,
                        uint32_t flags) {
    return stave_answer(stave_put(stave_db_of($self), stave_java_at(key_buffer, key_at),
                                  (size_t)key_length, stave_java_at(value_buffer, value_at),
                                  (size_t)value_length, flags));
  }
  reply_none remove_direct(const void* key_buffer, int32_t key_at, int32_t key_length,
                           uint32_t flags) {
    return stave_answer(stave_delete(stave_db_of($self), stave_java_at(key_buffer, key_at),
                                     (size_t)key_length, flags));
  }
  reply_bool exists_direct(const void* key_buffer, int32_t key_at, int32_t key_length) {
    int there = 0;
    int status = stave_exists(stave_db_of($self), stave_java_at(key_buffer, key_at),
                              (size_t)key_length, &there);
    return stave_answer_number(status, there);
  }
  /* The value's length; it is in the buffer if it fits there. */
  reply_length get_direct(const void* key_buffer, int32_t key_at, int32_t key_length,
                          const void* value_buffer, int32_t value_at, int32_t value_cap) {
    return stave_java_get_into(stave_db_of($self), stave_java_at(key_buffer, key_at),
                               (size_t)key_length, stave_java_at(value_buffer, value_at),
                               (size_t)value_cap);
  }
}
