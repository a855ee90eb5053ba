package stave_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stave.internal/stave"
)

var background = context.Background()

func TestExpiry(t *testing.T) {
	db := open(t)
	hour := time.Now().Add(time.Hour)
	v := []byte("v")
	must(t, db.PutTTL([]byte("ttl"), v, time.Hour))
	must(t, db.PutUntil([]byte("until"), v, hour))
	var batch stave.Batch
	batch.PutUntil([]byte("batch"), v, hour)
	must(t, db.Write(&batch))
	for _, key := range []string{"ttl", "until", "batch"} {
		left, expires, err := db.TTL([]byte(key))
		must(t, err)
		same(t, expires && left > 50*time.Minute && left <= time.Hour, true)
		entry, err := db.GetEntry([]byte(key))
		must(t, err)
		same(t, string(entry.Value) == "v" && entry.Expires.Sub(hour).Round(time.Minute) == 0, true)
	}
	must(t, db.Touch([]byte("ttl"), 2*time.Hour))
	left, _, err := db.TTL([]byte("ttl"))
	must(t, err)
	same(t, left > time.Hour, true)
	must(t, db.Persist([]byte("ttl")))
	_, expires, err := db.TTL([]byte("ttl"))
	must(t, err)
	same(t, expires, false)
	entry, err := db.GetEntry([]byte("ttl"))
	must(t, err)
	same(t, entry.Expires.IsZero(), true)

	for _, gone := range []time.Time{time.UnixMilli(1), time.Unix(-1, 0)} {
		must(t, db.PutUntil([]byte("gone"), v, gone))
		_, err = db.Get([]byte("gone"))
		wants(t, err, stave.ErrNotFound)
	}
	must(t, db.PutTTL([]byte("soon"), v, time.Nanosecond))
	must(t, db.PutTTL([]byte("late"), v, math.MaxInt64))
	must(t, db.PutUntil([]byte("later"), v, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
	for _, key := range []string{"late", "later"} {
		left, expires, err := db.TTL([]byte(key))
		if must(t, err); !expires || left < 291*365*24*time.Hour {
			t.Errorf("%s: %v left, %v", key, left, expires)
		}
	}
	time.Sleep(2 * time.Millisecond)
	_, _, err = db.TTL([]byte("soon"))
	wants(t, err, stave.ErrNotFound)
	wants(t, db.Touch([]byte("soon"), time.Hour), stave.ErrNotFound)
	wants(t, db.Touch([]byte("ttl"), -1), stave.ErrInvalidArgument, "-1ns")

	other := open(t, stave.DefaultTTL(time.Hour))
	put(t, other, "k=v")
	must(t, other.PutUntil([]byte("never"), v, time.Time{}))
	_, expires, err = other.TTL([]byte("k"))
	must(t, err)
	same(t, expires, true)
	_, expires, err = other.TTL([]byte("never"))
	must(t, err)
	same(t, expires, false)
}

func TestFeedsGiveOperationsInTheirOrder(t *testing.T) {
	db := open(t)
	feed, err := db.Feed(0)
	must(t, err)
	defer feed.Close()
	when := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	put(t, db, "a=1")
	must(t, db.PutUntil([]byte("b"), []byte("2"), when))
	var batch stave.Batch
	batch.Put([]byte("c"), []byte(strings.Repeat("3", 100000)))
	batch.Delete([]byte("a"))
	must(t, db.Write(&batch))
	must(t, db.DeleteRange([]byte("x"), []byte("z")))
	var seq uint64
	for _, want := range []stave.Change{
		{Kind: stave.ChangePut, Key: []byte("a"), Value: []byte("1")},
		{Kind: stave.ChangePut, Key: []byte("b"), Value: []byte("2"), Expires: when},
		{Kind: stave.ChangePut, Key: []byte("c"), Value: []byte(strings.Repeat("3", 100000)), More: true},
		{Kind: stave.ChangeDelete, Key: []byte("a")},
		{Kind: stave.ChangeDeleteRange, Key: []byte("x"), Value: []byte("z")},
	} {
		got, there, err := feed.Poll()
		must(t, err)
		same(t, there && got.Kind == want.Kind && got.More == want.More && got.Seq > seq, true)
		same(t, string(got.Key)+"="+string(got.Value), string(want.Key)+"="+string(want.Value))
		same(t, got.Expires.Equal(want.Expires), true)
		seq = got.Seq
	}
	_, there, err := feed.Poll()
	must(t, err)
	same(t, there, false)
	later, err := db.Feed(seq)
	must(t, err)
	defer later.Close()
	put(t, db, "later=1")
	change, err := later.Next(background)
	must(t, err)
	same(t, string(change.Key), "later")
}

func TestBackupCheckpointAndRepair(t *testing.T) {
	db := open(t)
	put(t, db, "a=1", "b=2")
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	report, err := db.Backup(ctx, filepath.Join(folder, "backup"), stave.BackupCopy)
	must(t, err)
	stats, err := db.Stats()
	must(t, err)
	same(t, report.LastSeq == stats.LastSeq && report.FilesCopied > 0 && report.FilesLinked == 0, true)
	put(t, db, "c=3")
	report, err = db.Backup(background, filepath.Join(folder, "backup"), stave.BackupCopy)
	must(t, err)
	same(t, report.LastSeq, stats.LastSeq+1)
	must(t, db.Checkpoint(ctx, filepath.Join(folder, "checkpoint")))
	wants(t, db.Checkpoint(background, filepath.Join(folder, "checkpoint")), stave.ErrExists, "checkpoint")
	wants(t, db.Checkpoint(background, "a\x00b"), stave.ErrInvalidArgument, "NUL")
	must(t, db.Close())
	for _, name := range []string{"backup", "checkpoint"} {
		same(t, contents(t, openAt(t, filepath.Join(folder, name)), stave.Range{}), "a=1 b=2 c=3")
	}

	repaired, err := stave.Repair(ctx, db.Dir())
	must(t, err)
	same(t, repaired.Changed, false)
	must(t, os.Remove(filepath.Join(db.Dir(), "MANIFEST")))
	_, err = stave.Open(db.Dir())
	same(t, err != nil, true)
	repaired, err = stave.Repair(background, db.Dir(), stave.ReadOnly())
	must(t, err)
	same(t, repaired.Changed && repaired.ManifestRebuilt, true)
	repaired, err = stave.Repair(background, db.Dir())
	must(t, err)
	same(t, repaired.Changed && repaired.Files > 0 && repaired.LastSeq == stats.LastSeq+1, true)
	same(t, contents(t, openAt(t, db.Dir()), stave.Range{}), "a=1 b=2 c=3")
	_, err = stave.Repair(background, filepath.Join(folder, "nothing"))
	wants(t, err, stave.ErrNoStore)
}

func TestReports(t *testing.T) {
	db := open(t, stave.With("merge.triggers.dead_bytes", "1GiB"))
	put(t, db, "k=v", "k=w")
	must(t, db.Merge(background))
	stats, err := db.Stats()
	must(t, err)
	same(t, stats.Keys == 1 && stats.Puts == 2 && stats.Merges == 1 && stats.MergeLastError == "", true)
	same(t, time.Since(stats.MergeLast) < time.Hour && stats.OpenTime > 0 && !stats.ReadOnly, true)
	verified, err := db.Verify(background)
	must(t, err)
	same(t, verified.Problems == 0 && verified.Records > 0 && verified.FirstProblem == "", true)
	files, err := db.Files()
	must(t, err)
	same(t, len(files) == int(stats.Files) && len(files) > 0, true)
	active := 0
	for _, file := range files {
		same(t, file.MergeNote != "" && file.ID > 0, true)
		if file.State == stave.FileActive {
			active++
		}
	}
	same(t, active, 1)
	must(t, db.Merge(background, stave.Uncapped, stave.Sort))
	same(t, contents(t, db, stave.Range{}), "k=w")
	must(t, db.PauseMerges())
	stats, err = db.Stats()
	must(t, err)
	same(t, stats.MergePaused, true)
	must(t, db.ResumeMerges())
	must(t, db.RebuildHints(background))
	progress, err := db.Progress()
	must(t, err)
	same(t, progress, stave.Progress{})
}

func TestAReaderBesideAWriter(t *testing.T) {
	db := open(t)
	put(t, db, "a=1")
	reader := openAt(t, db.Dir(), stave.ReadOnly())
	put(t, db, "b=2")
	same(t, contents(t, reader, stave.Range{}), "a=1")
	must(t, reader.Refresh())
	same(t, contents(t, reader, stave.Range{}), "a=1 b=2")
}

func TestLogEvents(t *testing.T) {
	db := open(t)
	put(t, db, "k=v")
	must(t, db.Close())
	logs, err := filepath.Glob(filepath.Join(db.Dir(), "*.log"))
	must(t, err)
	data, err := os.ReadFile(logs[0])
	must(t, err)
	must(t, os.WriteFile(filepath.Join(db.Dir(), "0000009999.log"), data, 0o600))
	again := openAt(t, db.Dir())
	told := false
	for {
		event, there, err := again.NextLogEvent()
		must(t, err)
		if !there {
			break
		}
		told = told || strings.Contains(event.Message, "0000009999.log") && event.Level >= stave.LogInfo &&
			time.Since(event.Time) < time.Hour
	}
	same(t, told, true)
}

func TestOptionsAreListedAndTaken(t *testing.T) {
	known := map[string]stave.OptionInfo{}
	for _, option := range stave.Options() {
		known[option.Name] = option
		same(t, option.Type != "" && option.Description != "" && option.Since != "", true)
	}
	same(t, known["create_if_missing"].Default, "true")
	same(t, strings.Contains(known["sync"].Choices, "always"), true)
	for _, option := range []stave.Option{stave.SyncAlways(), stave.SyncEvery(time.Second), stave.SyncNever()} {
		db := open(t, option)
		put(t, db, "k=v")
		stats, err := db.Stats()
		must(t, err)
		same(t, option != stave.SyncAlways() || stats.DurableSeq == stats.LastSeq, true)
	}
}
