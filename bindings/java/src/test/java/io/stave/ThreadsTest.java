package io.stave;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Test;

/** Many threads, and the garbage collector. */
public class ThreadsTest extends StoreCase {
  @Test
  public void closeDuringTheTrafficOf8Threads() throws Exception {
    for (int round = 0; round < 5; round++) {
      Store store = Store.open(dir, new Options().set("sync", "none"));
      AtomicInteger calls = new AtomicInteger();
      AtomicInteger inside = new AtomicInteger(8);
      inThreads(
          9,
          number -> {
            if (number == 8) {
              while (calls.get() < 200 && inside.get() == 8) Thread.onSpinWait();
              store.close();
              return;
            }
            try {
              while (true) traffic(store, number, calls.incrementAndGet());
            } catch (StaveException error) {
              assertTrue(
                  error.toString(), List.of(Code.CLOSED, Code.CANCELLED).contains(error.code()));
            } finally {
              inside.decrementAndGet();
            }
          });
      assertTrue(calls.get() >= 200);
    }
  }

  private static void traffic(Store store, int number, int count) {
    String name = number + "-" + count % 50;
    byte[] key = b(name);
    byte[] value = b(name.repeat(20));
    store.put(key, value);
    assertEquals(s(value), s(store.get(key)));
    ByteBuffer direct = ByteBuffer.allocateDirect(1000);
    assertEquals(value.length, store.direct().get(direct(name), direct));
    try (Batch batch = store.batch()) {
      batch.put(key, value).delete(b("other" + name)).write();
    }
    try (Cursor cursor = store.walk().prefix(b(number + "-")).limit(20).cursor()) {
      while (cursor.hasNext()) assertNotNull(cursor.next());
    }
    store.many().get(List.of(key, b("none")));
    try (Snapshot snapshot = store.snapshot()) {
      assertEquals(s(value), s(snapshot.get(key)));
    }
    try (Feed feed = store.feed(store.stats().lastSeq())) {
      feed.poll();
    }
  }

  @Test
  public void cursorsAndBatchesClosedByOtherThreads() throws Exception {
    try (Store store = open()) {
      for (int i = 0; i < 2000; i++) store.put(b("key" + i), new byte[100]);
      for (int round = 0; round < 20; round++) {
        Cursor cursor = store.walk().cursor();
        Batch batch = store.batch();
        Snapshot snapshot = store.snapshot();
        AtomicInteger calls = new AtomicInteger();
        inThreads(
            4,
            number -> {
              if (number == 3) {
                while (calls.get() < 50) Thread.onSpinWait();
                cursor.close();
                batch.close();
                snapshot.close();
                return;
              }
              try {
                while (true) {
                  calls.incrementAndGet();
                  if (number == 0 && cursor.poll() == null) cursor.seek(b("a"));
                  if (number == 1) batch.put(b("k"), new byte[1000]);
                  if (number == 1 && batch.size() > 100) batch.clear();
                  if (number == 2) snapshot.get(b("key1"));
                }
              } catch (StaveException error) {
                assertEquals(Code.CLOSED, error.code());
              }
            });
      }
    }
  }

  @Test
  public void aBatchOf4ThreadsIsWhole() throws Exception {
    try (Store store = open();
        Batch batch = store.batch()) {
      inThreads(
          4,
          number -> {
            for (int i = 0; i < 200; i++) {
              byte[] key = b(number + "-" + i);
              whileInUse(() -> batch.put(key, key));
              if (i % 50 == 0) whileInUse(batch::write);
            }
          });
      assertEquals(800, batch.size());
      batch.write();
      assertEquals(800, store.stats().keys());
    }
  }

  private static void whileInUse(Runnable call) {
    while (true) {
      try {
        call.run();
        return;
      } catch (StaveException error) {
        if (error.code() != Code.IN_USE) throw error;
      }
    }
  }

  @Test
  public void collectionsDuringBlockingCalls() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Thread collector =
        new Thread(
            () -> {
              while (!ended.get()) System.gc();
            });
    collector.start();
    try (Store store = open()) {
      inThreads(
          4,
          number -> {
            for (int i = 0; i < 60; i++) {
              byte[] key = b(number + "-" + i);
              Durability durability = i % 10 == 0 ? Durability.SYNC : Durability.DEFAULT;
              store.with(durability).put(key, new byte[5000]);
              assertEquals(5000, store.get(key).length);
              // The buffers, and the handles, are used by nobody after the native call began.
              store.direct().put(direct("d" + s(key)), ByteBuffer.allocateDirect(5000));
              Change change = store.feed(store.stats().lastSeq()).poll(Duration.ofMillis(1));
              assertTrue(change == null || change.seq() > 0);
              assertNotNull(store.iterator().next());
              assertNotNull(store.snapshot().iterator().next());
              store.batch().put(key, key).write();
              assertTrue(store.maintenance().files().size() > 0);
            }
          });
      assertEquals(480, store.ranges().count(b(""), b("")));
    } finally {
      ended.set(true);
      collector.join();
    }
  }

  @Test
  public void storesThatNobodyHoldsDuringTheirCalls() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    Thread collector =
        new Thread(
            () -> {
              while (!ended.get()) System.gc();
            });
    collector.start();
    try {
      inThreads(
          4,
          number -> {
            for (int i = 0; i < 10; i++) {
              java.nio.file.Path path = folder.resolve("store-" + number + "-" + i);
              Store.open(path).with(Durability.SYNC).put(b("k"), new byte[100_000]);
              // The collector closes it; until then it is locked.
              try (Store again = reopened(path)) {
                assertEquals(100_000, again.get(b("k")).length);
              }
            }
          });
    } finally {
      ended.set(true);
      collector.join();
    }
  }

  private static Store reopened(java.nio.file.Path path) throws Exception {
    for (int i = 0; ; i++) {
      try {
        return Store.open(path);
      } catch (StaveException error) {
        if (error.code() != Code.BUSY || i == 2000) throw error;
        Thread.sleep(5);
      }
    }
  }

  @Test
  public void anotherThreadMakesProgressDuringSync() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    AtomicInteger progress = new AtomicInteger();
    try (Store store = Store.open(dir, new Options().set("sync", "none"))) {
      Thread other =
          new Thread(
              () -> {
                while (!ended.get()) {
                  System.gc(); // which needs every thread, or to know it in native code
                  progress.incrementAndGet();
                }
              });
      other.start();
      int seen = 0;
      for (int i = 0; i < 20000 && seen == 0; i++) {
        store.put(b("k"), new byte[100_000]);
        int before = progress.get();
        store.sync();
        if (progress.get() > before) seen++;
      }
      ended.set(true);
      other.join();
      assertEquals("sync() never let another thread run", 1, seen);
    }
  }

  @Test
  public void aFeedWaitsForWhatAnotherThreadPuts() throws Exception {
    try (Store store = open();
        Feed feed = store.feed(0)) {
      CountDownLatch waits = new CountDownLatch(1);
      Thread other =
          new Thread(
              () -> {
                try {
                  waits.await();
                } catch (InterruptedException error) {
                  throw new AssertionError(error);
                }
                store.put(b("k"), b("v"));
              });
      other.start();
      waits.countDown();
      Change change = feed.take();
      other.join();
      assertEquals(Change.Kind.PUT, change.kind());
      assertEquals("k=v", s(change.key()) + "=" + s(change.value()));
    }
  }

  @Test
  public void aWaitEndsWithAnInterruptAndWithAClose() throws Exception {
    try (Store store = open()) {
      for (boolean interrupt : new boolean[] {true, false}) {
        Feed feed = store.feed(0);
        AtomicReference<Throwable> ending = new AtomicReference<>();
        Thread waiter =
            new Thread(
                () -> {
                  try {
                    feed.take();
                  } catch (InterruptedException | StaveException error) {
                    ending.set(error);
                  }
                });
        waiter.start();
        Thread.sleep(20);
        if (interrupt) {
          waiter.interrupt();
          waiter.join();
          assertEquals(InterruptedException.class, ending.get().getClass());
          feed.close();
        } else {
          feed.close();
          waiter.join();
          assertEquals(Code.CLOSED, ((StaveException) ending.get()).code());
        }
      }
    }
  }
}
