package io.stave;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;

/** Closing, using what is closed, and dropping what is not. */
public class CloseTest extends StoreCase {
  @Test
  public void everyCallSaysClosedAfterwards() throws Exception {
    Store store = open();
    store.put(b("k"), b("v"));
    Batch batch = store.batch().put(b("k"), b("v"));
    Feed feed = store.feed(0);
    ByteBuffer direct = direct("k");
    store.close();
    store.close();
    Duration hour = Duration.ofHours(1);
    Instant later = Instant.now().plus(hour);
    Map<String, String> map = store.asMap(Codec.UTF_8, Codec.UTF_8);
    Maintenance care = store.maintenance();
    List<ThrowingRunnable> calls =
        List.of(
            () -> store.get(b("k")), () -> store.contains(b("k")), () -> store.entry(b("k")),
            () -> store.put(b("k"), b("")), () -> store.put(b("k"), b(""), hour),
            () -> store.put(b("k"), b(""), later), () -> store.delete(b("k")), store::iterator,
            () -> store.ttl(b("k")), () -> store.touch(b("k"), hour), () -> store.persist(b("k")),
            () -> store.putIfAbsent(b("k"), b("")), () -> store.increment(b("k"), 1),
            () -> store.compareAndSet(b("k"), b(""), b("")), () -> store.append(b("k"), b("")),
            () -> store.putIfVersion(b("k"), 0, b("")), () -> store.deleteIf(b("k"), b("")),
            () -> store.deleteIfVersion(b("k"), 1), () -> store.getAndSet(b("k"), b("")),
            () -> store.getAndDelete(b("k")), () -> store.incrementBinary(b("k"), 1), store::sync,
            () -> store.with(Durability.SYNC).put(b("k"), b("")), store::snapshot, store::stats,
            () -> store.feed(0), () -> store.ranges().clear(), () -> store.walk().cursor(),
            () -> store.ranges().count(b(""), b("")), () -> store.ranges().delete(b("a"), b("b")),
            () -> store.ranges().deletePrefix(b("a")), () -> store.many().get(List.of(b("k"))),
            () -> store.ranges().approximateSize(b("a"), b("b")), care::merge, care::mergeSorted,
            () -> store.many().put(List.of(Map.entry(b("k"), b("")))), care::mergeUncapped,
            () -> store.direct().get(direct, direct), () -> store.direct().put(direct, direct),
            () -> store.direct().delete(direct), () -> store.direct().contains(direct),
            care::pauseMerges, care::resumeMerges, care::verify, care::rebuildHints, care::refresh,
            care::progress, care::files, () -> care.backup(folder.resolve("b")), batch::write,
            () -> care.checkpoint(folder.resolve("c")), feed::poll, () -> feed.poll(hour),
            () -> map.put("k", "v"), map::size, care::logEvents);
    for (int i = 0; i < calls.size(); i++) {
      StaveException error = assertFails(Code.CLOSED, "closed", calls.get(i));
      assertTrue("call " + i, error.getStackTrace().length > 0);
    }
    feed.close();
    batch.close();
  }

  @Test
  public void closedBatchesAndFeeds() {
    try (Store store = open()) {
      Batch batch = store.batch();
      batch.close();
      batch.close();
      List<ThrowingRunnable> calls =
          List.of(
              batch::write, batch::clear, batch::size, () -> batch.put(b("k"), b("")),
              () -> batch.put(b("k"), b(""), Instant.now()), () -> batch.delete(b("k")),
              () -> batch.requireAbsent(b("k")), () -> batch.requirePresent(b("k")),
              () -> batch.requireVersion(b("k"), 1), () -> batch.requireValue(b("k"), b("")));
      for (ThrowingRunnable call : calls) assertFails(Code.CLOSED, "batch is closed", call);
      Feed feed = store.feed(0);
      feed.close();
      feed.close();
      assertFails(Code.CLOSED, "feed is closed", feed::poll);
    }
  }

  @Test
  public void whatIsOnlyDroppedIsClosedByTheCollector() throws Exception {
    long before = Stave.liveHandles();
    drop();
    for (int i = 0; i < 500 && Stave.liveHandles() > before; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(before, Stave.liveHandles());
    try (Store store = open()) {
      assertEquals("v", s(store.get(b("k"))));
    }
  }

  /** Any order of cleaning has to do: the store may go before what came of it. */
  private void drop() {
    Store store = open();
    store.put(b("k"), b("v"));
    store.batch().put(b("k"), b("w"));
    store.iterator().next();
    store.snapshot().iterator().next();
    store.feed(0).poll();
    store.maintenance().files();
  }
}
