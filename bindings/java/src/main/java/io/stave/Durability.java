package io.stave;

/** When a write returns. See {@link Store#with}. */
public enum Durability {
  /** As the store's option {@code sync} says. */
  DEFAULT(0),
  /** When it survives a power cut. */
  SYNC(Native.STAVE_WRITE_SYNC),
  /** At once, whatever the option says: it survives the end of the process. */
  NO_SYNC(Native.STAVE_WRITE_NO_SYNC);

  final int flags;

  Durability(int flags) {
    this.flags = flags;
  }
}
