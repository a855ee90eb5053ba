package io.stave;

/** How far a long call is. See {@link Maintenance#progress}. */
public final class Progress extends Report {
  private final StaveProgress report;

  Progress(StaveProgress report) {
    this.report = report;
  }

  /**
   * Whether one is at work.
   *
   * @return true if so
   */
  public boolean active() {
    return report.getActive() != 0;
  }

  /**
   * Which.
   *
   * @return "merge", "verify", "backup" or empty
   */
  public String task() {
    return report.getTask();
  }

  /**
   * How much is done.
   *
   * @return bytes
   */
  public long done() {
    return report.getDone();
  }

  /**
   * How much there is to do.
   *
   * @return bytes
   */
  public long total() {
    return report.getTotal();
  }
}
