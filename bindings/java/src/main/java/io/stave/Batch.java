package io.stave;

import java.time.Instant;

/**
 * Operations, and conditions, that {@link #write} applies all or not at all. It belongs to one
 * thread at a time: {@link Code#IN_USE} for the second.
 *
 * <pre>{@code
 * try (Batch batch = store.batch()) {
 *   batch.requireAbsent(user).put(user, name).delete(guest).write();
 * }
 * }</pre>
 */
public final class Batch implements AutoCloseable {
  private final StaveBatch batch = new StaveBatch();
  private final Store store;

  Batch(Store store) {
    this.store = store;
    batch.begin();
  }

  /**
   * Stores a value.
   *
   * @param key at least one byte
   * @param value any bytes
   * @return this
   */
  public Batch put(byte[] key, byte[] value) {
    batch.put(key, value);
    return this;
  }

  /**
   * Stores a value until a time.
   *
   * @param key at least one byte
   * @param value any bytes
   * @param expires from then on it is not there
   * @return this
   */
  public Batch put(byte[] key, byte[] value, Instant expires) {
    batch.put_until(key, value, Times.until(expires));
    return this;
  }

  /**
   * Deletes a key, which need not be there.
   *
   * @param key at least one byte
   * @return this
   */
  public Batch delete(byte[] key) {
    batch.remove(key);
    return this;
  }

  /**
   * Writes only if a key is not there.
   *
   * @param key at least one byte
   * @return this
   */
  public Batch requireAbsent(byte[] key) {
    batch.require_absent(key);
    return this;
  }

  /**
   * Writes only if a key is there.
   *
   * @param key at least one byte
   * @return this
   */
  public Batch requirePresent(byte[] key) {
    batch.require_present(key);
    return this;
  }

  /**
   * Writes only if an entry has this version.
   *
   * @param key at least one byte
   * @param version of {@link Store#entry}; 0: the key must not be there
   * @return this
   */
  public Batch requireVersion(byte[] key, long version) {
    batch.require_version(key, version);
    return this;
  }

  /**
   * Writes only if a key has this value.
   *
   * @param key at least one byte
   * @param value byte for byte
   * @return this
   */
  public Batch requireValue(byte[] key, byte[] value) {
    batch.require_value(key, value);
    return this;
  }

  /**
   * How many operations there are, conditions not among them.
   *
   * @return their number
   */
  public long size() {
    return batch.count();
  }

  /**
   * Takes all operations and conditions out.
   *
   * @return this
   */
  public Batch clear() {
    batch.clear();
    return this;
  }

  /**
   * Applies all operations, or none. The batch stays as it is.
   *
   * @throws StaveException {@link Code#CONFLICT} if a condition does not hold; the text names the
   *     key
   */
  public void write() {
    store.db.apply(batch, store.flags);
  }

  /** Throws the batch away; what was written stays. */
  @Override
  public void close() {
    batch.close();
  }
}
