package stave

import (
	"time"

	native "stave.internal/stave/internal/generated"
)

// FileState says what becomes of a data file.
type FileState int

// A store writes to its active file; sealed ones are never written again.
const (
	FileSealed   FileState = 0
	FileActive   FileState = 1
	FileUnsealed FileState = 2
)

// Stats are figures of a store. Those from Puts on count since it was opened.
type Stats struct {
	ReadOnly           bool
	Keys               uint64 // live ones
	Files              uint64 // data files
	DiskBytes          uint64 // of data files, by length
	LiveBytes          uint64 // of them, records that a Get can return
	DeadBytes          uint64 // all others
	LastSeq            uint64 // number of the newest operation
	DurableSeq         uint64 // operations up to here survive a power cut; read-only: 0 is unknown
	KeydirBytes        uint64 // memory of the table of keys
	Puts               uint64
	Gets               uint64 // about
	Deletes            uint64
	Syncs              uint64 // flushes of the device
	Merges             uint64 // finished
	MergesFailed       uint64
	MergeBytesRead     uint64
	MergeBytesWritten  uint64
	MergeLast          time.Time     // when the last one ended; zero: none did
	OpenTime           time.Duration // how long Open took
	MergeRunning       bool
	MergePaused        bool
	OpenedClean        bool   // the last writer closed; read-only: and no other is at work
	Poisoned           bool   // a sync failed: reopen to write
	QuarantinedBytes   uint64 // what recovery cut away at this Open
	MergeLastError     string // "" if the last one went well
	SalvageLostRegions uint64 // opened with the option salvage: damaged places
	SalvageLostBytes   uint64 // of them
}

// FileInfo describes a data file.
type FileInfo struct {
	State       FileState
	ID          uint64 // 12 for 0000000012.log
	Merged      bool   // written by a merge, not by puts
	HasHint     bool
	Bytes       uint64
	LiveBytes   uint64
	DeadBytes   uint64
	LiveRecords uint64
	DeadRecords uint64
	Tombstones  uint64
	FirstSeq    uint64 // 0 when empty
	LastSeq     uint64
	MergeNote   string // why a background merge would, or would not, take it now
}

// Progress is how far the long call is that another goroutine has at work.
type Progress struct {
	Active bool   // whether one is
	Task   string // "merge", "verify", "backup" or ""
	Done   uint64 // bytes
	Total  uint64 // bytes
}

// BackupReport says what a backup holds, and how it came there.
type BackupReport struct {
	Files       uint64 // data files of the backup
	FilesLinked uint64 // hard links: no further disk space
	FilesCopied uint64
	FilesKept   uint64 // an earlier backup had them
	Bytes       uint64 // of all of them
	BytesCopied uint64 // written for this backup
	LastSeq     uint64 // the newest operation in it
}

// VerifyReport says what Verify has read, and what it found.
type VerifyReport struct {
	Problems     uint // damaged places
	Files        uint64
	Records      uint64
	Bytes        uint64
	Hints        uint64 // compared with their data
	BadRecords   uint64 // checksum or structure
	BadHints     uint64 // missing, damaged or misleading
	BadKeys      uint64 // do not lead to their newest record
	FirstProblem string // file, offset and what is wrong
}

// RepairReport says what Repair did, or, with ReadOnly, would do.
type RepairReport struct {
	Changed            bool // there was a need
	ManifestRebuilt    bool
	Reordered          bool   // all files were merged by key
	Files              uint64 // of the store afterwards
	FilesKept          uint64 // as they were
	FilesRewritten     uint64
	FilesMissing       uint64 // listed, but not there
	FilesLeftOut       uint64
	Records            uint64 // operations that were read
	Bytes              uint64 // of them
	LostRegions        uint64 // damaged places
	LostBytes          uint64 // of them
	LostOperations     uint64 // by their numbers
	LostKeys           uint64 // of which a newest record is lost, as far as hints tell
	TombstonesRestored uint64
	HintsRebuilt       uint64
	LastSeq            uint64 // the newest operation that was kept
	Quarantine         string // the directory of what was taken out of use
	FirstProblem       string
}

func makeStats(from native.StaveStats) Stats {
	return Stats{
		ReadOnly:           from.GetRead_only() != 0,
		Keys:               from.GetKeys(),
		Files:              from.GetFiles(),
		DiskBytes:          from.GetDisk_bytes(),
		LiveBytes:          from.GetLive_bytes(),
		DeadBytes:          from.GetDead_bytes(),
		LastSeq:            from.GetLast_seq(),
		DurableSeq:         from.GetDurable_seq(),
		KeydirBytes:        from.GetKeydir_bytes(),
		Puts:               from.GetPuts(),
		Gets:               from.GetGets(),
		Deletes:            from.GetDeletes(),
		Syncs:              from.GetSyncs(),
		Merges:             from.GetMerges(),
		MergesFailed:       from.GetMerges_failed(),
		MergeBytesRead:     from.GetMerge_bytes_read(),
		MergeBytesWritten:  from.GetMerge_bytes_written(),
		MergeLast:          timeOf(from.GetMerge_last_ms()),
		OpenTime:           time.Duration(from.GetOpen_micros()) * time.Microsecond,
		MergeRunning:       from.GetMerge_running() != 0,
		MergePaused:        from.GetMerge_paused() != 0,
		OpenedClean:        from.GetOpened_clean() != 0,
		Poisoned:           from.GetPoisoned() != 0,
		QuarantinedBytes:   from.GetQuarantined_bytes(),
		MergeLastError:     from.GetMerge_last_error(),
		SalvageLostRegions: from.GetSalvage_lost_regions(),
		SalvageLostBytes:   from.GetSalvage_lost_bytes(),
	}
}

func makeFileInfo(from native.StaveFileInfo) FileInfo {
	return FileInfo{
		State:       FileState(from.GetState()),
		ID:          from.GetId(),
		Merged:      from.GetMerged() != 0,
		HasHint:     from.GetHas_hint() != 0,
		Bytes:       from.GetBytes(),
		LiveBytes:   from.GetLive_bytes(),
		DeadBytes:   from.GetDead_bytes(),
		LiveRecords: from.GetLive_records(),
		DeadRecords: from.GetDead_records(),
		Tombstones:  from.GetTombstones(),
		FirstSeq:    from.GetFirst_seq(),
		LastSeq:     from.GetLast_seq(),
		MergeNote:   from.GetMerge_note(),
	}
}

func makeProgress(from native.StaveProgress) Progress {
	return Progress{
		Active: from.GetActive() != 0,
		Task:   from.GetTask(),
		Done:   from.GetDone(),
		Total:  from.GetTotal(),
	}
}

func makeBackupReport(from native.StaveBackupReport) BackupReport {
	return BackupReport{
		Files:       from.GetFiles(),
		FilesLinked: from.GetFiles_linked(),
		FilesCopied: from.GetFiles_copied(),
		FilesKept:   from.GetFiles_kept(),
		Bytes:       from.GetBytes(),
		BytesCopied: from.GetBytes_copied(),
		LastSeq:     from.GetLast_seq(),
	}
}

func makeVerifyReport(from native.StaveVerifyReport) VerifyReport {
	return VerifyReport{
		Problems:     from.GetProblems(),
		Files:        from.GetFiles(),
		Records:      from.GetRecords(),
		Bytes:        from.GetBytes(),
		Hints:        from.GetHints(),
		BadRecords:   from.GetBad_records(),
		BadHints:     from.GetBad_hints(),
		BadKeys:      from.GetBad_keys(),
		FirstProblem: from.GetFirst_problem(),
	}
}

func makeRepairReport(from native.StaveRepairReport) RepairReport {
	return RepairReport{
		Changed:            from.GetChanged() != 0,
		ManifestRebuilt:    from.GetManifest_rebuilt() != 0,
		Reordered:          from.GetReordered() != 0,
		Files:              from.GetFiles(),
		FilesKept:          from.GetFiles_kept(),
		FilesRewritten:     from.GetFiles_rewritten(),
		FilesMissing:       from.GetFiles_missing(),
		FilesLeftOut:       from.GetFiles_left_out(),
		Records:            from.GetRecords(),
		Bytes:              from.GetBytes(),
		LostRegions:        from.GetLost_regions(),
		LostBytes:          from.GetLost_bytes(),
		LostOperations:     from.GetLost_operations(),
		LostKeys:           from.GetLost_keys(),
		TombstonesRestored: from.GetTombstones_restored(),
		HintsRebuilt:       from.GetHints_rebuilt(),
		LastSeq:            from.GetLast_seq(),
		Quarantine:         from.GetQuarantine(),
		FirstProblem:       from.GetFirst_problem(),
	}
}
