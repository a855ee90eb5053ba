package io.stave;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A store as a map. What {@link ConcurrentMap} says holds, with these particulars:
 *
 * <ul>
 *   <li>Two keys or values are the same if their bytes are: neither {@code equals} nor {@code
 *       hashCode} of K and V is asked, but by {@link #containsValue}, {@link #equals} and what
 *       {@link AbstractMap} does with its views. So {@link Codec#BYTES} serves for keys.
 *   <li>Null is refused as key and as value.
 *   <li>Each of put, remove, putIfAbsent, replace, compute and merge is one step; the last two may
 *       call their function more than once.
 *   <li>Iteration is in the order of the keys' bytes, of the moment in which it began, and never
 *       throws {@link java.util.ConcurrentModificationException}.
 *   <li>{@link #size} counts, in time proportional to the store. {@link #clear} is one step.
 * </ul>
 *
 * @param <K> of keys
 * @param <V> of values
 */
public final class StoreMap<K, V> extends AbstractMap<K, V> implements ConcurrentMap<K, V> {
  private static final byte[] NONE = {};

  private final Store store;
  private final Codec<K> keys;
  private final Codec<V> values;

  StoreMap(Store store, Codec<K> keys, Codec<V> values) {
    this.store = store;
    this.keys = keys;
    this.values = values;
  }

  @SuppressWarnings("unchecked") // a key of another type fails in the codec, as in a TreeMap
  private byte[] key(Object key) {
    return keys.encode((K) Objects.requireNonNull(key, "key"));
  }

  @SuppressWarnings("unchecked")
  private byte[] value(Object value) {
    return values.encode((V) Objects.requireNonNull(value, "value"));
  }

  private V value(byte[] bytes) {
    return bytes == null ? null : values.decode(bytes);
  }

  @Override
  public V get(Object key) {
    return value(store.get(key(key)));
  }

  @Override
  public V getOrDefault(Object key, V other) {
    V found = get(key);
    return found == null ? other : found;
  }

  @Override
  public boolean containsKey(Object key) {
    return store.contains(key(key));
  }

  @Override
  public V put(K key, V value) {
    return value(store.getAndSet(key(key), value((Object) value)));
  }

  @Override
  public V remove(Object key) {
    return value(store.getAndDelete(key(key)));
  }

  @Override
  public V putIfAbsent(K key, V value) {
    byte[] keyBytes = key(key);
    byte[] valueBytes = value((Object) value);
    while (!store.putIfAbsent(keyBytes, valueBytes)) {
      byte[] there = store.get(keyBytes);
      if (there != null) return values.decode(there);
    }
    return null;
  }

  @Override
  public boolean remove(Object key, Object value) {
    return store.deleteIf(key(key), value(value));
  }

  @Override
  public boolean replace(K key, V old, V value) {
    return store.compareAndSet(key(key), value((Object) old), value((Object) value));
  }

  @Override
  public V replace(K key, V value) {
    byte[] keyBytes = key(key);
    byte[] valueBytes = value((Object) value);
    while (true) {
      byte[] there = store.get(keyBytes);
      if (there == null || store.compareAndSet(keyBytes, there, valueBytes)) return value(there);
    }
  }

  // ConcurrentMap's own would compare what was decoded and encoded again, which may be other bytes.
  private V update(K key, UnaryOperator<V> function) {
    byte[] keyBytes = key(key);
    while (true) {
      byte[] old = store.get(keyBytes);
      V made = function.apply(value(old));
      if (made == null) {
        if (old == null || store.deleteIf(keyBytes, old)) return null;
        continue;
      }
      byte[] bytes = value((Object) made);
      boolean stored =
          old == null
              ? store.putIfAbsent(keyBytes, bytes)
              : Arrays.equals(old, bytes) || store.compareAndSet(keyBytes, old, bytes);
      if (stored) return made;
    }
  }

  @Override
  public V compute(K key, BiFunction<? super K, ? super V, ? extends V> function) {
    Objects.requireNonNull(function, "function");
    return update(key, old -> function.apply(key, old));
  }

  @Override
  public V computeIfPresent(K key, BiFunction<? super K, ? super V, ? extends V> function) {
    Objects.requireNonNull(function, "function");
    return update(key, old -> old == null ? null : function.apply(key, old));
  }

  @Override
  public V merge(K key, V value, BiFunction<? super V, ? super V, ? extends V> function) {
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(function, "function");
    return update(key, old -> old == null ? value : function.apply(old, value));
  }

  @Override
  public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    Objects.requireNonNull(function, "function");
    for (K key : keySet()) {
      update(
          key,
          old -> old == null ? null : Objects.requireNonNull(function.apply(key, old), "value"));
    }
  }

  @Override
  public int size() {
    return (int) Math.min(store.ranges().count(NONE, NONE), Integer.MAX_VALUE);
  }

  @Override
  public boolean isEmpty() {
    try (Cursor cursor = store.walk().keysOnly().limit(1).cursor()) {
      return !cursor.hasNext();
    }
  }

  @Override
  public void clear() {
    store.ranges().clear();
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new Entries();
  }

  @Override
  public Set<K> keySet() {
    return new Keys();
  }

  @Override
  public Collection<V> values() {
    return new Values();
  }

  // Of a size that nobody knows: others may write between a count and a walk.
  private static <T> Spliterator<T> unsized(Iterator<T> walk) {
    return Spliterators.spliteratorUnknownSize(walk, Spliterator.ORDERED | Spliterator.NONNULL);
  }

  private abstract class SetView<T> extends AbstractSet<T> {
    @Override
    public Spliterator<T> spliterator() {
      return unsized(iterator());
    }

    @Override
    public int size() {
      return StoreMap.this.size();
    }

    @Override
    public boolean isEmpty() {
      return StoreMap.this.isEmpty();
    }

    @Override
    public void clear() {
      StoreMap.this.clear();
    }
  }

  private final class Keys extends SetView<K> {
    @Override
    public Iterator<K> iterator() {
      return new Steps<>(store.walk().keysOnly(), entry -> keys.decode(entry.getKey()));
    }

    @Override
    public boolean contains(Object key) {
      return containsKey(key);
    }

    @Override
    public boolean remove(Object key) {
      return store.delete(key(key));
    }
  }

  private final class Values extends AbstractCollection<V> {
    @Override
    public Iterator<V> iterator() {
      return new Steps<>(store.walk(), entry -> values.decode(entry.getValue()));
    }

    @Override
    public Spliterator<V> spliterator() {
      return unsized(iterator());
    }

    @Override
    public int size() {
      return StoreMap.this.size();
    }

    @Override
    public boolean isEmpty() {
      return StoreMap.this.isEmpty();
    }

    @Override
    public void clear() {
      StoreMap.this.clear();
    }
  }

  private final class Entries extends SetView<Map.Entry<K, V>> {
    @Override
    public Iterator<Map.Entry<K, V>> iterator() {
      return new Steps<>(store.walk(), Pair::new);
    }

    @Override
    public boolean contains(Object other) {
      if (!(other instanceof Map.Entry)) return false;
      Map.Entry<?, ?> entry = (Map.Entry<?, ?>) other;
      byte[] there = store.get(key(entry.getKey()));
      return there != null && Arrays.equals(there, value(entry.getValue()));
    }

    @Override
    public boolean remove(Object other) {
      if (!(other instanceof Map.Entry)) return false;
      Map.Entry<?, ?> entry = (Map.Entry<?, ?>) other;
      return StoreMap.this.remove(entry.getKey(), entry.getValue());
    }
  }

  private final class Pair extends SimpleEntry<K, V> {
    private static final long serialVersionUID = 1L;

    Pair(io.stave.Entry entry) { // not Map.Entry, which is nearer
      super(keys.decode(entry.getKey()), values.decode(entry.getValue()));
    }

    @Override
    public V setValue(V value) {
      StoreMap.this.put(getKey(), value);
      return super.setValue(value);
    }
  }

  private final class Steps<T> implements Iterator<T> {
    private final Cursor cursor;
    private final Function<io.stave.Entry, T> shape;
    private io.stave.Entry last;

    Steps(Walk walk, Function<io.stave.Entry, T> shape) {
      cursor = walk.iterator();
      this.shape = shape;
    }

    @Override
    public boolean hasNext() {
      return cursor.hasNext();
    }

    @Override
    public T next() {
      last = cursor.next();
      return shape.apply(last);
    }

    @Override
    public void remove() {
      if (last == null) throw new IllegalStateException("remove comes after next, and once");
      store.delete(last.getKey());
      last = null;
    }
  }
}
