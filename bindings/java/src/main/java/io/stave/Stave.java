package io.stave;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What needs no open store. */
public final class Stave {
  private Stave() {}

  /**
   * The version of the native library.
   *
   * @return as "0.1.0"
   */
  public static String version() {
    return Native.version();
  }

  /**
   * Native handles that are alive in this process, for tests that show that nothing leaks. A store
   * is among them until it is closed and the garbage collector has found it.
   *
   * @return their number
   */
  public static long liveHandles() {
    return Native.live_handles();
  }

  /**
   * All options that {@link Options} takes.
   *
   * @return a new list
   */
  public static List<Option> options() {
    List<Option> found = new ArrayList<>();
    for (long i = 0; i < Native.option_count(); i++) {
      StaveOptionInfo info = new StaveOptionInfo();
      Native.option_at(i, info);
      found.add(new Option(info));
    }
    return found;
  }

  /**
   * Makes a store openable again that {@link Store#open} refuses, and loses nothing that can be
   * read. It must not be open anywhere for writing.
   *
   * @param dir the store's directory
   * @param options with {@link Options#readOnly}: only says what would be done
   * @return what was done
   */
  public static RepairReport repair(Path dir, Options options) {
    byte[] packed = Objects.requireNonNull(options, "options").pack();
    StaveRepairReport report = new StaveRepairReport();
    Native.repair(Text.path(dir), packed, report);
    return new RepairReport(report);
  }
}
