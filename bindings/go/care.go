package stave

import (
	"context"
	"runtime"
	"time"

	native "stave.internal/stave/internal/generated"
)

// CountRange counts the keys from from on and before to; an empty bound is none. It walks them.
func (db *Store) CountRange(from, to []byte) (uint64, error) {
	count, err := number(db.native.Count_range(at(from), len(from), at(to), len(to)))
	runtime.KeepAlive(db)
	return uint64(count), err
}

// ApproximateSize says about how many bytes of disk the records of the range take. It is fast.
func (db *Store) ApproximateSize(from, to []byte) (uint64, error) {
	size, err := number(db.native.Approximate_size(at(from), len(from), at(to), len(to)))
	runtime.KeepAlive(db)
	return uint64(size), err
}

// MergeFlag changes what Merge does.
type MergeFlag uint

// Uncapped lets a merge be as fast as it can. Sort puts all keys in order as well, which makes
// walks faster and writes all of the store anew.
const (
	Uncapped MergeFlag = 1
	Sort     MergeFlag = 2
)

// Merge rewrites, now, all files that hold dead records, whatever the merge options say.
func (db *Store) Merge(ctx context.Context, flags ...MergeFlag) error {
	var all uint
	for _, flag := range flags {
		all |= uint(flag)
	}
	return wait(ctx, func() error {
		err := done(db.native.Merge(all))
		runtime.KeepAlive(db)
		return err
	})
}

// PauseMerges holds back background merges until ResumeMerges.
func (db *Store) PauseMerges() error {
	err := done(db.native.Merge_pause())
	runtime.KeepAlive(db)
	return err
}

// ResumeMerges ends any number of pauses.
func (db *Store) ResumeMerges() error {
	err := done(db.native.Merge_resume())
	runtime.KeepAlive(db)
	return err
}

// Refresh shows a store opened with ReadOnly the writer's present state.
func (db *Store) Refresh() error {
	err := done(db.native.Refresh())
	runtime.KeepAlive(db)
	return err
}

// BackupFlag changes what Backup does.
type BackupFlag uint

// BackupCopy lets the backup share no block with the store.
const BackupCopy BackupFlag = 1

// Backup makes directory dir into a copy of the store as of one moment, or brings an earlier one up
// to date; reads and writes go on meanwhile. To restore it, open it, or a copy of it.
func (db *Store) Backup(ctx context.Context, dir string, flags ...BackupFlag) (BackupReport, error) {
	var all uint
	for _, flag := range flags {
		all |= uint(flag)
	}
	if err := checkPath(dir); err != nil {
		return BackupReport{}, err
	}
	return waitFor(ctx, func() (BackupReport, error) {
		report := native.NewStaveBackupReport()
		defer native.DeleteStaveBackupReport(report)
		err := done(db.native.Backup(dir, all, report))
		runtime.KeepAlive(db)
		return makeBackupReport(report), err
	})
}

// Checkpoint is a backup into a directory that must not be there.
func (db *Store) Checkpoint(ctx context.Context, dir string) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	return wait(ctx, func() error {
		err := done(db.native.Checkpoint(dir))
		runtime.KeepAlive(db)
		return err
	})
}

// Verify reads every byte of every file, and changes nothing. If something is wrong the error is
// ErrCorrupt, and the report says what.
func (db *Store) Verify(ctx context.Context) (VerifyReport, error) {
	return waitFor(ctx, func() (VerifyReport, error) {
		report := native.NewStaveVerifyReport()
		defer native.DeleteStaveVerifyReport(report)
		err := done(db.native.Verify(report))
		runtime.KeepAlive(db)
		return makeVerifyReport(report), err
	})
}

// RebuildHints writes the hint files of all sealed data files anew.
func (db *Store) RebuildHints(ctx context.Context) error {
	return wait(ctx, func() error {
		err := done(db.native.Rebuild_hints())
		runtime.KeepAlive(db)
		return err
	})
}

// Repair makes the store in dir openable again that Open refuses, with all that can be read of it;
// with ReadOnly it changes nothing. Nobody may have the store open for writing.
func Repair(ctx context.Context, dir string, options ...Option) (RepairReport, error) {
	packed, err := packOptions(options)
	if err == nil {
		err = checkPath(dir)
	}
	if err != nil {
		return RepairReport{}, err
	}
	return waitFor(ctx, func() (RepairReport, error) {
		report := native.NewStaveRepairReport()
		defer native.DeleteStaveRepairReport(report)
		err := done(native.Repair(dir, at(packed), len(packed), report))
		return makeRepairReport(report), err
	})
}

// Stats returns figures of the store.
func (db *Store) Stats() (Stats, error) {
	stats := native.NewStaveStats()
	defer native.DeleteStaveStats(stats)
	err := done(db.native.Get_stats(stats))
	runtime.KeepAlive(db)
	return makeStats(stats), err
}

// Progress says how far the merge, verify or backup is that another goroutine has at work.
func (db *Store) Progress() (Progress, error) {
	progress := native.NewStaveProgress()
	defer native.DeleteStaveProgress(progress)
	err := done(db.native.Get_progress(progress))
	runtime.KeepAlive(db)
	return makeProgress(progress), err
}

// Files describes all data files, the oldest first.
func (db *Store) Files() ([]FileInfo, error) {
	files := native.NewStaveFiles()
	defer native.DeleteStaveFiles(files)
	count, err := number(files.Begin(db.native))
	runtime.KeepAlive(db)
	if err != nil {
		return nil, err
	}
	info := native.NewStaveFileInfo()
	defer native.DeleteStaveFileInfo(info)
	found := make([]FileInfo, count)
	for index := range found {
		if err := done(files.At(index, info)); err != nil {
			return nil, err
		}
		found[index] = makeFileInfo(info)
	}
	return found, nil
}

// LogLevel is how much a LogEvent matters.
type LogLevel int

// Levels of events.
const (
	LogDebug LogLevel = 0
	LogInfo  LogLevel = 1
	LogWarn  LogLevel = 2
	LogError LogLevel = 3
)

// LogEvent is something that a store had to say.
type LogEvent struct {
	Level   LogLevel
	Time    time.Time
	Dropped uint64 // events lost so far, since nobody took them
	Message string
}

// NextLogEvent takes the oldest event that waits; there is false if there is none.
func (db *Store) NextLogEvent() (event LogEvent, there bool, err error) {
	from := native.NewStaveLogEvent()
	defer native.DeleteStaveLogEvent(from)
	found, err := number(db.native.Next_log_event(from))
	runtime.KeepAlive(db)
	if found == 0 || err != nil {
		return LogEvent{}, false, err
	}
	return LogEvent{
		Level:   LogLevel(from.GetLevel()),
		Time:    timeOf(from.GetTime_ms()),
		Dropped: from.GetDropped(),
		Message: from.GetMessage(),
	}, true, nil
}
