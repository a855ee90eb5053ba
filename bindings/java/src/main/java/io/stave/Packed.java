package io.stave;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Lists in one array, as bindings/common/packed.h draws them, in the machine's byte order. */
final class Packed {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int CHANGE_HEAD = 32;
  private static final int ENTRY_HEAD = 24;
  private static final int NAMED_ENTRY_HEAD = 16;

  private byte[] bytes;
  private int length;
  private int at;

  /** To be read. */
  Packed(byte[] bytes) {
    this.bytes = bytes;
    length = bytes.length;
  }

  /** To be filled. */
  Packed() {
    this(new byte[4096]);
    length = 0;
  }

  boolean hasMore() {
    return at < length;
  }

  int length() {
    return length;
  }

  /** The next entry of a walk. */
  Entry entry() {
    int keyAt = at + ENTRY_HEAD;
    int valueAt = keyAt + (int) INT.get(bytes, at);
    int end = valueAt + (int) INT.get(bytes, at + 4);
    Entry entry =
        new Entry(
            Arrays.copyOfRange(bytes, keyAt, valueAt),
            Arrays.copyOfRange(bytes, valueAt, end),
            (long) LONG.get(bytes, at + 8),
            (long) LONG.get(bytes, at + 16));
    at = end;
    return entry;
  }

  /** The entry that a key was asked for. */
  Entry entry(byte[] key) {
    byte[] value = Arrays.copyOfRange(bytes, NAMED_ENTRY_HEAD, length);
    return new Entry(key.clone(), value, (long) LONG.get(bytes, 0), (long) LONG.get(bytes, 8));
  }

  /** The next value of a list; null: not found. */
  byte[] value() {
    int code = (int) INT.get(bytes, at);
    int valueAt = at + 8;
    at = valueAt + (int) INT.get(bytes, at + 4);
    return code == Native.STAVE_OK ? Arrays.copyOfRange(bytes, valueAt, at) : null;
  }

  /** The next key of a list. */
  byte[] key() {
    int keyAt = at + 4;
    at = keyAt + (int) INT.get(bytes, at);
    return Arrays.copyOfRange(bytes, keyAt, at);
  }

  Change change() {
    int valueAt = CHANGE_HEAD + (int) INT.get(bytes, 24);
    return new Change(
        Change.Kind.of((int) INT.get(bytes, 0)),
        (long) LONG.get(bytes, 8),
        Arrays.copyOfRange(bytes, CHANGE_HEAD, valueAt),
        Arrays.copyOfRange(bytes, valueAt, length),
        (long) LONG.get(bytes, 16),
        (int) INT.get(bytes, 4) != 0);
  }

  void addKey(byte[] key) {
    room(4L + key.length);
    INT.set(bytes, length, key.length);
    length += 4;
    add(key);
  }

  void addPair(byte[] key, byte[] value) {
    room(8L + key.length + value.length);
    INT.set(bytes, length, key.length);
    INT.set(bytes, length + 4, value.length);
    length += 8;
    add(key);
    add(value);
  }

  /** All that was added. */
  byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void add(byte[] part) {
    System.arraycopy(part, 0, bytes, length, part.length);
    length += part.length;
  }

  private void room(long more) {
    long wanted = length + more;
    if (wanted > bytes.length) {
      int doubled = (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8);
      bytes = Arrays.copyOf(bytes, Math.max(Math.toIntExact(wanted), doubled));
    }
  }
}
