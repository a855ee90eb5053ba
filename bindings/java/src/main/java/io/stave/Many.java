package io.stave;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Many keys in one call, which is faster than one by one, but no transaction: each key is read, and
 * each entry written, on its own. All or nothing is {@link Batch}. See {@link Store#many}.
 */
public final class Many {
  private static final int KEYS_MOST = 64;
  private static final int BYTES_MOST = 1 << 20;

  private final Store store;

  Many(Store store) {
    this.store = store;
  }

  /**
   * The values of many keys.
   *
   * @param keys any number of them
   * @return as many values in the same order, null for what is not there
   */
  public List<byte[]> get(Iterable<byte[]> keys) {
    List<byte[]> values = new ArrayList<>();
    Packed packed = new Packed();
    int count = 0;
    for (byte[] key : keys) {
      packed.addKey(key);
      if (++count == KEYS_MOST || packed.length() > BYTES_MOST) {
        fetch(packed, values);
        packed = new Packed();
        count = 0;
      }
    }
    if (count > 0) fetch(packed, values);
    return values;
  }

  private void fetch(Packed keys, List<byte[]> values) {
    byte[] packed = keys.toArray();
    byte[] found;
    try {
      found = store.db.multi_get(packed);
    } catch (StaveException e) {
      if (e.code() != Code.VALUE_TOO_LARGE) throw e;
      for (Packed each = new Packed(packed); each.hasMore(); ) values.add(store.get(each.key()));
      return; // all together did not fit into an array
    }
    for (Packed each = new Packed(found); each.hasMore(); ) values.add(each.value());
  }

  /**
   * Stores entries in their order; the last value of a key given twice stays. If it fails, any first
   * part of them may be stored.
   *
   * @param entries of a map, a walk, or {@link Map#entry}
   * @return how many
   */
  public long put(Iterable<? extends Map.Entry<byte[], byte[]>> entries) {
    long stored = 0;
    Packed packed = new Packed();
    for (Map.Entry<byte[], byte[]> entry : entries) {
      byte[] key = entry.getKey();
      byte[] value = entry.getValue();
      if (packed.length() > 0 && (long) packed.length() + key.length + value.length > BYTES_MOST) {
        stored += store.db.put_many(packed.toArray(), store.flags);
        packed = new Packed();
      }
      if (value.length > BYTES_MOST) {
        store.put(key, value);
        stored++;
      } else {
        packed.addPair(key, value);
      }
    }
    if (packed.length() > 0) stored += store.db.put_many(packed.toArray(), store.flags);
    return stored;
  }
}
