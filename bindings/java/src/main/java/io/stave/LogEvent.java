package io.stave;

import java.time.Instant;

/** What a store had to say. See {@link Maintenance#logEvents}. */
public final class LogEvent extends Report {
  /** How bad an event is. */
  public enum Level {
    /** For developers of stave. */
    DEBUG,
    /** Worth knowing. */
    INFO,
    /** Worth looking at. */
    WARN,
    /** Something failed. */
    ERROR
  }

  private final StaveLogEvent report;

  LogEvent(StaveLogEvent report) {
    this.report = report;
  }

  /**
   * How bad it is.
   *
   * @return one of four
   */
  public Level level() {
    return Level.values()[report.getLevel()];
  }

  /**
   * When it happened.
   *
   * @return never null
   */
  public Instant time() {
    return Times.instant(report.getTime_ms());
  }

  /**
   * What happened.
   *
   * @return a line
   */
  public String message() {
    return report.getMessage();
  }

  /**
   * Events lost so far because nobody took them.
   *
   * @return their number
   */
  public long dropped() {
    return report.getDropped();
  }
}
