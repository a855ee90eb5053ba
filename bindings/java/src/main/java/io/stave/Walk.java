package io.stave;

import java.util.Iterator;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A walk over entries in the order of their keys, as unsigned bytes. Each iterator sees the moment
 * in which it was made, whatever is written meanwhile. A walk is immutable: its methods give another
 * one.
 *
 * <pre>{@code
 * for (Entry entry : store.walk().prefix(users).limit(10)) ...
 * }</pre>
 *
 * <p>A loop that runs to its end lets go of the store's files there. One that is left early holds
 * them until the garbage collector finds its iterator; {@code try (Cursor cursor =
 * store.walk().cursor())} lets go at once.
 */
public final class Walk implements Iterable<Entry> {
  private static final byte[] NONE = {};
  private static final long NO_LIMIT = -1;

  private final Object source; // the store or snapshot, which lives as long as its walks
  private final StaveDb db;
  private final StaveSnapshot snapshot;
  private byte[] from = NONE;
  private byte[] to = NONE;
  private byte[] prefix = NONE;
  private long limit = NO_LIMIT;
  private int flags;

  Walk(Object source, StaveDb db, StaveSnapshot snapshot) {
    this.source = source;
    this.db = db;
    this.snapshot = snapshot;
  }

  private Walk copy() {
    Walk walk = new Walk(source, db, snapshot);
    walk.from = from;
    walk.to = to;
    walk.prefix = prefix;
    walk.limit = limit;
    walk.flags = flags;
    return walk;
  }

  /**
   * Only keys from this one on.
   *
   * @param key the least
   * @return another walk
   */
  public Walk from(byte[] key) {
    Walk walk = copy();
    walk.from = key.clone();
    return walk;
  }

  /**
   * Only keys before this one. Also in a reverse walk it is the upper bound.
   *
   * @param key the end, which is not in the walk; empty: none
   * @return another walk
   */
  public Walk to(byte[] key) {
    Walk walk = copy();
    walk.to = key.clone();
    return walk;
  }

  /**
   * Only keys that begin with these bytes.
   *
   * @param key the prefix
   * @return another walk
   */
  public Walk prefix(byte[] key) {
    Walk walk = copy();
    walk.prefix = key.clone();
    return walk;
  }

  /**
   * Only so many entries.
   *
   * @param most their number
   * @return another walk
   */
  public Walk limit(long most) {
    if (most < 0) throw new IllegalArgumentException("limit " + most + ": it must not be negative");
    Walk walk = copy();
    walk.limit = most;
    return walk;
  }

  /**
   * Descending.
   *
   * @return another walk
   */
  public Walk reverse() {
    Walk walk = copy();
    walk.flags |= Native.STAVE_ITER_REVERSE;
    return walk;
  }

  /**
   * Without reading values: those of its entries are empty.
   *
   * @return another walk
   */
  public Walk keysOnly() {
    Walk walk = copy();
    walk.flags |= Native.STAVE_ITER_KEYS_ONLY;
    return walk;
  }

  /**
   * The keys alone.
   *
   * @return as arrays
   */
  public Iterable<byte[]> keys() {
    Walk walk = keysOnly();
    return () -> {
      Cursor cursor = walk.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return cursor.hasNext();
        }

        @Override
        public byte[] next() {
          return cursor.next().getKey();
        }
      };
    };
  }

  /**
   * The entries as a stream, which is to be closed if it may not reach its end.
   *
   * @return ordered and sequential
   */
  public Stream<Entry> stream() {
    Cursor cursor = iterator();
    int traits = Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(cursor, traits), false)
        .onClose(cursor::close);
  }

  /** Closes itself at the end of the walk. */
  @Override
  public Cursor iterator() {
    return begin(true);
  }

  /**
   * An iterator that can be moved, and stays open at the end of the walk.
   *
   * @return to be closed
   */
  public Cursor cursor() {
    return begin(false);
  }

  private Cursor begin(boolean closesAtEnd) {
    StaveIter iter = new StaveIter();
    iter.begin(db, snapshot, from, to, prefix, limit == NO_LIMIT ? 0 : limit, flags);
    return new Cursor(iter, source, limit == 0, closesAtEnd);
  }

  @Override
  public String toString() {
    return "Walk[" + Objects.toString(source) + "]";
  }
}
