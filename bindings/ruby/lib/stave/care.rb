module Stave
  # What keeps a Store well, and says how it is. These calls may take long; other threads run
  # meanwhile, but an interrupt (Ctrl-C, Timeout) waits for their end.
  module Care
    # Rewrites all files that hold dead records, now. uncapped: at full speed; sort: puts all keys
    # in order as well, which makes walks faster and writes all of the store anew.
    def merge(uncapped: false, sort: false)
      super((uncapped ? Native::STAVE_MERGE_UNCAPPED : 0) | (sort ? Native::STAVE_MERGE_SORT : 0))
    end

    # Makes a directory into a copy of the store as of now, or brings an earlier one up to date; a
    # BackupReport. copy: share no block with the store.
    def backup(path, copy: false)
      report = Native::StaveBackupReport.new
      super(path, copy ? Native::STAVE_BACKUP_COPY : 0, report)
      BackupReport.of(report)
    end

    # Reads every byte of every file; a VerifyReport. Corrupt if something is wrong: it has the
    # report, too.
    def verify
      report = Native::StaveVerifyReport.new
      super(report)
      VerifyReport.of(report)
    rescue Corrupt => error
      error.report = VerifyReport.of(report)
      raise
    end

    # Figures of the store, as Stats.
    def stats
      native = Native::StaveStats.new
      get_stats(native)
      Stats.of(native)
    end

    # How far the merge, verify or backup is that another thread has at work; a Progress.
    def progress
      native = Native::StaveProgress.new
      get_progress(native)
      Progress.of(native)
    end

    # The data files, oldest first, as an Array of FileInfo.
    def files
      files = Native::StaveFiles.new
      Array.new(files.begin(self)) do |index|
        info = Native::StaveFileInfo.new
        files.at(index, info)
        FileInfo.of(info)
      end
    end

    # Takes what the store had to say since the last time; an Array of LogEvent.
    def log_events
      native = Native::StaveLogEvent.new
      events = []
      events << LogEvent.of(native) while next_log_event(native)
      events
    rescue Closed
      raise if events.empty? # else these are the last
      events
    end
  end
end
