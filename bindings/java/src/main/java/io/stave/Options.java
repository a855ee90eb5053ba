package io.stave;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Options of {@link Store#open}, by name; {@link Stave#options} lists them all. Names and values are
 * looked at when the store is opened.
 *
 * <pre>{@code
 * new Options().set("sync", "always").set("merge.triggers.dead_bytes", "1GB")
 * }</pre>
 */
public final class Options {
  private final Map<String, String> values = new LinkedHashMap<>();

  /** Every option has its default. */
  public Options() {}

  /**
   * Sets an option as text.
   *
   * @param name of the option
   * @param value "true", "256MiB", "500ms" or a choice
   * @return this
   */
  public Options set(String name, String value) {
    if (name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("option \"" + name + "\": a NUL in its name or value");
    }
    values.put(name, value);
    return this;
  }

  /**
   * Sets a switch.
   *
   * @param name of the option
   * @param value on or off
   * @return this
   */
  public Options set(String name, boolean value) {
    return set(name, Boolean.toString(value));
  }

  /**
   * Sets a number, or a size in bytes.
   *
   * @param name of the option
   * @param value the number
   * @return this
   */
  public Options set(String name, long value) {
    return set(name, Long.toString(value));
  }

  /**
   * Sets a time, in whole milliseconds.
   *
   * @param name of the option
   * @param value the time
   * @return this
   */
  public Options set(String name, Duration value) {
    return set(name, value.toMillis() + "ms");
  }

  /**
   * Opens for reading alone, also beside a writer of another process.
   *
   * @return this
   */
  public Options readOnly() {
    return set("read_only", true);
  }

  byte[] pack() {
    StringBuilder packed = new StringBuilder();
    values.forEach((name, value) -> packed.append(name).append('\0').append(value).append('\0'));
    return packed.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
