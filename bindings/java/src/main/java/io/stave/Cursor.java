package io.stave;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * An iterator over one moment of the store, also while others write. Threads may share it by {@link
 * #poll}: each entry goes to one of them. {@link #close} lets go of the store's files at once.
 */
public final class Cursor implements Iterator<Entry>, AutoCloseable {
  private static final int BATCH_MOST = 128; // the native iterator begins with few, and grows

  private final StaveIter iter;
  private final Object source; // lives as long as its cursors
  private final boolean empty;
  private final boolean closesAtEnd;
  private Packed batch = new Packed(new byte[0]);
  private boolean ended;
  private boolean freed; // the native iterator has large buffers: it does not wait for the collector
  private volatile boolean closed;

  Cursor(StaveIter iter, Object source, boolean empty, boolean closesAtEnd) {
    this.iter = iter;
    this.source = source;
    this.empty = empty;
    this.closesAtEnd = closesAtEnd;
    ended = empty;
    if (empty && closesAtEnd) free();
  }

  private void free() {
    if (!freed) iter.free();
    freed = true;
  }

  private void requireOpen() {
    if (freed) throw StaveException.of(Code.CLOSED.number(), "the iterator is closed".getBytes());
  }

  @Override
  public synchronized boolean hasNext() {
    if (batch.hasMore() && !closed) return true;
    return !ended && fetch();
  }

  /** Reads the next entries; false at the end. */
  private boolean fetch() {
    requireOpen();
    byte[] packed;
    try {
      packed = iter.next(BATCH_MOST);
    } catch (StaveException e) {
      if (e.code() == Code.VALUE_TOO_LARGE) close(); // what was fetched is lost
      throw e;
    } catch (OutOfMemoryError e) {
      close();
      throw e;
    }
    if (packed == null) {
      ended = true;
      if (closesAtEnd) free();
      return false;
    }
    batch = new Packed(packed);
    return true;
  }

  @Override
  public synchronized Entry next() {
    Entry entry = poll();
    if (entry == null) throw new NoSuchElementException("the walk is at its end");
    return entry;
  }

  /**
   * The next entry.
   *
   * @return null at the end
   */
  public synchronized Entry poll() {
    return hasNext() ? batch.entry() : null;
  }

  /**
   * Goes to the first entry at or after a key, in a reverse walk to the last at or before it.
   *
   * @param key need not be there
   */
  public synchronized void seek(byte[] key) {
    requireOpen();
    iter.seek(key);
    batch = new Packed(new byte[0]);
    ended = empty;
  }

  /** Ends the walk; later calls throw {@link Code#CLOSED}. Waits for a read at work. */
  @Override
  public void close() {
    closed = true;
    synchronized (this) {
      free();
    }
  }

  @Override
  public String toString() {
    return "Cursor[" + source + "]";
  }
}
