package io.stave;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.junit.After;
import org.junit.Assert;
import org.junit.Before;
import org.junit.Rule;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;

/** A test in an empty folder. At its end all handles that it made must be gone. */
public abstract class StoreCase {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  protected Path folder;
  protected Path dir;
  private long handles;

  /** What a thread does. */
  protected interface Work {
    void run(int number) throws Exception;
  }

  @Before
  public void makePath() throws Exception {
    folder = temporary.getRoot().toPath().toRealPath();
    dir = folder.resolve("store");
    handles = Stave.liveHandles();
  }

  @After
  public void assertNoHandleIsLeft() throws Exception {
    for (int i = 0; i < 500 && Stave.liveHandles() > handles; i++) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals("native handles are left", handles, Stave.liveHandles());
  }

  protected Store open() {
    return Store.open(dir);
  }

  protected static byte[] b(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  protected static String s(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.ISO_8859_1);
  }

  protected static ByteBuffer direct(String text) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(text.length());
    buffer.put(b(text)).flip();
    return buffer;
  }

  protected static List<String> keys(Iterable<byte[]> keys) {
    List<String> found = new ArrayList<>();
    for (byte[] key : keys) found.add(s(key));
    return found;
  }

  protected static List<String> pairs(Iterable<Entry> entries) {
    List<String> found = new ArrayList<>();
    for (Entry entry : entries) found.add(s(entry.getKey()) + "=" + s(entry.getValue()));
    return found;
  }

  protected static StaveException assertFails(Code code, String words, ThrowingRunnable call) {
    StaveException error = Assert.assertThrows(StaveException.class, call);
    assertEquals(error.getMessage(), code, error.code());
    assertEquals(code.number(), error.number());
    assertTrue(
        "\"" + error.getMessage() + "\" has not: " + words, error.getMessage().contains(words));
    return error;
  }

  /** Runs it in so many threads, begun together; the first failure is thrown here. */
  protected static void inThreads(int count, Work work) throws Exception {
    CyclicBarrier begin = new CyclicBarrier(count);
    List<Throwable> failures = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      Thread thread =
          new Thread(
              () -> {
                try {
                  begin.await();
                  work.run(number);
                } catch (Throwable failure) {
                  synchronized (failures) {
                    failures.add(failure);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) thread.join();
    if (!failures.isEmpty()) throw new AssertionError(failures.size() + " threads failed",
        failures.get(0));
  }
}
