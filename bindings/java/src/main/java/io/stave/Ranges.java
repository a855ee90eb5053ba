package io.stave;

/**
 * What concerns all keys of a range at once: from the first key on and before the last, in the order
 * of unsigned bytes. An empty array is no bound. See {@link Store#ranges}.
 */
public final class Ranges {
  private final StaveDb db;
  private final int flags;

  Ranges(StaveDb db, int flags) {
    this.db = db;
    this.flags = flags;
  }

  /**
   * Counts the keys, in time proportional to them; {@link Stats#keys} is a fast figure.
   *
   * @param from the first key
   * @param to the end, which is not in the range
   * @return how many are there
   */
  public long count(byte[] from, byte[] to) {
    return db.count_range(from, to);
  }

  /**
   * About how many bytes of disk the records of these keys take.
   *
   * @param from the first key
   * @param to the end
   * @return bytes
   */
  public long approximateSize(byte[] from, byte[] to) {
    return db.approximate_size(from, to);
  }

  /**
   * Deletes all keys of the range, in one step.
   *
   * @param from the first key
   * @param to the end
   */
  public void delete(byte[] from, byte[] to) {
    db.delete_range(from, to, flags);
  }

  /**
   * Deletes all keys that begin with a prefix, in one step.
   *
   * @param prefix at least one byte
   */
  public void deletePrefix(byte[] prefix) {
    db.delete_prefix(prefix, flags);
  }

  /** Deletes everything, in one step, and gives its disk space back. */
  public void clear() {
    db.clear(flags);
  }
}
