package io.stave;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * The operations of a store in their order, for replicas and caches. It holds the files that it has
 * yet to read: keep up, or close it. One thread at a time: {@link Code#IN_USE} for the second.
 */
public final class Feed implements Iterable<Change>, AutoCloseable {
  /** The library's wait cannot be interrupted: a thread's interrupt is looked at so often. */
  private static final long SLICE_MILLIS = 200;

  private final StaveFeed feed = new StaveFeed();
  private final Store store; // lives as long as its feeds

  Feed(Store store, long after) {
    this.store = store;
    feed.begin(store.db, after);
  }

  /**
   * The next operation, if there is one yet.
   *
   * @return null if not; ask again later
   */
  public Change poll() {
    byte[] packed = feed.next(0);
    return packed == null ? null : new Packed(packed).change();
  }

  /**
   * The next operation, waiting for it.
   *
   * @param timeout how long
   * @return null if none came
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Change poll(Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + nanos(timeout);
    while (true) {
      long left = Math.max(deadline - System.nanoTime(), 0);
      byte[] packed = feed.next(Math.min((left + 999_999) / 1_000_000, SLICE_MILLIS));
      if (packed != null) return new Packed(packed).change();
      if (Thread.interrupted()) throw new InterruptedException("while waiting for a change");
      if (left == 0) return null;
    }
  }

  /**
   * The next operation, waiting for it as long as it takes.
   *
   * @return never null
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Change take() throws InterruptedException {
    while (true) {
      Change change = poll(Duration.ofHours(1));
      if (change != null) return change;
    }
  }

  private static long nanos(Duration timeout) {
    Duration most = Duration.ofDays(365);
    return timeout.compareTo(most) < 0 ? timeout.toNanos() : most.toNanos();
  }

  /** Those that have come; iterate again to go on. */
  @Override
  public Iterator<Change> iterator() {
    return new Iterator<>() {
      private Change next;

      @Override
      public boolean hasNext() {
        if (next == null) next = poll();
        return next != null;
      }

      @Override
      public Change next() {
        if (!hasNext()) throw new NoSuchElementException("no further operation yet");
        Change change = next;
        next = null;
        return change;
      }
    };
  }

  @Override
  public void close() {
    feed.close();
  }

  @Override
  public String toString() {
    return "Feed[" + store + "]";
  }
}
