package io.stave;

/**
 * A held moment of a store, which any number of threads may read. Close it soon: merged files keep
 * their disk space until then. It may be read past the end of the store.
 */
public final class Snapshot implements ReadView, AutoCloseable {
  private final StaveSnapshot snapshot = new StaveSnapshot();

  Snapshot(Store store) {
    snapshot.begin(store.db);
  }

  @Override
  public byte[] get(byte[] key) {
    return snapshot.get(key);
  }

  @Override
  public boolean contains(byte[] key) {
    return get(key) != null;
  }

  @Override
  public Walk walk() {
    return new Walk(this, null, snapshot);
  }

  /**
   * The number of the newest operation that it sees.
   *
   * @return a number as of {@link Change#seq}
   */
  public long lastSeq() {
    return snapshot.seq();
  }

  @Override
  public void close() {
    snapshot.close();
  }
}
