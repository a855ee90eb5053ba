package io.stave;

/** A data file of a store. See {@link Maintenance#files}. */
public final class DataFile extends Report {
  /** Whether a file is still written to. */
  public enum State {
    /** Complete: it does not change any more. */
    SEALED,
    /** Puts go here. */
    ACTIVE,
    /** Of a writer that ended: complete at the next open. */
    UNSEALED
  }

  private final StaveFileInfo report;

  DataFile(StaveFileInfo report) {
    this.report = report;
  }

  /**
   * Whether it is still written to.
   *
   * @return one of three
   */
  public State state() {
    return State.values()[report.getState()];
  }

  /**
   * Its number: 12 for 0000000012.log.
   *
   * @return a number
   */
  public long id() {
    return report.getId();
  }

  /**
   * Whether a merge wrote it.
   *
   * @return false: puts did
   */
  public boolean merged() {
    return report.getMerged() != 0;
  }

  /**
   * Whether it has a hint file.
   *
   * @return true if so
   */
  public boolean hasHint() {
    return report.getHas_hint() != 0;
  }

  /**
   * Its length.
   *
   * @return bytes
   */
  public long bytes() {
    return report.getBytes();
  }

  /**
   * Of it, records that a get can return.
   *
   * @return bytes
   */
  public long liveBytes() {
    return report.getLive_bytes();
  }

  /**
   * All but live records.
   *
   * @return bytes
   */
  public long deadBytes() {
    return report.getDead_bytes();
  }

  /**
   * Records that a get can return.
   *
   * @return their number
   */
  public long liveRecords() {
    return report.getLive_records();
  }

  /**
   * All others.
   *
   * @return their number
   */
  public long deadRecords() {
    return report.getDead_records();
  }

  /**
   * Records of deletes.
   *
   * @return their number
   */
  public long tombstones() {
    return report.getTombstones();
  }

  /**
   * Its oldest operation.
   *
   * @return 0 if it is empty
   */
  public long firstSeq() {
    return report.getFirst_seq();
  }

  /**
   * Its newest operation.
   *
   * @return 0 if it is empty
   */
  public long lastSeq() {
    return report.getLast_seq();
  }

  /**
   * Why a background merge would take it now, or not.
   *
   * @return never empty
   */
  public String mergeNote() {
    return report.getMerge_note();
  }
}
