package io.stave;

/**
 * A call failed. {@link #code()} says of what kind the failure is; the message says what, where and
 * what to do.
 *
 * <pre>{@code
 * try (Store store = Store.open(path)) {
 *   ...
 * } catch (StaveException error) {
 *   if (error.code() != Code.BUSY) throw error;
 *   System.err.println("in use: " + error.getMessage());
 * }
 * }</pre>
 */
public final class StaveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The number of the code, also of one that {@link Code} does not know. */
  private final int number;

  private StaveException(int number, String message) {
    super(message);
    this.number = number;
  }

  /** Called by the native library. */
  static StaveException of(int number, byte[] message) {
    return new StaveException(number, Text.of(message));
  }

  /**
   * The kind of failure.
   *
   * @return {@link Code#UNKNOWN} if the library is newer than this package and has a new one
   */
  public Code code() {
    return Code.of(number);
  }

  /**
   * The kind of failure as a number.
   *
   * @return a number of {@code enum stave_status} in stave.h
   */
  public int number() {
    return number;
  }
}
