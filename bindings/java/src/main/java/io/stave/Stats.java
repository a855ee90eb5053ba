package io.stave;

import java.time.Instant;

import java.time.Duration;

/** Figures of a store, as of the call. See {@link Store#stats}. */
public final class Stats extends Report {
  private final StaveStats report;

  Stats(StaveStats report) {
    this.report = report;
  }

  /**
   * Whether it was opened with read_only.
   *
   * @return true if so
   */
  public boolean readOnly() {
    return report.getRead_only() != 0;
  }

  /**
   * Live keys, and expired ones that no merge has taken away yet.
   *
   * @return their number
   */
  public long keys() {
    return report.getKeys();
  }

  /**
   * Data files, sealed or not.
   *
   * @return their number
   */
  public long files() {
    return report.getFiles();
  }

  /**
   * Length of the data files.
   *
   * @return bytes
   */
  public long diskBytes() {
    return report.getDisk_bytes();
  }

  /**
   * Of them, records that a get can return.
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
   * The number of the newest operation.
   *
   * @return a number as of {@link Change#seq}
   */
  public long lastSeq() {
    return report.getLast_seq();
  }

  /**
   * Operations up to here survive a power cut.
   *
   * @return a number; with read_only 0 if it is unknown
   */
  public long durableSeq() {
    return report.getDurable_seq();
  }

  /**
   * Memory of the tables of keys.
   *
   * @return bytes
   */
  public long keydirBytes() {
    return report.getKeydir_bytes();
  }

  /**
   * Puts since the store was opened.
   *
   * @return their number
   */
  public long puts() {
    return report.getPuts();
  }

  /**
   * Gets since then, approximately.
   *
   * @return their number
   */
  public long gets() {
    return report.getGets();
  }

  /**
   * Deletes since then.
   *
   * @return their number
   */
  public long deletes() {
    return report.getDeletes();
  }

  /**
   * Flushes of the device since then.
   *
   * @return their number
   */
  public long syncs() {
    return report.getSyncs();
  }

  /**
   * Merges finished since then.
   *
   * @return their number
   */
  public long merges() {
    return report.getMerges();
  }

  /**
   * Merges that failed since then.
   *
   * @return their number
   */
  public long mergesFailed() {
    return report.getMerges_failed();
  }

  /**
   * What merges have read since then.
   *
   * @return bytes
   */
  public long mergeBytesRead() {
    return report.getMerge_bytes_read();
  }

  /**
   * What merges have written since then.
   *
   * @return bytes
   */
  public long mergeBytesWritten() {
    return report.getMerge_bytes_written();
  }

  /**
   * When the last merge ended.
   *
   * @return null: there was none
   */
  public Instant mergeLast() {
    return Times.instant(report.getMerge_last_ms());
  }

  /**
   * How long opening took.
   *
   * @return a time
   */
  public Duration openTime() {
    return Duration.ofNanos(1000 * report.getOpen_micros());
  }

  /**
   * Whether a merge is at work.
   *
   * @return true if so
   */
  public boolean mergeRunning() {
    return report.getMerge_running() != 0;
  }

  /**
   * Whether merges are paused.
   *
   * @return true if so
   */
  public boolean mergePaused() {
    return report.getMerge_paused() != 0;
  }

  /**
   * Whether the last writer had closed the store.
   *
   * @return false: recovery ran, or, with read_only, a writer is at work
   */
  public boolean openedClean() {
    return report.getOpened_clean() != 0;
  }

  /**
   * Whether a sync failed, and writes are refused until the store is reopened.
   *
   * @return true if so
   */
  public boolean poisoned() {
    return report.getPoisoned() != 0;
  }

  /**
   * What recovery cut away when the store was opened.
   *
   * @return bytes
   */
  public long quarantinedBytes() {
    return report.getQuarantined_bytes();
  }

  /**
   * Why the last merge failed.
   *
   * @return empty if it went well
   */
  public String mergeLastError() {
    return report.getMerge_last_error();
  }

  /**
   * Damaged places that a salvaging open met.
   *
   * @return their number
   */
  public long salvageLostRegions() {
    return report.getSalvage_lost_regions();
  }

  /**
   * Length of those.
   *
   * @return bytes
   */
  public long salvageLostBytes() {
    return report.getSalvage_lost_bytes();
  }
}
