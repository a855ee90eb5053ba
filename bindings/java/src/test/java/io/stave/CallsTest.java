package io.stave;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.Assert;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** Keys and values of all kinds; the calls of a store. */
public class CallsTest extends StoreCase {
  @Test
  public void keysAndValuesOfAllSizesAndBytes() {
    Random random = new Random(1);
    int[] sizes = {0, 1, 511, 512, 513, 1500, 4095, 4096, 4097, 65535, 100_000, 3_000_000};
    Map<Integer, byte[]> values = new java.util.HashMap<>();
    try (Store store = open()) {
      for (int size : sizes) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        values.put(size, bytes);
        byte[] key = Arrays.copyOf(b("\0\u00ff" + size), Math.max(Math.min(size, 65535), 9));
        store.put(key, bytes);
        assertArrayEquals(bytes, store.get(key));
        assertArrayEquals(bytes, store.entry(key).getValue());
        assertArrayEquals(key, store.entry(key).getKey());
        assertTrue(store.contains(key));
        assertNull(store.get(Arrays.copyOf(key, key.length - 1)));
        byte[] read = new byte[size];
        ByteBuffer direct = ByteBuffer.allocateDirect(size);
        ByteBuffer directKey = ByteBuffer.allocateDirect(key.length).put(key).flip();
        assertEquals(size, store.direct().get(directKey, direct));
        direct.flip().get(read);
        assertArrayEquals(bytes, read);
      }
      int count = 0;
      for (Entry entry : store) {
        assertArrayEquals(values.get(entry.getValue().length), entry.getValue());
        count++;
      }
      assertEquals(sizes.length, count);
    }
  }

  @Test
  public void aValueIsReplacedAndDeleted() {
    try (Store store = open()) {
      assertNull(store.get(b("k")));
      assertNull(store.entry(b("k")));
      store.put(b("k"), b("1"));
      store.with(Durability.SYNC).put(b("k"), b("2"));
      assertEquals(store.stats().lastSeq(), store.stats().durableSeq());
      store.with(Durability.NO_SYNC).put(b("k"), b("3"));
      assertEquals("3", s(store.get(b("k"))));
      assertTrue(store.delete(b("k")));
      assertFalse(store.delete(b("k")));
      assertFalse(store.contains(b("k")));
      store.sync();
    }
  }

  @Test
  public void nullsAreRefusedByName() {
    try (Store store = open();
        Batch batch = store.batch();
        Snapshot snapshot = store.snapshot();
        Cursor cursor = store.walk().cursor()) {
      Map<String, List<ThrowingRunnable>> calls =
          Map.of(
              "key",
              List.of(
                  () -> store.get(null),
                  () -> store.put(null, b("v")),
                  () -> store.contains(null),
                  () -> store.delete(null),
                  () -> store.entry(null),
                  () -> store.increment(null, 1),
                  () -> store.ttl(null),
                  () -> batch.put(null, b("v")),
                  () -> batch.requireAbsent(null),
                  () -> snapshot.get(null),
                  () -> cursor.seek(null),
                  () -> store.asMap(Codec.BYTES, Codec.BYTES).get(null)),
              "value",
              List.of(
                  () -> store.put(b("k"), (byte[]) null),
                  () -> store.getAndSet(b("k"), null),
                  () -> batch.put(b("k"), null),
                  () -> store.asMap(Codec.BYTES, Codec.BYTES).put(b("k"), null)),
              "expected",
              List.of(
                  () -> store.compareAndSet(b("k"), null, b("v")),
                  () -> store.deleteIf(b("k"), null)),
              "path",
              List.of(
                  () -> Store.open((String) null, new Options()),
                  () -> Store.open((Path) null),
                  () -> store.maintenance().backup(null)),
              "options",
              List.of(() -> Store.open(dir, null), () -> Stave.repair(dir, null)));
      calls.forEach(
          (name, list) ->
              list.forEach(
                  call -> assertEquals(
                      name, assertThrows(NullPointerException.class, call).getMessage())));
      List<ThrowingRunnable> others =
          List.of(
              () -> store.put(b("k"), b("v"), (Duration) null),
              () -> store.with(null),
              () -> store.walk().prefix(null),
              () -> store.many().get(Arrays.asList(b("k"), null)),
              () -> store.many().put(List.of(new SimpleEntry<>(b("k"), null))),
              () -> store.ranges().delete(null, b("")),
              () -> store.direct().get(null, null),
              () -> new Options().set("sync", (String) null));
      for (ThrowingRunnable call : others) assertThrows(NullPointerException.class, call);
      assertEquals(0, store.ranges().count(b(""), b("")));
    }
  }

  @Test
  public void namesThatAreNotAscii() throws Exception {
    String name = "sto\u00e4re \u2603 \ud83d\udc1f";
    try (Store store = Store.open(folder + "/" + name, new Options())) {
      store.put(b("k"), b("v"));
      assertFails(Code.BUSY, name, () -> Store.open(folder + "/" + name, new Options()).close());
      store.maintenance().checkpoint(folder.resolve("100%25"));
    }
    assertTrue(Files.isDirectory(folder.resolve("100%25")));
    if (!"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) return; // no such Path there
    try (Store store = Store.open(folder.resolve(name))) {
      assertEquals("v", s(store.get(b("k"))));
    }
    assertFails(
        Code.NO_STORE,
        name,
        () -> Store.open(folder.resolve("x" + name), new Options().readOnly()));
  }

  @Test
  public void namesWithANulOrOfAnotherFileSystem() throws Exception {
    assertThrows(IllegalArgumentException.class, () -> Store.open("a\0b", new Options()));
    java.nio.file.Path zip = folder.resolve("a.zip");
    try (java.nio.file.FileSystem other =
        java.nio.file.FileSystems.newFileSystem(
            java.net.URI.create("jar:" + zip.toUri()), Map.of("create", "true"))) {
      IllegalArgumentException error =
          assertThrows(IllegalArgumentException.class, () -> Store.open(other.getPath("/store")));
      assertTrue(error.getMessage().contains("/store"));
    }
  }

  @Test
  public void directBuffers() {
    try (Store store = open()) {
      Direct direct = store.direct();
      ByteBuffer both = direct("--key--value--");
      ByteBuffer key = both.duplicate().position(2).limit(5).slice();
      ByteBuffer value = both.duplicate().position(7).limit(12).asReadOnlyBuffer();
      direct.put(key, value);
      assertEquals("value", s(store.get(b("key"))));
      assertEquals(7, value.position());
      assertTrue(direct.contains(key.asReadOnlyBuffer()));
      ByteBuffer read = ByteBuffer.allocateDirect(12).position(3);
      assertEquals(5, direct.get(key, read));
      assertEquals(8, read.position());
      assertEquals('v', read.get(3));
      assertEquals("it does not fit", 5, direct.get(key, read.position(8)));
      assertEquals(8, read.position());
      assertEquals(0, read.get(8));
      assertEquals(-1, direct.get(direct("none"), read));
      direct.put(key, ByteBuffer.allocateDirect(0));
      assertEquals(0, direct.get(key, ByteBuffer.allocateDirect(0)));
      assertTrue(direct.delete(key));
      assertFalse(direct.delete(key));
      assertFails(Code.EMPTY_KEY, "key", () -> direct.put(direct(""), direct("v")));
      assertThrows(
          ReadOnlyBufferException.class, () -> direct.get(key, read.asReadOnlyBuffer()));
      IllegalArgumentException error =
          assertThrows(
              IllegalArgumentException.class, () -> direct.put(key, ByteBuffer.allocate(3)));
      assertTrue(error.getMessage(), error.getMessage().startsWith("value: not a direct buffer"));
      assertThrows(
          IllegalArgumentException.class, () -> direct.get(ByteBuffer.wrap(b("k")), read));
      store.with(Durability.SYNC).direct().put(key, key);
      assertEquals(store.stats().lastSeq(), store.stats().durableSeq());
    }
  }

  @Test
  public void manyAtOnce() {
    try (Store store = open()) {
      List<Map.Entry<byte[], byte[]>> entries = new ArrayList<>();
      List<byte[]> keys = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        byte[] key = b(String.format("%05d", i));
        entries.add(Map.entry(key, new byte[i % 100 == 0 ? 2_000_000 : i]));
        keys.add(key);
        keys.add(b("none" + i));
      }
      assertEquals(1000, store.many().put(entries));
      List<byte[]> values = store.many().get(keys.subList(2, 200));
      assertEquals(198, values.size());
      for (int i = 0; i < values.size(); i += 2) {
        assertEquals(1 + i / 2, values.get(i).length);
        assertNull(values.get(i + 1));
      }
      assertEquals(List.of(), store.many().get(List.of()));
      assertEquals(0, store.many().put(List.of()));
      assertEquals(2_000_000, store.many().get(keys).get(1800).length);
      try (Store copy = Store.open(folder.resolve("copy"))) {
        assertEquals(1000, copy.many().put(store.walk()));
        assertEquals(keys(store.walk().keys()), keys(copy.walk().keys()));
      }
      assertFails(
          Code.EMPTY_KEY,
          "key 1 of 2",
          () -> store.many().put(List.of(Map.entry(b("a"), b("")), Map.entry(b(""), b("")))));
    }
  }

  @Test
  public void timesToLive() {
    try (Store store = open();
        Batch batch = store.batch()) {
      Instant later = Instant.ofEpochMilli(System.currentTimeMillis() + 3_600_000);
      store.put(b("d"), b("v"), Duration.ofHours(1));
      store.put(b("i"), b("v"), later);
      batch.put(b("b"), b("v"), later).write();
      for (String key : List.of("d", "i", "b")) {
        long seconds = store.ttl(b(key)).getSeconds();
        assertTrue(key + seconds, seconds > 3000 && seconds <= 3601);
      }
      assertEquals(later, store.entry(b("i")).expires());
      assertEquals(later, store.walk().prefix(b("b")).iterator().next().expires());
      assertTrue(store.touch(b("d"), Duration.ofHours(2)));
      assertTrue(store.ttl(b("d")).toHours() >= 1);
      assertTrue(store.persist(b("d")));
      assertNull(store.ttl(b("d")));
      assertNull(store.entry(b("d")).expires());
      store.put(b("gone"), b("v"), Instant.ofEpochMilli(1));
      assertFalse(store.contains(b("gone")));
      assertFalse(store.touch(b("gone"), Duration.ofHours(2)));
      assertFalse(store.persist(b("gone")));
      assertFails(Code.NOT_FOUND, "", () -> store.ttl(b("gone")));
      assertFails(Code.INVALID_ARGUMENT, "ttl", () -> store.put(b("k"), b(""), Duration.ZERO));
      assertThrows(
          IllegalArgumentException.class, () -> store.put(b("k"), b(""), Duration.ofMillis(-1)));
      store.put(b("past"), b("v"), Instant.parse("1960-01-01T00:00:00Z"));
      assertFalse(store.contains(b("past")));
      store.put(b("short"), b("v"), Duration.ofNanos(1)); // at least a millisecond
    }
  }

  @Test
  public void conditions() {
    try (Store store = open()) {
      assertTrue(store.putIfAbsent(b("k"), b("1")));
      assertFalse(store.putIfAbsent(b("k"), b("2")));
      assertFalse(store.compareAndSet(b("k"), b("2"), b("3")));
      assertTrue(store.compareAndSet(b("k"), b("1"), b("3")));
      assertFalse(store.compareAndSet(b("none"), b(""), b("")));
      long version = store.entry(b("k")).version();
      long next = store.putIfVersion(b("k"), version, b("4")).getAsLong();
      assertTrue(next > version);
      assertEquals(OptionalLong.empty(), store.putIfVersion(b("k"), version, b("5")));
      assertEquals(OptionalLong.empty(), store.putIfVersion(b("none"), version, b("5")));
      assertFalse(store.deleteIf(b("k"), b("3")));
      assertFalse(store.deleteIfVersion(b("k"), version));
      assertTrue(store.deleteIfVersion(b("k"), next));
      assertTrue(store.putIfVersion(b("k"), 0, b("6")).isPresent());
      assertTrue(store.deleteIf(b("k"), b("6")));
      assertNull(store.getAndSet(b("k"), b("7")));
      assertEquals("7", s(store.getAndSet(b("k"), b(""))));
      assertEquals("", s(store.getAndDelete(b("k"))));
      assertNull(store.getAndDelete(b("k")));
    }
  }

  @Test
  public void numbersAndAppends() {
    try (Store store = open()) {
      assertEquals(1, store.increment(b("n"), 1));
      assertEquals(-42, store.increment(b("n"), -43));
      assertEquals("-42", s(store.get(b("n"))));
      assertEquals(258, store.incrementBinary(b("b"), 258));
      assertEquals("\2\1\0\0\0\0\0\0", s(store.get(b("b"))));
      store.put(b("n"), b("" + (Long.MAX_VALUE - 1)));
      assertEquals(Long.MAX_VALUE, store.increment(b("n"), 1));
      assertFails(Code.OVERFLOW, "", () -> store.increment(b("n"), 1));
      assertEquals(4, store.append(b("a"), b("one,")));
      assertEquals(7, store.append(b("a"), b("two")));
      assertEquals("one,two", s(store.get(b("a"))));
    }
  }

  @Test
  public void batches() {
    try (Store store = open()) {
      store.put(b("old"), b("1"));
      try (Batch batch = store.with(Durability.SYNC).batch()) {
        batch.put(b("new"), b("2")).delete(b("old")).requireAbsent(b("new"));
        batch.requirePresent(b("old")).requireValue(b("old"), b("1"));
        batch.requireVersion(b("old"), store.entry(b("old")).version());
        assertEquals(2, batch.size());
        batch.write();
        assertEquals(store.stats().lastSeq(), store.stats().durableSeq());
        assertFails(Code.CONFLICT, "\"new\"", batch::write);
        assertEquals(0, batch.clear().size());
        batch.write();
      }
      assertEquals(List.of("new=2"), pairs(store));
    }
  }

  @Test
  public void ranges() {
    try (Store store = open()) {
      for (char letter : new char[] {'a', 'b', 'c', '\u00ff'}) {
        for (int i = 0; i < 10; i++) store.put(b("" + letter + i), new byte[100]);
      }
      Ranges ranges = store.with(Durability.SYNC).ranges();
      assertEquals(40, ranges.count(b(""), b("")));
      assertEquals(15, ranges.count(b("b5"), b("\u00ff")));
      assertTrue(ranges.approximateSize(b("b"), b("c")) > 0);
      ranges.deletePrefix(b("b"));
      ranges.delete(b("a5"), b("c5"));
      assertEquals(List.of("a0", "a1", "a2", "a3", "a4"), keys(store.walk().prefix(b("a")).keys()));
      assertFails(Code.INVALID_ARGUMENT, "", () -> ranges.delete(b("z"), b("a")));
      ranges.delete(b("c"), b(""));
      assertEquals(5, ranges.count(b(""), b("")));
      ranges.clear();
      assertFalse(store.iterator().hasNext());
    }
  }

  @Test
  public void anEntryIsAMapEntryOfItsArrays() {
    try (Store store = open()) {
      store.put(b("k"), b("v"));
      Entry entry = store.entry(b("k"));
      assertNotNull(entry);
      Assert.assertEquals(Map.entry(entry.getKey(), entry.getValue()), entry);
      assertEquals(Map.entry(entry.getKey(), entry.getValue()).hashCode(), entry.hashCode());
      Assert.assertNotEquals(entry, store.entry(b("k")));
      assertThrows(UnsupportedOperationException.class, () -> entry.setValue(b("")));
    }
  }
}
