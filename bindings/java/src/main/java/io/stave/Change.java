package io.stave;

import java.time.Instant;

/** An operation of a {@link Feed}. */
public final class Change {
  /** What was done. */
  public enum Kind {
    /** A value was stored. */
    PUT(Native.STAVE_CHANGE_PUT),
    /** A key was deleted; the value is empty. */
    DELETE(Native.STAVE_CHANGE_DELETE),
    /** All keys from the key on and before the value were deleted; empty: no bound. */
    DELETE_RANGE(Native.STAVE_CHANGE_DELETE_RANGE);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    static Kind of(int number) {
      for (Kind kind : values()) {
        if (kind.number == number) return kind;
      }
      throw new IllegalStateException("a change of an unknown kind: " + number);
    }
  }

  private final Kind kind;
  private final long seq;
  private final byte[] key;
  private final byte[] value;
  private final long expiresMillis;
  private final boolean more;

  Change(Kind kind, long seq, byte[] key, byte[] value, long expiresMillis, boolean more) {
    this.kind = kind;
    this.seq = seq;
    this.key = key;
    this.value = value;
    this.expiresMillis = expiresMillis;
    this.more = more;
  }

  /**
   * What was done.
   *
   * @return one of three
   */
  public Kind kind() {
    return kind;
  }

  /**
   * The number of the operation.
   *
   * @return what {@link Store#feed(long)} takes to go on behind it
   */
  public long seq() {
    return seq;
  }

  /**
   * The key.
   *
   * @return of a range the first
   */
  public byte[] key() {
    return key;
  }

  /**
   * The value.
   *
   * @return of a range its end
   */
  public byte[] value() {
    return value;
  }

  /**
   * When the entry that was put expires.
   *
   * @return null: never
   */
  public Instant expires() {
    return Times.instant(expiresMillis);
  }

  /**
   * Whether the next change belongs to the same batch.
   *
   * @return false for the last one of a batch, and for one by itself
   */
  public boolean hasMore() {
    return more;
  }

  @Override
  public String toString() {
    return kind + " " + seq + ": " + key.length + " + " + value.length + " bytes";
  }
}
