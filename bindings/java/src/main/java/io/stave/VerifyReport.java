package io.stave;

/** What was looked at, and found. See {@link Maintenance#verify}. */
public final class VerifyReport extends Report {
  private final StaveVerifyReport report;

  VerifyReport(StaveVerifyReport report) {
    this.report = report;
  }

  /**
   * Damaged places.
   *
   * @return 0 if all is well
   */
  public int problems() {
    return report.getProblems();
  }

  /**
   * Files read.
   *
   * @return their number
   */
  public long files() {
    return report.getFiles();
  }

  /**
   * Records read.
   *
   * @return their number
   */
  public long records() {
    return report.getRecords();
  }

  /**
   * Bytes read.
   *
   * @return their number
   */
  public long bytes() {
    return report.getBytes();
  }

  /**
   * Hint files compared with their data.
   *
   * @return their number
   */
  public long hints() {
    return report.getHints();
  }

  /**
   * Records whose checksum or structure is wrong.
   *
   * @return their number
   */
  public long badRecords() {
    return report.getBad_records();
  }

  /**
   * Hints that are missing, damaged or misleading.
   *
   * @return their number
   */
  public long badHints() {
    return report.getBad_hints();
  }

  /**
   * Keys in memory that do not lead to their newest record.
   *
   * @return their number
   */
  public long badKeys() {
    return report.getBad_keys();
  }

  /**
   * File, offset and what is wrong.
   *
   * @return empty if nothing is
   */
  public String firstProblem() {
    return report.getFirst_problem();
  }
}
