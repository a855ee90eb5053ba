package io.stave;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;

/**
 * Calls on direct buffers, whose memory the library reads and writes itself. Keys and values are the
 * bytes from position to limit. Other buffers are refused. See {@link Store#direct}.
 */
public final class Direct {
  private final StaveDb db;
  private final int flags;

  Direct(StaveDb db, int flags) {
    this.db = db;
    this.flags = flags;
  }

  /**
   * Reads the value of a key. It is put at the buffer's
   * position, which moves behind it, if it fits there; else nothing changes.
   *
   * @param key at least one byte; its position stays
   * @param value where to
   * @return the value's length, which is more than {@code value.remaining()} if it does not fit; -1
   *     if the key is not there
   */
  public long get(ByteBuffer key, ByteBuffer value) {
    int keyAt = key.position();
    int keyLength = length(key, keyAt, "key");
    int at = value.position();
    int cap = length(value, at, "value");
    if (value.isReadOnly()) throw new ReadOnlyBufferException();
    long length = db.get_direct(key, keyAt, keyLength, value, at, cap);
    if (length > 0 && length <= cap) value.position(at + (int) length);
    return length;
  }

  /**
   * Whether a key is there.
   *
   * @param key at least one byte; its position stays
   * @return true if it is
   */
  public boolean contains(ByteBuffer key) {
    int at = key.position();
    return db.exists_direct(key, at, length(key, at, "key"));
  }

  /**
   * Stores a value, replacing what was there.
   *
   * @param key at least one byte; its position stays
   * @param value any bytes; its position stays
   */
  public void put(ByteBuffer key, ByteBuffer value) {
    int keyAt = key.position();
    int keyLength = length(key, keyAt, "key");
    int at = value.position();
    int length = length(value, at, "value");
    db.put_direct(key, keyAt, keyLength, value, at, length, flags);
  }

  /**
   * Deletes a key.
   *
   * @param key at least one byte; its position stays
   * @return whether it was there
   */
  public boolean delete(ByteBuffer key) {
    int at = key.position();
    return db.remove_direct(key, at, length(key, at, "key"), flags) == Native.STAVE_OK;
  }

  /** How many bytes from `at` to the limit: inside the buffer, also if another thread moves both. */
  private static int length(ByteBuffer buffer, int at, String name) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException(
          name + ": not a direct buffer; use ByteBuffer.allocateDirect, or the call with byte[]");
    }
    int length = buffer.limit() - at;
    if (length < 0) {
      throw new IllegalArgumentException(name + ": another thread has changed the buffer meanwhile");
    }
    return length;
  }
}
