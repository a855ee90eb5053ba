package io.stave;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Merges, backups, checks, and what there is to know about a store. See {@link Store#maintenance}. */
public final class Maintenance {
  private final StaveDb db;

  Maintenance(StaveDb db) {
    this.db = db;
  }

  /** Rewrites all files that hold dead records, now, and returns when done. */
  public void merge() {
    db.merge(0);
  }

  /** The same without a limit of its rate. */
  public void mergeUncapped() {
    db.merge(Native.STAVE_MERGE_UNCAPPED);
  }

  /**
   * Merges, and puts all keys in order as well, without a limit of its rate. It writes all of the
   * store anew; walks are several times as fast afterwards.
   */
  public void mergeSorted() {
    db.merge(Native.STAVE_MERGE_UNCAPPED | Native.STAVE_MERGE_SORT);
  }

  /** Holds back background merges until they are resumed. */
  public void pauseMerges() {
    db.merge_pause();
  }

  /** Ends any number of pauses. */
  public void resumeMerges() {
    db.merge_resume();
  }

  /**
   * Makes a directory into a copy of the store as of now, or brings one up to date. Files are linked
   * where the file system can.
   *
   * @param dir is made, or empty, or an earlier backup of this store
   * @return what was done
   */
  public BackupReport backup(Path dir) {
    return backup(dir, 0);
  }

  /**
   * The same, and the copy shares no block with the store.
   *
   * @param dir is made, or empty, or an earlier backup of this store
   * @return what was done
   */
  public BackupReport backupByCopy(Path dir) {
    return backup(dir, Native.STAVE_BACKUP_COPY);
  }

  private BackupReport backup(Path dir, int flags) {
    StaveBackupReport report = new StaveBackupReport();
    db.backup(Text.path(dir), flags, report);
    return new BackupReport(report);
  }

  /**
   * A copy of the store as of now.
   *
   * @param dir must not exist
   */
  public void checkpoint(Path dir) {
    db.checkpoint(Text.path(dir));
  }

  /**
   * Reads every byte of every file and checks it. Changes nothing. Damage is in the report; each
   * finding is a {@link LogEvent} as well.
   *
   * @return what was looked at; {@link VerifyReport#problems} is 0 if all is well
   */
  public VerifyReport verify() {
    StaveVerifyReport report = new StaveVerifyReport();
    try {
      db.verify(report);
    } catch (StaveException error) {
      // Without a finding it is another failure, which left the report empty.
      if (error.code() != Code.CORRUPT || report.getProblems() == 0) throw error;
    }
    return new VerifyReport(report);
  }

  /** Writes the hint files of all sealed data files anew. */
  public void rebuildHints() {
    db.rebuild_hints();
  }

  /** Moves a store that was opened with read_only to what its writer has written by now. */
  public void refresh() {
    db.refresh();
  }

  Stats stats() {
    StaveStats stats = new StaveStats();
    db.get_stats(stats);
    return new Stats(stats);
  }

  /**
   * How far the merge, verify or backup is that another thread has at work.
   *
   * @return as of now
   */
  public Progress progress() {
    StaveProgress progress = new StaveProgress();
    db.get_progress(progress);
    return new Progress(progress);
  }

  /**
   * The data files.
   *
   * @return the oldest first
   */
  public List<DataFile> files() {
    StaveFiles files = new StaveFiles();
    try {
      long count = files.begin(db);
      List<DataFile> found = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        StaveFileInfo info = new StaveFileInfo();
        files.at(i, info);
        found.add(new DataFile(info));
      }
      return found;
    } finally {
      files.free();
    }
  }

  /**
   * Takes what the store had to say since the last time. Also what closing it had to say, once.
   *
   * @return the oldest first
   */
  public List<LogEvent> logEvents() {
    List<LogEvent> events = new ArrayList<>();
    while (true) {
      StaveLogEvent event = new StaveLogEvent();
      try {
        if (!db.next_log_event(event)) return events;
      } catch (StaveException e) {
        if (e.code() == Code.CLOSED && !events.isEmpty()) return events; // the last of them
        throw e;
      }
      events.add(new LogEvent(event));
    }
  }
}
