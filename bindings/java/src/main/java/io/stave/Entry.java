package io.stave;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * A key and its value. As with any {@link Map.Entry} of arrays, {@link #equals} compares their
 * identity.
 */
public final class Entry implements Map.Entry<byte[], byte[]> {
  private final byte[] key;
  private final byte[] value;
  private final long version;
  private final long expiresMillis;

  Entry(byte[] key, byte[] value, long version, long expiresMillis) {
    this.key = key;
    this.value = value;
    this.version = version;
    this.expiresMillis = expiresMillis;
  }

  @Override
  public byte[] getKey() {
    return key;
  }

  /** Empty in a walk over keys only. */
  @Override
  public byte[] getValue() {
    return value;
  }

  /** Not supported: put it into the store. */
  @Override
  public byte[] setValue(byte[] newValue) {
    throw new UnsupportedOperationException("an entry is a copy: put into the store");
  }

  /**
   * The version: the number of the operation that wrote the entry, higher with every change.
   *
   * @return what {@link Store#putIfVersion} takes
   */
  public long version() {
    return version;
  }

  /**
   * When the entry will no longer be there.
   *
   * @return null: it stays
   */
  public Instant expires() {
    return Times.instant(expiresMillis);
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof Map.Entry)) return false;
    Map.Entry<?, ?> entry = (Map.Entry<?, ?>) other;
    return Objects.equals(key, entry.getKey()) && Objects.equals(value, entry.getValue());
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(key) ^ Objects.hashCode(value);
  }
}
