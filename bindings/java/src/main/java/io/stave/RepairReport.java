package io.stave;

/** What a repair did, or would do. See {@link Stave#repair}. */
public final class RepairReport extends Report {
  private final StaveRepairReport report;

  RepairReport(StaveRepairReport report) {
    this.report = report;
  }

  /**
   * Whether the store was repaired.
   *
   * @return false: there was no need
   */
  public boolean changed() {
    return report.getChanged() != 0;
  }

  /**
   * Whether MANIFEST was lost, and made again from the data files.
   *
   * @return true if so
   */
  public boolean manifestRebuilt() {
    return report.getManifest_rebuilt() != 0;
  }

  /**
   * Whether no order of the files was right, and all were merged by key.
   *
   * @return true if so
   */
  public boolean reordered() {
    return report.getReordered() != 0;
  }

  /**
   * Data files of the store afterwards.
   *
   * @return their number
   */
  public long files() {
    return report.getFiles();
  }

  /**
   * Of them, as they were.
   *
   * @return their number
   */
  public long filesKept() {
    return report.getFiles_kept();
  }

  /**
   * Files of which all that could be read is in new ones.
   *
   * @return their number
   */
  public long filesRewritten() {
    return report.getFiles_rewritten();
  }

  /**
   * Files that are listed, but not there.
   *
   * @return their number
   */
  public long filesMissing() {
    return report.getFiles_missing();
  }

  /**
   * Files with nothing to be read, of another store, or not listed.
   *
   * @return their number
   */
  public long filesLeftOut() {
    return report.getFiles_left_out();
  }

  /**
   * Operations that were read.
   *
   * @return their number
   */
  public long records() {
    return report.getRecords();
  }

  /**
   * Length of those.
   *
   * @return bytes
   */
  public long bytes() {
    return report.getBytes();
  }

  /**
   * Damaged places.
   *
   * @return their number
   */
  public long lostRegions() {
    return report.getLost_regions();
  }

  /**
   * Length of those.
   *
   * @return bytes
   */
  public long lostBytes() {
    return report.getLost_bytes();
  }

  /**
   * Operations that are missing by their numbers.
   *
   * @return their number
   */
  public long lostOperations() {
    return report.getLost_operations();
  }

  /**
   * Keys of which a file's newest record is lost, as far as hints tell.
   *
   * @return their number
   */
  public long lostKeys() {
    return report.getLost_keys();
  }

  /**
   * Deletes that only a hint still knew.
   *
   * @return their number
   */
  public long tombstonesRestored() {
    return report.getTombstones_restored();
  }

  /**
   * Hints made again.
   *
   * @return their number
   */
  public long hintsRebuilt() {
    return report.getHints_rebuilt();
  }

  /**
   * The newest operation that was kept.
   *
   * @return a number as of {@link Change#seq}
   */
  public long lastSeq() {
    return report.getLast_seq();
  }

  /**
   * The directory of what was taken out of use.
   *
   * @return empty: there is none
   */
  public String quarantine() {
    return report.getQuarantine();
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
