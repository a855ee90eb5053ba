package io.stave;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Spliterator;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.Test;

/** The store as a ConcurrentMap. */
public class MapTest extends StoreCase {
  @Test
  public void itDoesWhatATreeMapDoes() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    TreeMap<Long, String> model = new TreeMap<>();
    try (Store store = open()) {
      assertThrows(IllegalArgumentException.class, () -> Codec.LONG.decode(new byte[3]));
      ConcurrentMap<Long, String> map = store.asMap(Codec.LONG, Codec.UTF_8);
      for (int i = 0; i < 3000; i++) {
        Long key = random.nextInt(40) - 20L;
        String value = "w\u00f6rt" + random.nextInt(5);
        String old = "w\u00f6rt" + random.nextInt(5);
        String what = "seed " + seed + ", step " + i;
        int kind = random.nextInt(13);
        if (kind == 0) assertEquals(what, model.put(key, value), map.put(key, value));
        if (kind == 1) assertEquals(what, model.remove(key), map.remove(key));
        if (kind == 2) assertEquals(what, model.get(key), map.get(key));
        if (kind == 3) {
          assertEquals(what, model.putIfAbsent(key, value), map.putIfAbsent(key, value));
        }
        if (kind == 4) assertEquals(what, model.remove(key, value), map.remove(key, value));
        if (kind == 5) assertEquals(what, model.replace(key, value), map.replace(key, value));
        if (kind == 6) {
          assertEquals(what, model.replace(key, old, value), map.replace(key, old, value));
        }
        if (kind == 7) {
          assertEquals(
              what, model.merge(key, value, String::concat), map.merge(key, value, String::concat));
        }
        if (kind == 8) {
          assertEquals(
              what,
              model.computeIfPresent(key, (k, v) -> v.length() > 8 ? null : v + k),
              map.computeIfPresent(key, (k, v) -> v.length() > 8 ? null : v + k));
        }
        if (kind == 9) assertEquals(what, model.containsKey(key), map.containsKey(key));
        if (kind == 10) {
          assertEquals(what, model.getOrDefault(key, "?"), map.getOrDefault(key, "?"));
        }
        if (kind == 11) {
          assertEquals(what, new ArrayList<>(model.entrySet()), new ArrayList<>(map.entrySet()));
        }
        if (kind == 12) {
          assertEquals(
              what,
              model.keySet().removeIf(k -> k % 7 == key % 7),
              map.keySet().removeIf(k -> k % 7 == key % 7));
        }
        assertEquals(what, model.size(), map.size());
        assertEquals(what, model.isEmpty(), map.isEmpty());
      }
      assertEquals(model, map);
      assertEquals(model.toString(), map.toString());
      assertEquals(model.hashCode(), map.hashCode());
      assertEquals(new ArrayList<>(model.values()), new ArrayList<>(map.values()));
      map.clear();
      assertTrue(map.isEmpty());
      map.putAll(model);
      assertEquals(model, map);
      map.entrySet().clear();
      assertEquals(Map.of(), map);
    }
  }

  /** They are text to nobody, and come back from the codec as other bytes. */
  @Test
  public void valuesThatTheCodecDoesNotWriteAreReplaced() {
    try (Store store = open()) {
      ConcurrentMap<String, String> map = store.asMap(Codec.UTF_8, Codec.UTF_8);
      byte[] odd = {(byte) 0xff};
      store.put(b("k"), odd);
      assertEquals("\ufffdx", map.merge("k", "x", String::concat));
      store.put(b("k"), odd);
      assertEquals("2", map.compute("k", (key, old) -> "2"));
      store.put(b("k"), odd);
      assertEquals("3", map.computeIfPresent("k", (key, old) -> "3"));
      store.put(b("k"), odd);
      map.replaceAll((key, old) -> "4");
      assertEquals("4", s(store.get(b("k"))));
      store.put(b("k"), odd);
      assertNull(map.compute("k", (key, old) -> null));
      assertFalse(store.contains(b("k")));
      assertNull(map.computeIfPresent("k", (key, old) -> "5"));
      assertEquals("6", map.compute("k", (key, old) -> old == null ? "6" : "7"));
      assertThrows(NullPointerException.class, () -> map.merge("k", null, String::concat));
    }
  }

  @Test
  public void viewsAreOfNoKnownSizeAndWriteThrough() {
    try (Store store = open()) {
      ConcurrentMap<byte[], byte[]> map = store.asMap(Codec.BYTES, Codec.BYTES);
      for (String key : List.of("a", "b", "c")) map.put(b(key), b(key + "1"));
      List<Collection<?>> views = List.of(map.keySet(), map.values(), map.entrySet());
      for (Collection<?> view : views) {
        assertFalse(view.spliterator().hasCharacteristics(Spliterator.SIZED));
        assertEquals(3, view.stream().toArray().length);
        assertEquals(3, view.size());
      }
      assertTrue(map.keySet().contains(b("b")));
      assertTrue(map.keySet().remove(b("b")));
      assertFalse(map.keySet().remove(b("b")));
      assertEquals(List.of("a", "c"), keys(map.keySet()));
      assertEquals(List.of("a1", "c1"), keys(map.values()));
      map.values().clear();
      assertTrue(map.keySet().isEmpty());
    }
  }

  @Test
  public void entriesWriteThrough() {
    try (Store store = open()) {
      ConcurrentMap<String, String> map = store.asMap(Codec.UTF_8, Codec.UTF_8);
      map.put("a", "1");
      map.put("b", "2");
      Iterator<Map.Entry<String, String>> entries = map.entrySet().iterator();
      assertThrows(IllegalStateException.class, entries::remove);
      assertEquals("1", entries.next().setValue("one"));
      entries.next();
      entries.remove();
      assertThrows(IllegalStateException.class, entries::remove);
      assertEquals(Map.of("a", "one"), map);
      assertTrue(map.entrySet().contains(Map.entry("a", "one")));
      assertFalse(map.entrySet().contains(Map.entry("a", "1")));
      assertFalse(map.entrySet().contains("a"));
      assertFalse(map.entrySet().remove(Map.entry("a", "1")));
      assertTrue(map.entrySet().remove(Map.entry("a", "one")));
      assertTrue(map.isEmpty());
    }
  }

  @Test
  public void arraysAreKeysByTheirBytes() {
    try (Store store = open()) {
      ConcurrentMap<byte[], byte[]> map = store.asMap(Codec.BYTES, Codec.BYTES);
      assertNull(map.put(b("k"), b("1")));
      assertArrayEquals(b("1"), map.put(b("k"), b("2")));
      assertTrue(map.containsKey(b("k")));
      assertTrue(map.replace(b("k"), b("2"), b("3")));
      assertTrue(map.remove(b("k"), b("3")));
      assertThrows(ClassCastException.class, () -> map.get("text"));
    }
  }

  @Test
  public void numbersAreInTheirOrder() {
    try (Store store = open()) {
      ConcurrentMap<Long, Long> map = store.asMap(Codec.LONG, Codec.LONG);
      List<Long> numbers = List.of(Long.MIN_VALUE, -300L, -1L, 0L, 255L, 256L, Long.MAX_VALUE);
      for (int i = numbers.size(); i-- > 0; ) map.put(numbers.get(i), -numbers.get(i));
      assertEquals(numbers, new ArrayList<>(map.keySet()));
      assertEquals(Long.valueOf(300), map.get(-300L));
    }
  }

  @Test
  public void mergesOf8ThreadsAreAllCounted() throws Exception {
    try (Store store = open()) {
      ConcurrentMap<String, Long> map = store.asMap(Codec.UTF_8, Codec.LONG);
      inThreads(
          8,
          number -> {
            for (int i = 0; i < 300; i++) map.merge("n", 1L, Long::sum);
          });
      assertEquals(Long.valueOf(2400), map.get("n"));
    }
  }
}
