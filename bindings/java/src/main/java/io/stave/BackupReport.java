package io.stave;

/** What a backup did. See {@link Maintenance#backup}. */
public final class BackupReport extends Report {
  private final StaveBackupReport report;

  BackupReport(StaveBackupReport report) {
    this.report = report;
  }

  /**
   * Data files of the backup.
   *
   * @return their number
   */
  public long files() {
    return report.getFiles();
  }

  /**
   * Of them, hard links: no further disk space.
   *
   * @return their number
   */
  public long filesLinked() {
    return report.getFiles_linked();
  }

  /**
   * Of them, copies.
   *
   * @return their number
   */
  public long filesCopied() {
    return report.getFiles_copied();
  }

  /**
   * Of them, those that an earlier backup had.
   *
   * @return their number
   */
  public long filesKept() {
    return report.getFiles_kept();
  }

  /**
   * Length of all.
   *
   * @return bytes
   */
  public long bytes() {
    return report.getBytes();
  }

  /**
   * Written for this backup.
   *
   * @return bytes
   */
  public long bytesCopied() {
    return report.getBytes_copied();
  }

  /**
   * The newest operation in it.
   *
   * @return a number as of {@link Change#seq}
   */
  public long lastSeq() {
    return report.getLast_seq();
  }
}
