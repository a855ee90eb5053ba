package io.stave;

/** What can be read: a {@link Store} as it is now, or a {@link Snapshot} of it. */
public interface ReadView extends Iterable<Entry> {
  /**
   * The value of a key.
   *
   * @param key any bytes, at least one
   * @return a new array, or null if the key is not there
   */
  byte[] get(byte[] key);

  /**
   * Whether a key is there.
   *
   * @param key any bytes, at least one
   * @return true if it is
   */
  boolean contains(byte[] key);

  /**
   * A walk over all entries, to be narrowed.
   *
   * @return one that begins with the least key
   */
  Walk walk();

  /** All entries in the order of their keys, as of this moment. */
  @Override
  default Cursor iterator() {
    return walk().iterator();
  }
}
