package io.stave;

/** What a {@link StaveException} is about. The numbers are those of stave.h, and never change. */
public enum Code {
  /** No such key. */
  NOT_FOUND(Native.STAVE_NOT_FOUND),
  /** The iterator has no further entry. */
  DONE(Native.STAVE_DONE),
  /** A condition does not hold; nothing was written. */
  CONFLICT(Native.STAVE_CONFLICT),
  /** An argument is out of range. */
  INVALID_ARGUMENT(Native.STAVE_INVALID_ARGUMENT),
  /** A required argument is missing. */
  NULL_ARGUMENT(Native.STAVE_NULL_ARGUMENT),
  /** Keys have at least one byte. */
  EMPTY_KEY(Native.STAVE_EMPTY_KEY),
  /** A key of more than 65535 bytes. */
  KEY_TOO_LARGE(Native.STAVE_KEY_TOO_LARGE),
  /** A value that the store, or an array, cannot hold. */
  VALUE_TOO_LARGE(Native.STAVE_VALUE_TOO_LARGE),
  /** The records of a batch exceed 4 GiB. */
  BATCH_TOO_LARGE(Native.STAVE_BATCH_TOO_LARGE),
  /** There is no option of that name. */
  UNKNOWN_OPTION(Native.STAVE_UNKNOWN_OPTION),
  /** The option's value does not parse or is out of bounds. */
  BAD_OPTION(Native.STAVE_BAD_OPTION),
  /** The value to be incremented is no number. */
  NOT_A_NUMBER(Native.STAVE_NOT_A_NUMBER),
  /** The sum does not fit into 64 bits. */
  OVERFLOW(Native.STAVE_OVERFLOW),
  /** Another handle, in this or another process, has the store open for writing. */
  BUSY(Native.STAVE_BUSY),
  /** The handle belongs to the parent of this process. */
  FORKED(Native.STAVE_FORKED),
  /** The store, batch, cursor, snapshot or feed was closed. */
  CLOSED(Native.STAVE_CLOSED),
  /** A write on a store that was opened with read_only. */
  READ_ONLY(Native.STAVE_READ_ONLY),
  /** Another thread is using this batch, cursor or feed. */
  IN_USE(Native.STAVE_IN_USE),
  /** An earlier sync failed: reopen the store to write. */
  POISONED(Native.STAVE_POISONED),
  /** The store was closed while the call was at work. */
  CANCELLED(Native.STAVE_CANCELLED),
  /** A feed's operations are no longer all in the files. */
  FEED_GONE(Native.STAVE_FEED_GONE),
  /** The operating system reported an I/O error. */
  IO(Native.STAVE_IO),
  /** The file system or quota is full; nothing was written. */
  NO_SPACE(Native.STAVE_NO_SPACE),
  /** The directory is missing or holds no store. */
  NO_STORE(Native.STAVE_NO_STORE),
  /** There is something where nothing should be. */
  EXISTS(Native.STAVE_EXISTS),
  /** An allocation or mapping failed. */
  NO_MEMORY(Native.STAVE_NO_MEMORY),
  /** The operating system refused access. */
  PERMISSION(Native.STAVE_PERMISSION),
  /** The process's limit of open files is reached. */
  TOO_MANY_FILES(Native.STAVE_TOO_MANY_FILES),
  /** The directory is on a network file system; see the option network_fs. */
  NETWORK_FS(Native.STAVE_NETWORK_FS),
  /** A limit of the store itself is reached. */
  STORE_FULL(Native.STAVE_STORE_FULL),
  /** Bytes on disk fail their check; the text names file and offset. */
  CORRUPT(Native.STAVE_CORRUPT),
  /** Written by a newer format version. */
  UNSUPPORTED(Native.STAVE_UNSUPPORTED),
  /** A bug in stave: please report it with the text. */
  INTERNAL(Native.STAVE_INTERNAL),
  /** A code that this version of the package does not know; the exception has its number. */
  UNKNOWN(-1);

  private final int number;

  Code(int number) {
    this.number = number;
  }

  /**
   * The number of it in stave.h.
   *
   * @return as {@code enum stave_status} has it
   */
  public int number() {
    return number;
  }

  static Code of(int number) {
    for (Code code : values()) {
      if (code.number == number) return code;
    }
    return UNKNOWN;
  }
}
