package stave_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stave.internal/stave"
)

func TestOpeningSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	dir := filepath.Join(folder, "störe")
	db := openAt(t, dir)
	_, err := stave.Open(dir)
	wants(t, err, stave.ErrBusy, dir)
	must(t, db.Close())
	_, err = stave.Open(dir, stave.MustNotExist())
	wants(t, err, stave.ErrExists)
	same(t, errors.Is(err, fs.ErrExist), true)
	_, err = stave.Open(filepath.Join(folder, "nothing"), stave.MustExist())
	wants(t, err, stave.ErrNoStore, "nothing")
	same(t, errors.Is(err, fs.ErrNotExist), true)
	file := filepath.Join(folder, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	_, err = stave.Open(file)
	wants(t, err, stave.ErrIO, file)
	_, err = stave.Open(dir, stave.With("sink", "always"))
	wants(t, err, stave.ErrUnknownOption, `"sink"`)
	_, err = stave.Open(dir, stave.With("sync", "oft"))
	wants(t, err, stave.ErrBadOption, "sync", "oft")
	_, err = stave.Open(dir, stave.With("sync", "al\x00ways"))
	wants(t, err, stave.ErrBadOption, "NUL")
	_, err = stave.Open("a\x00b")
	wants(t, err, stave.ErrInvalidArgument, "NUL")
	_, err = stave.Open("")
	same(t, err != nil, true)
	var failed *stave.Error
	same(t, errors.As(err, &failed) && failed.Message != "", true)
}

func TestCallsSayWhatIsWrong(t *testing.T) {
	db := open(t)
	k := []byte("k")
	_, err := db.Get(k)
	wants(t, err, stave.ErrNotFound)
	wants(t, db.Put(nil, k), stave.ErrEmptyKey)
	wants(t, db.Put([]byte{}, k), stave.ErrEmptyKey)
	_, err = db.Get(nil)
	wants(t, err, stave.ErrEmptyKey)
	wants(t, db.Put(make([]byte, stave.KeySizeMax+1), k), stave.ErrKeyTooLarge, "65535")
	wants(t, db.PutTTL(k, k, 0), stave.ErrInvalidArgument, "time to live")
	wants(t, db.Put(k, k, stave.Sync, stave.NoSync), stave.ErrInvalidArgument)
	_, err = db.Feed(1 << 40)
	wants(t, err, stave.ErrInvalidArgument)
	wants(t, db.Write(nil), stave.ErrNullArgument, "batch is nil")
	must(t, db.Sync(context.Background()))
	reader := openAt(t, db.Dir(), stave.ReadOnly())
	wants(t, reader.Put(k, k), stave.ErrReadOnly)

	// What was never opened is refused, as is a nil in C.
	wants(t, new(stave.Store).Put(k, k), stave.ErrNullArgument)
	_, err = new(stave.Store).Get(k)
	wants(t, err, stave.ErrNullArgument)
	_, err = new(stave.Snapshot).Get(k)
	wants(t, err, stave.ErrNullArgument)
	_, _, err = new(stave.Feed).Poll()
	wants(t, err, stave.ErrNullArgument)
	it := new(stave.Iterator)
	same(t, it.Next(), false)
	wants(t, it.Err(), stave.ErrNullArgument, "Iterate")
	wants(t, new(stave.Iterator).Seek(k), stave.ErrNullArgument)
	for _, handle := range []interface{ Close() error }{it, new(stave.Feed), new(stave.Snapshot)} {
		must(t, handle.Close())
	}
	must(t, new(stave.Store).Close())
}

func TestDamageIsToldWithItsPlace(t *testing.T) {
	db := open(t)
	for i := 0; i < 100; i++ {
		must(t, db.Put([]byte(fmt.Sprint(i)), bytes.Repeat([]byte("value"), 100)))
	}
	must(t, db.Sync(context.Background()))
	logs, err := filepath.Glob(filepath.Join(db.Dir(), "*.log"))
	must(t, err)
	data, err := os.ReadFile(logs[0])
	must(t, err)
	file, err := os.OpenFile(logs[0], os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteAt([]byte("V"), int64(bytes.Index(data, []byte("value"))))
	must(t, err)
	must(t, file.Close())
	name := filepath.Base(logs[0])
	_, err = db.Get([]byte("0"))
	wants(t, err, stave.ErrCorrupt, name)
	_, err = db.GetAppend(make([]byte, 0, 1000), []byte("0"))
	wants(t, err, stave.ErrCorrupt, name)
	_, err = db.GetMany([][]byte{[]byte("1"), []byte("0")})
	wants(t, err, stave.ErrCorrupt, "key 1 of 2", name)
	report, err := db.Verify(context.Background())
	wants(t, err, stave.ErrCorrupt)
	same(t, report.Problems, 1)
	same(t, strings.Contains(report.FirstProblem, name), true)
	it := db.Iterate(stave.Range{})
	defer it.Close()
	for it.Next() {
	}
	wants(t, it.Err(), stave.ErrCorrupt, name)
}

func TestUseAfterClose(t *testing.T) {
	db := open(t)
	put(t, db, "a=1", "b=2", "c=3")
	k := []byte("a")
	it, snapshot := db.Iterate(stave.Range{}), must1(t)(db.Snapshot())
	feed := must2(t)(db.Feed(0))
	same(t, it.Next(), true)
	must(t, db.Close())
	must(t, db.Close())
	batch := new(stave.Batch)
	batch.Put(k, k)
	_, getErr := db.Get(k)
	_, hasErr := db.Has(k)
	_, manyErr := db.GetMany([][]byte{k})
	_, snapshotErr := db.Snapshot()
	_, feedErr := db.Feed(0)
	_, statsErr := db.Stats()
	_, filesErr := db.Files()
	_, _, pollErr := feed.Poll()
	_, backupErr := db.Backup(context.Background(), t.TempDir())
	begun := db.Iterate(stave.Range{})
	same(t, begun.Next(), false)
	for _, err := range []error{db.Put(k, k), db.Delete(k), getErr, hasErr, manyErr, db.Write(batch),
		snapshotErr, feedErr, statsErr, filesErr, pollErr, backupErr, begun.Err(),
		db.Sync(context.Background()), db.Merge(context.Background()), db.Clear(), db.Refresh()} {
		wants(t, err, stave.ErrClosed, "closed")
		same(t, errors.Is(err, fs.ErrClosed), true)
	}
	// What was taken before sees its moment on.
	same(t, it.Next(), true)
	same(t, string(it.Key()), "b")
	value, err := snapshot.Get(k)
	must(t, err)
	same(t, string(value), "1")
	same(t, contents(t, snapshot, stave.Range{}), "a=1 b=2 c=3")

	must(t, begun.Close())
	must(t, it.Close())
	must(t, it.Close())
	same(t, it.Next(), false)
	wants(t, it.Err(), stave.ErrClosed, "iterator")
	wants(t, it.Seek(k), stave.ErrClosed, "iterator")
	must(t, snapshot.Close())
	must(t, snapshot.Close())
	_, err = snapshot.Get(k)
	wants(t, err, stave.ErrClosed, "snapshot")
	_, err = snapshot.Seq()
	wants(t, err, stave.ErrClosed)
	walk := snapshot.Iterate(stave.Range{})
	same(t, walk.Next(), false)
	wants(t, walk.Err(), stave.ErrClosed, "snapshot")
	must(t, walk.Close())
	must(t, feed.Close())
	must(t, feed.Close())
	_, err = feed.Next(context.Background())
	wants(t, err, stave.ErrClosed, "feed")
}

func must1(t *testing.T) func(*stave.Snapshot, error) *stave.Snapshot {
	return func(snapshot *stave.Snapshot, err error) *stave.Snapshot { must(t, err); return snapshot }
}

func must2(t *testing.T) func(*stave.Feed, error) *stave.Feed {
	return func(feed *stave.Feed, err error) *stave.Feed { must(t, err); return feed }
}

// Texts are the thread's own in the library: 32 goroutines that fail at once get theirs.
func TestManyGoroutinesFailAtOnce(t *testing.T) {
	db, closed := open(t), open(t)
	put(t, db, "k=1")
	must(t, closed.Close())
	missing := t.TempDir()
	together(32, func(number int) {
		for round := 0; round < 200; round++ {
			var err error
			var code stave.Code
			word := fmt.Sprintf("key-%d-%d", number, round)
			switch number % 4 {
			case 0:
				batch := new(stave.Batch)
				batch.RequirePresent([]byte(word))
				code, err = stave.ErrConflict, db.Write(batch)
			case 1:
				_, err = stave.Open(filepath.Join(missing, word), stave.MustExist())
				code = stave.ErrNoStore
			case 2:
				_, err = stave.Open(missing, stave.With(word, "1"))
				code = stave.ErrUnknownOption
			case 3:
				code, word, err = stave.ErrClosed, "closed", closed.Put([]byte(word), nil)
			}
			if !errors.Is(err, code) || !strings.Contains(err.Error(), word) {
				t.Errorf("goroutine %d: %v: not %v with %q", number, err, code, word)
				return
			}
			if _, err := db.Get([]byte(word)); number%4 != 3 && err != stave.ErrNotFound {
				t.Errorf("goroutine %d: %v: not %v", number, err, stave.ErrNotFound)
				return
			}
		}
	})
}
