package io.stave;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Test;

/** Feeds, backups, merges, reports. */
public class CareTest extends StoreCase {
  @Test
  public void aFeedGivesOperationsInTheirOrder() throws Exception {
    try (Store store = open();
        Feed feed = store.feed(0)) {
      Instant later = Instant.ofEpochSecond(4_000_000_000L);
      store.put(b("a"), b("1"));
      store.put(b("b"), b("2"), later);
      try (Batch batch = store.batch()) {
        batch.put(b("c"), b("3")).delete(b("a")).write();
      }
      store.ranges().delete(b("x"), b("z"));
      List<String> found = new ArrayList<>();
      long last = 0;
      for (Change change : feed) {
        found.add(
            change.kind() + " " + s(change.key()) + "=" + s(change.value())
                + (change.hasMore() ? " more" : ""));
        assertTrue(change.seq() > last);
        assertEquals(s(change.key()).equals("b") ? later : null, change.expires());
        last = change.seq();
      }
      assertEquals(
          List.of("PUT a=1", "PUT b=2", "PUT c=3 more", "DELETE a=", "DELETE_RANGE x=z"), found);
      assertNull(feed.poll());
      store.put(b("later"), new byte[100_000]);
      assertEquals(100_000, feed.poll().value().length);
      try (Feed other = store.feed(last)) {
        assertEquals("later", s(other.poll(Duration.ofSeconds(10)).key()));
        assertNull(other.poll(Duration.ofMillis(10)));
      }
    }
  }

  @Test
  public void backupsCheckpointsAndRepairs() {
    try (Store store = open()) {
      for (int i = 0; i < 100; i++) store.put(b("k" + i), b("v" + i));
      Maintenance care = store.maintenance();
      BackupReport report = care.backupByCopy(folder.resolve("backup"));
      assertEquals(store.stats().lastSeq(), report.lastSeq());
      assertTrue(report.filesCopied() > 0 && report.filesLinked() == 0);
      assertTrue(report.bytes() >= report.bytesCopied() && report.bytesCopied() > 0);
      assertEquals(report.files(), care.backup(folder.resolve("backup")).files());
      care.checkpoint(folder.resolve("checkpoint"));
      assertFails(Code.EXISTS, "checkpoint", () -> care.checkpoint(folder.resolve("checkpoint")));
      for (String name : List.of("backup", "checkpoint")) {
        try (Store copy = Store.open(folder.resolve(name))) {
          assertEquals(pairs(store), pairs(copy));
        }
      }
    }
    assertFalse(Stave.repair(dir, new Options()).changed());
    assertFails(
        Code.NO_STORE, "nothing", () -> Stave.repair(folder.resolve("nothing"), new Options()));
  }

  @Test
  public void aLostManifestIsRepaired() throws Exception {
    try (Store store = open()) {
      store.put(b("k"), b("v"));
    }
    Files.delete(dir.resolve("MANIFEST"));
    RepairReport would = Stave.repair(dir, new Options().readOnly());
    assertTrue(would.toString(), would.changed() && would.manifestRebuilt());
    assertFalse(Files.exists(dir.resolve("MANIFEST")));
    RepairReport report = Stave.repair(dir, new Options());
    assertTrue(report.changed() && report.records() == 1 && report.lostBytes() == 0);
    assertTrue(report.quarantine(), Files.isDirectory(Path.of(report.quarantine())));
    try (Store store = open()) {
      assertEquals("v", s(store.get(b("k"))));
    }
  }

  @Test
  public void mergesAndTheirReports() {
    Options options = new Options().set("merge.triggers.dead_bytes", 1L << 30);
    try (Store store = Store.open(dir, options.set("expiry.default_ttl", Duration.ofHours(2)))) {
      store.put(b("k"), b("v"));
      assertTrue(store.ttl(b("k")).toMinutes() >= 60);
      store.put(b("k"), b("w"));
      Maintenance care = store.maintenance();
      care.merge();
      Stats stats = store.stats();
      assertEquals(1, stats.keys());
      assertEquals(2, stats.puts());
      assertEquals(1, stats.merges());
      assertEquals("", stats.mergeLastError());
      assertTrue(Duration.between(stats.mergeLast(), Instant.now()).toMinutes() < 5);
      assertTrue(stats.openTime().toNanos() > 0 && stats.openTime().toMinutes() < 5);
      assertTrue(stats.openedClean() || stats.lastSeq() > 0);
      care.mergeUncapped();
      care.mergeSorted();
      assertEquals(List.of("k=w"), pairs(store));
      for (DataFile file : care.files()) {
        assertFalse(file.mergeNote().isEmpty());
        assertTrue(file.id() > 0);
        assertNotNull(file.state());
      }
      assertTrue(care.files().stream().anyMatch(f -> f.state() == DataFile.State.ACTIVE));
      assertTrue(care.files().stream().anyMatch(DataFile::merged));
      assertEquals(0, care.verify().problems());
      assertEquals(1, care.verify().records());
      assertFalse(care.progress().active());
      assertEquals("", care.progress().task());
      care.pauseMerges();
      assertTrue(store.stats().mergePaused());
      care.resumeMerges();
      assertFalse(store.stats().mergePaused());
      care.rebuildHints();
      care.refresh();
    }
  }

  @Test
  public void everyFieldOfEveryReportCanBeRead() throws Exception {
    List<Object> reports = new ArrayList<>(Stave.options());
    try (Store store = open()) {
      store.put(b("k"), b("v"));
      Maintenance care = store.maintenance();
      reports.add(store.stats());
      reports.add(care.progress());
      reports.add(care.verify());
      reports.add(care.backup(folder.resolve("backup")));
      reports.addAll(care.files());
    }
    reports.add(Stave.repair(dir, new Options()));
    for (Object report : reports) {
      String text = report.toString();
      for (Method method : report.getClass().getDeclaredMethods()) {
        assertTrue(text, text.contains(method.getName() + "=" + method.invoke(report)));
      }
    }
  }

  @Test
  public void logEvents() throws Exception {
    try (Store store = open()) {
      store.put(b("k"), b("v"));
    }
    try (Stream<Path> files = Files.list(dir)) {
      Path log = files.filter(f -> f.toString().endsWith(".log")).sorted().findFirst().get();
      Files.copy(log, dir.resolve("0000009999.log"));
    }
    try (Store store = open()) {
      List<LogEvent> events = store.maintenance().logEvents();
      LogEvent event =
          events.stream().filter(e -> e.message().contains("0000009999.log")).findFirst().get();
      assertTrue(event.toString(), event.level().compareTo(LogEvent.Level.INFO) >= 0);
      assertTrue(Duration.between(event.time(), Instant.now()).toMinutes() < 5);
      assertEquals(0, event.dropped());
      assertEquals(List.of(), store.maintenance().logEvents());
    }
    Store closed;
    try (Stream<Path> files = Files.list(dir)) {
      Path log = files.filter(f -> f.toString().endsWith(".log")).sorted().findFirst().get();
      Files.copy(log, dir.resolve("0000009998.log"));
    }
    try (Store store = open()) {
      closed = store;
    }
    List<LogEvent> last = closed.maintenance().logEvents();
    assertTrue(last.toString(), last.stream().anyMatch(e -> e.message().contains("9998.log")));
    assertFails(Code.CLOSED, "closed", () -> closed.maintenance().logEvents());
  }

  private Feed feedOfAStoreThatNobodyHolds() {
    Store store = open();
    store.put(b("k"), b("v"));
    return store.feed(0);
  }

  @Test
  public void aFeedHoldsItsStore() throws Exception {
    try (Feed feed = feedOfAStoreThatNobodyHolds()) {
      for (int i = 0; i < 20; i++) {
        System.gc();
        Thread.sleep(5);
      }
      assertEquals("k", s(feed.poll().key()));
    }
  }

  @Test
  public void aReaderBesideAWriter() {
    try (Store store = open()) {
      store.put(b("k"), b("1"));
      try (Store reader = Store.open(dir, new Options().readOnly())) {
        store.put(b("k"), b("2"));
        assertEquals("1", s(reader.get(b("k"))));
        reader.maintenance().refresh();
        assertEquals("2", s(reader.get(b("k"))));
      }
    }
  }
}
