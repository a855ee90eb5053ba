package io.stave;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.Test;

/** Walks, cursors and snapshots. */
public class WalksTest extends StoreCase {
  private static String word(Random random, int least, int most) {
    StringBuilder word = new StringBuilder();
    int length = least + random.nextInt(most - least + 1);
    for (int i = 0; i < length; i++) word.append("ab\u00ff".charAt(random.nextInt(3)));
    return word.toString();
  }

  @Test
  public void rangesAreThoseOfASortedSet() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    TreeSet<String> all = new TreeSet<>();
    try (Store store = open()) {
      for (int i = 0; i < 60; i++) {
        String key = word(random, 1, 4);
        all.add(key);
        store.put(b(key), b("v" + key));
      }
      for (int i = 0; i < 300; i++) {
        String prefix = random.nextBoolean() ? word(random, 0, 2) : "";
        String from = random.nextBoolean() ? word(random, 0, 2) : "";
        String to = random.nextBoolean() ? word(random, 0, 2) : "";
        if (!to.isEmpty() && from.compareTo(to) > 0) to = from;
        String end = to;
        List<String> expected =
            all.stream()
                .filter(key -> key.startsWith(prefix) && key.compareTo(from) >= 0)
                .filter(key -> end.isEmpty() || key.compareTo(end) < 0)
                .collect(Collectors.toList());
        String what = "seed " + seed + ", " + List.of(prefix, from, to);
        Walk walk = store.walk().prefix(b(prefix)).from(b(from)).to(b(to));
        assertEquals(what, expected, keys(walk.keys()));
        List<String> values = expected.stream().map(k -> k + "=v" + k).collect(Collectors.toList());
        assertEquals(what, values, pairs(walk));
        int limit = random.nextInt(4);
        assertEquals(
            what,
            expected.subList(0, Math.min(limit, expected.size())),
            keys(walk.limit(limit).keys()));
        Collections.reverse(expected);
        assertEquals(what, expected, keys(walk.reverse().keys()));
      }
    }
  }

  @Test
  public void keysOnlyReadsNoValues() {
    try (Store store = open()) {
      store.put(b("k"), b("v"));
      assertEquals(List.of("k="), pairs(store.walk().keysOnly()));
    }
  }

  @Test
  public void aWalkIsBegunAnewEachTimeAndSeesOneMoment() throws Exception {
    try (Store store = open()) {
      for (int i = 0; i < 2000; i++) store.put(b(String.format("%04d", i)), b("old"));
      Walk walk = store.walk().prefix(b("1"));
      int walked = 0;
      for (Entry entry : store) {
        assertEquals("old", s(entry.getValue()));
        store.put(entry.getKey(), b("new"));
        store.put(b("x" + s(entry.getKey())), b("new"));
        store.delete(b(String.format("%04d", 1999 - walked / 2)));
        if (++walked == 900) store.maintenance().merge();
      }
      assertEquals(2000, walked);
      store.ranges().clear();
      store.put(b("11"), b("then"));
      assertEquals(List.of("11=then"), pairs(walk));
    }
  }

  @Test
  public void valuesOfAllSizesInOneWalk() {
    Random random = new Random(3);
    try (Store store = open()) {
      List<Integer> sizes = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        sizes.add(i % 50 == 49 ? 600_000 : random.nextInt(3000));
        store.put(b(String.format("%04d", i)), new byte[sizes.get(i)]);
      }
      List<Integer> found = new ArrayList<>();
      for (Entry entry : store) found.add(entry.getValue().length);
      assertEquals(sizes, found);
    }
  }

  @Test
  public void seek() {
    try (Store store = open()) {
      for (int i = 0; i < 2000; i += 2) store.put(b(String.format("%04d", i)), b(""));
      try (Cursor cursor = store.walk().cursor();
          Cursor back = store.walk().reverse().cursor();
          Cursor none = store.walk().limit(0).cursor()) {
        for (int i : new int[] {1999, 500, 501, 0, 1998, 1500}) {
          cursor.seek(b(String.format("%04d", i)));
          int found = i + i % 2;
          if (found < 2000) {
            assertEquals(String.format("%04d", found), s(cursor.next().getKey()));
          } else {
            assertFalse(cursor.hasNext());
            assertThrows(NoSuchElementException.class, cursor::next);
          }
          back.seek(b(String.format("%04d", i)));
          assertEquals(String.format("%04d", i - i % 2), s(back.next().getKey()));
        }
        none.seek(b("0"));
        assertNull(none.poll());
      }
    }
  }

  @Test
  public void aCursorSharedBy4ThreadsGivesEachEntryToOne() throws Exception {
    try (Store store = open()) {
      for (int i = 0; i < 5000; i++) store.put(b(String.format("%04d", i)), b("v" + i));
      Set<String> found = ConcurrentHashMap.newKeySet();
      try (Cursor cursor = store.walk().cursor()) {
        inThreads(
            4,
            number -> {
              for (Entry entry = cursor.poll(); entry != null; entry = cursor.poll()) {
                assertEquals("v" + Integer.parseInt(s(entry.getKey())), s(entry.getValue()));
                assertTrue("given twice", found.add(s(entry.getKey())));
              }
            });
      }
      assertEquals(5000, found.size());
    }
  }

  @Test
  public void closingInsideAWalk() {
    Store store = open();
    for (int i = 0; i < 1000; i++) store.put(b(String.format("%04d", i)), b("v"));
    try (Cursor cursor = store.walk().cursor();
        Cursor other = store.walk().cursor();
        Snapshot snapshot = store.snapshot()) {
      cursor.next();
      cursor.close();
      cursor.close();
      assertFails(Code.CLOSED, "iterator is closed", cursor::hasNext);
      assertFails(Code.CLOSED, "iterator is closed", cursor::next);
      assertFails(Code.CLOSED, "iterator is closed", () -> cursor.seek(b("1")));
      int walked = 0;
      while (other.hasNext()) {
        other.next();
        if (++walked == 10) store.close();
      }
      assertEquals("a cursor outlives its store", 1000, walked);
      assertEquals("v", s(snapshot.get(b("0001"))));
      assertEquals(1000, pairs(snapshot).size());
      assertFails(Code.CLOSED, "closed", store::iterator);
    }
  }

  @Test
  public void aLoopToItsEndLetsGo() throws Exception {
    try (Store store = open()) {
      store.put(b("k"), b("v"));
      long before = Stave.liveHandles();
      List<Cursor> kept = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Cursor cursor = store.iterator();
        while (cursor.hasNext()) cursor.next();
        kept.add(cursor);
        assertFalse(cursor.hasNext());
      }
      assertEquals(before, Stave.liveHandles());
      try (Stream<Entry> stream = store.walk().stream()) {
        assertEquals("k", stream.map(entry -> s(entry.getKey())).findFirst().get());
      }
      assertEquals(before, Stave.liveHandles());
    }
  }

  @Test
  public void snapshots() {
    try (Store store = open()) {
      store.put(b("a"), b("1"));
      store.put(b("b"), b("2"));
      try (Snapshot snapshot = store.snapshot()) {
        store.put(b("a"), b("3"));
        store.delete(b("b"));
        store.put(b("c"), b("4"));
        assertEquals("1", s(snapshot.get(b("a"))));
        assertNull(snapshot.get(b("c")));
        assertTrue(snapshot.contains(b("b")));
        assertEquals(List.of("a=1", "b=2"), pairs(snapshot));
        assertEquals(List.of("b=2"), pairs(snapshot.walk().reverse().limit(1)));
        assertTrue(snapshot.lastSeq() < store.stats().lastSeq());
        snapshot.close();
        assertFails(Code.CLOSED, "snapshot is closed", () -> snapshot.get(b("a")));
        assertFails(Code.CLOSED, "snapshot is closed", snapshot::lastSeq);
        assertFails(Code.CLOSED, "snapshot is closed", snapshot::iterator);
      }
      assertEquals(List.of("a=3", "c=4"), pairs(store));
    }
  }

  @Test
  public void boundsAndLimits() {
    try (Store store = open()) {
      assertThrows(IllegalArgumentException.class, () -> store.walk().limit(-1));
      byte[] bound = b("a");
      Walk walk = store.walk().from(bound);
      store.put(b("a"), b("1"));
      Arrays.fill(bound, (byte) 'z');
      assertEquals("a walk has its own bounds", List.of("a=1"), pairs(walk));
      assertEquals("none is in both", List.of(), pairs(store.walk().from(b("b")).to(b("a"))));
      Map<String, String> map = store.asMap(Codec.UTF_8, Codec.UTF_8);
      assertEquals(Map.of("a", "1"), map);
    }
  }
}
