package io.stave;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * An open store: bytes by bytes, kept in a directory. Any number of threads may use it at once.
 * Arrays that go in are copied within the call, and those that come out are the caller's own. All
 * calls throw {@link StaveException} where they fail, and {@link NullPointerException} for a null.
 */
public final class Store implements ReadView, AutoCloseable {
  final StaveDb db;
  final int flags;
  private final String dir;

  private Store(StaveDb db, String dir, int flags) {
    this.db = db;
    this.dir = dir;
    this.flags = flags;
  }

  /**
   * Opens the store in a directory with every default; it is made if it is not there.
   *
   * @param dir the directory; the one above it must exist
   * @return an open store, to be closed
   */
  public static Store open(Path dir) {
    return open(dir, new Options());
  }

  /**
   * Opens the store in a directory.
   *
   * @param dir the directory
   * @param options how
   * @return an open store, to be closed
   */
  public static Store open(Path dir, Options options) {
    return open(Text.path(dir), dir.toString(), options);
  }

  /**
   * The same, with a name that reaches the system as UTF-8 in every locale.
   *
   * @param dir the directory
   * @param options how
   * @return an open store, to be closed
   */
  public static Store open(String dir, Options options) {
    return open(Text.path(dir), dir, options);
  }

  private static Store open(byte[] path, String dir, Options options) {
    StaveDb db = new StaveDb();
    db.begin(path, Objects.requireNonNull(options, "options").pack());
    return new Store(db, dir, 0);
  }

  /**
   * The same store, with writes that return when this says. Closing it closes the store.
   *
   * @param durability of all writes by what is returned
   * @return costs nothing, and can be kept
   */
  public Store with(Durability durability) {
    return new Store(db, dir, durability.flags);
  }

  // ---------------------------------------------------------------- reading

  @Override
  public byte[] get(byte[] key) {
    return db.get_array(key, Objects.requireNonNull(key, "key").length);
  }

  @Override
  public boolean contains(byte[] key) {
    return db.exists(key);
  }

  /**
   * The value with its version and when it expires.
   *
   * @param key any bytes, at least one
   * @return null if the key is not there
   */
  public Entry entry(byte[] key) {
    byte[] packed = db.find_entry(key);
    return packed == null ? null : new Packed(packed).entry(key);
  }

  @Override
  public Walk walk() {
    return new Walk(this, db, null);
  }

  // ---------------------------------------------------------------- writing

  /**
   * Stores a value, replacing what was there.
   *
   * @param key at least one byte and at most 65535
   * @param value any bytes
   */
  public void put(byte[] key, byte[] value) {
    int keyLength = Objects.requireNonNull(key, "key").length;
    int length = Objects.requireNonNull(value, "value").length;
    db.put_array(key, keyLength, value, length, flags);
  }

  /**
   * Stores a value for some time.
   *
   * @param key at least one byte
   * @param value any bytes
   * @param ttl how long, at least a millisecond
   */
  public void put(byte[] key, byte[] value, Duration ttl) {
    db.put_ttl(key, value, Times.ttl(ttl), flags);
  }

  /**
   * Stores a value until a time.
   *
   * @param key at least one byte
   * @param value any bytes
   * @param expires from then on it is not there
   */
  public void put(byte[] key, byte[] value, Instant expires) {
    db.put_until(key, value, Times.until(expires), flags);
  }

  /**
   * Deletes a key.
   *
   * @param key at least one byte
   * @return whether it was there
   */
  public boolean delete(byte[] key) {
    return db.remove(key, flags) == Native.STAVE_OK;
  }

  /**
   * Operations that are written all or not at all.
   *
   * @return an empty batch, to be closed
   */
  public Batch batch() {
    return new Batch(this);
  }

  /**
   * Calls without arrays, on direct buffers.
   *
   * @return costs nothing, and can be kept
   */
  public Direct direct() {
    return new Direct(db, flags);
  }

  /**
   * Many calls in one, for lists of keys and of entries.
   *
   * @return costs nothing
   */
  public Many many() {
    return new Many(this);
  }

  /** Makes every write that returned before durable. */
  public void sync() {
    db.sync();
  }

  // ---------------------------------------------------------------- expiry

  /**
   * How long an entry will still be there.
   *
   * @param key at least one byte
   * @return null: for ever
   * @throws StaveException {@link Code#NOT_FOUND} if it is not there
   */
  public Duration ttl(byte[] key) {
    long millis = db.ttl(key);
    return millis < 0 ? null : Duration.ofMillis(millis);
  }

  /**
   * Lets an entry expire some time from now.
   *
   * @param key at least one byte
   * @param ttl how long it stays, at least a millisecond
   * @return whether it was there
   */
  public boolean touch(byte[] key, Duration ttl) {
    return db.touch(key, Times.ttl(ttl), flags) == Native.STAVE_OK;
  }

  /**
   * Lets an entry never expire.
   *
   * @param key at least one byte
   * @return whether it was there
   */
  public boolean persist(byte[] key) {
    return db.persist(key, flags) == Native.STAVE_OK;
  }

  // ---------------------------------------------------------------- conditions: one step each

  /**
   * Stores a value if the key is not there. With an expiry it takes a {@link Batch}: requireAbsent
   * and put with the time.
   *
   * @param key at least one byte
   * @param value any bytes
   * @return whether it was stored
   */
  public boolean putIfAbsent(byte[] key, byte[] value) {
    return db.put_if_absent(key, value, flags) == Native.STAVE_OK;
  }

  /**
   * Replaces a value if it is the one expected, byte for byte.
   *
   * @param key at least one byte
   * @param expected what has to be there
   * @param value what is to be there
   * @return whether it was replaced
   */
  public boolean compareAndSet(byte[] key, byte[] expected, byte[] value) {
    return db.compare_and_set(key, expected, value, flags) == Native.STAVE_OK;
  }

  /**
   * Stores a value if the entry has this version.
   *
   * @param key at least one byte
   * @param version of {@link #entry}; 0: the key must not be there
   * @param value any bytes
   * @return the new version; empty if the entry had another one, and nothing was written
   */
  public OptionalLong putIfVersion(byte[] key, long version, byte[] value) {
    long now = db.put_if(key, version, value, flags);
    return now < 0 ? OptionalLong.empty() : OptionalLong.of(now);
  }

  /**
   * Deletes a key if it has this value.
   *
   * @param key at least one byte
   * @param expected byte for byte
   * @return whether it was deleted
   */
  public boolean deleteIf(byte[] key, byte[] expected) {
    return db.delete_if_value(key, expected, flags) == Native.STAVE_OK;
  }

  /**
   * Deletes a key if its entry has this version.
   *
   * @param key at least one byte
   * @param version of {@link #entry}
   * @return whether it was deleted
   */
  public boolean deleteIfVersion(byte[] key, long version) {
    return db.delete_if_version(key, version, flags) == Native.STAVE_OK;
  }

  /**
   * Stores a value and gives back what was there.
   *
   * @param key at least one byte
   * @param value any bytes
   * @return null if nothing was
   */
  public byte[] getAndSet(byte[] key, byte[] value) {
    return db.get_and_set(key, value, flags);
  }

  /**
   * Deletes a key and gives back what was there.
   *
   * @param key at least one byte
   * @return null if nothing was
   */
  public byte[] getAndDelete(byte[] key) {
    return db.get_and_delete(key, flags);
  }

  /**
   * Adds to the number that the value is, as decimal text. A key that is not there counts as 0.
   *
   * @param key at least one byte
   * @param delta what to add
   * @return the sum
   */
  public long increment(byte[] key, long delta) {
    return db.increment(key, delta, flags);
  }

  /**
   * The same of a number of 8 bytes, the lowest first.
   *
   * @param key at least one byte
   * @param delta what to add
   * @return the sum
   */
  public long incrementBinary(byte[] key, long delta) {
    return db.increment(key, delta, flags | Native.STAVE_INCREMENT_BINARY);
  }

  /**
   * Adds bytes to the end of a value. A key that is not there has an empty one.
   *
   * @param key at least one byte
   * @param suffix what to add
   * @return the value's new length
   */
  public long append(byte[] key, byte[] suffix) {
    return db.append(key, suffix, flags);
  }

  /**
   * The store as of now, whatever is written afterwards.
   *
   * @return to be closed soon: it holds disk space
   */
  public Snapshot snapshot() {
    return new Snapshot(this);
  }

  /**
   * The operations in their order.
   *
   * @param after the number before; 0: all that the files have; {@link Stats#lastSeq}: those to come
   * @return to be closed: it holds disk space
   */
  public Feed feed(long after) {
    return new Feed(this, after);
  }

  /**
   * Counts and deletes by ranges.
   *
   * @return costs nothing
   */
  public Ranges ranges() {
    return new Ranges(db, flags);
  }

  /**
   * Merges, backups, checks and what there is to know about the store.
   *
   * @return costs nothing
   */
  public Maintenance maintenance() {
    return new Maintenance(db);
  }

  /**
   * The store as a map of a program's own types.
   *
   * @param keys between K and bytes
   * @param values between V and bytes
   * @param <K> of keys
   * @param <V> of values
   * @return a view: it and the store change together
   */
  public <K, V> StoreMap<K, V> asMap(Codec<K> keys, Codec<V> values) {
    return new StoreMap<>(this, keys, values);
  }

  /**
   * Figures of the store.
   *
   * @return as of now
   */
  public Stats stats() {
    return maintenance().stats();
  }

  /**
   * Waits for calls at work and makes everything durable; later calls throw {@link Code#CLOSED}.
   */
  @Override
  public void close() {
    db.close();
  }

  @Override
  public String toString() {
    return "Store[" + dir + "]";
  }
}
