package stave_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stave.internal/stave"
)

func TestIncrementsOfManyGoroutinesAreAllCounted(t *testing.T) {
	db := open(t)
	together(8, func(int) {
		for i := 0; i < 500; i++ {
			if _, err := db.Increment([]byte("n"), 1); err != nil {
				t.Error(err)
			}
		}
	})
	value, err := db.Get([]byte("n"))
	must(t, err)
	same(t, string(value), "4000")
}

func TestOthersGoOnDuringASync(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	db := open(t, stave.SyncNever())
	for tries := 0; tries < 500; tries++ {
		must(t, db.Put([]byte("k"), make([]byte, 1<<20)))
		var count, ended int64
		var other sync.WaitGroup
		other.Add(1)
		go func() {
			defer other.Done()
			for atomic.LoadInt64(&ended) == 0 {
				atomic.AddInt64(&count, 1)
				runtime.Gosched()
			}
		}()
		runtime.Gosched() // so that it has begun
		before := atomic.LoadInt64(&count)
		must(t, db.Sync(context.Background()))
		during := atomic.LoadInt64(&count) - before
		atomic.StoreInt64(&ended, 1)
		other.Wait()
		if during > 0 {
			return
		}
	}
	t.Fatal("Sync never let another goroutine run")
}

func TestCloseDuringTraffic(t *testing.T) {
	for round := 0; round < 5; round++ {
		db := open(t, stave.SyncNever())
		put(t, db, "k=v")
		together(9, func(number int) {
			if number == 8 {
				for i := 0; i < 20; i++ {
					_, _ = db.Get([]byte("k"))
					runtime.Gosched()
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			for i := 0; ; i++ {
				if err := traffic(db, fmt.Sprintf("%d-%d", number, i%50)); err != nil {
					if !errors.Is(err, stave.ErrClosed) && !errors.Is(err, stave.ErrCancelled) {
						t.Errorf("goroutine %d: %v", number, err)
					}
					return
				}
			}
		})
	}
}

// traffic is some of everything; nobody else writes this key.
func traffic(db *stave.Store, word string) error {
	key, value := []byte(word), bytes.Repeat([]byte(word), 20)
	if err := db.Put(key, value); err != nil {
		return err
	}
	got, err := db.Get(key)
	if err == nil && !bytes.Equal(got, value) {
		err = fmt.Errorf("%q has %d bytes", key, len(got))
	}
	if err != nil {
		return err
	}
	var batch stave.Batch
	batch.Put(key, append(value, value...))
	batch.Delete([]byte("other" + word))
	if err := db.Write(&batch); err != nil {
		return err
	}
	it := db.Iterate(stave.Range{Prefix: key[:1], Limit: 20})
	for it.Next() {
	}
	if err := it.Err(); err != nil {
		return err
	}
	it.Close()
	if _, err := db.GetMany([][]byte{key, []byte("none")}); err != nil {
		return err
	}
	snapshot, err := db.Snapshot()
	if err != nil {
		return err
	}
	defer snapshot.Close()
	_, err = snapshot.Get(key)
	return err
}

// Handles that nobody closes, while calls on others are at work and collections run all the time.
func TestTheCollectorDuringCalls(t *testing.T) {
	db := open(t)
	ended := make(chan struct{})
	var collector sync.WaitGroup
	collector.Add(1)
	go func() {
		defer collector.Done()
		for {
			select {
			case <-ended:
				return
			default:
				runtime.GC()
			}
		}
	}()
	together(4, func(number int) {
		for i := 0; i < 60; i++ {
			key := []byte(fmt.Sprintf("%d-%d", number, i))
			if err := abandon(db, key); err != nil {
				t.Errorf("goroutine %d: %v", number, err)
			}
		}
	})
	close(ended)
	collector.Wait()
	same(t, count(t, db), 240)
}

// abandon calls methods on what is used for the last time by that very call.
func abandon(db *stave.Store, key []byte) error {
	if err := db.Put(key, make([]byte, 5000), stave.NoSync); err != nil {
		return err
	}
	snapshot, err := db.Snapshot()
	if err != nil {
		return err
	}
	it := snapshot.Iterate(stave.Range{})
	if value, err := snapshot.Get(key); err != nil || len(value) != 5000 {
		return fmt.Errorf("%d bytes: %w", len(value), err)
	}
	feed, err := db.Feed(0)
	if err != nil {
		return err
	}
	if _, there, err := feed.Poll(); err != nil || !there {
		return fmt.Errorf("the feed has nothing: %w", err)
	}
	for it.Next() {
	}
	return it.Err()
}

func TestAStoreThatNobodyClosesIsLetGoOf(t *testing.T) {
	dir := t.TempDir()
	func() {
		db, err := stave.Open(dir)
		must(t, err)
		put(t, db, "k=v")
	}()
	for tries := 0; tries < 200; tries++ {
		runtime.GC()
		db, err := stave.Open(dir)
		if err == nil {
			same(t, contents(t, db, stave.Range{}), "k=v")
			must(t, db.Close())
			return
		}
		wants(t, err, stave.ErrBusy)
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the store is still open")
}

// Keys are parts of Go's own objects, with pointers beside them: nothing of that goes to C.
func TestKeysBesidePointers(t *testing.T) {
	db := open(t)
	type node struct {
		id    [8]byte
		next  *node
		value [16]byte
	}
	first := &node{id: [8]byte{'a'}, next: new(node)}
	first.next.next = first
	must(t, db.Put(first.id[:], first.value[:]))
	for i := 0; i < 200; i++ { // also on a stack that grows and moves meanwhile
		must(t, db.Put(first.id[:], deep(first.value[:], i)))
		got, err := db.GetAppend(first.value[:0], first.id[:])
		must(t, err)
		same(t, len(got), 16)
	}
}

func deep(value []byte, depth int) []byte {
	var room [256]byte
	room[depth] = 1
	if depth == 0 {
		return value
	}
	return deep(value, depth-int(room[depth]))
}

func TestAFeedEndsItsWait(t *testing.T) {
	db := open(t)
	feed, err := db.Feed(0)
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = feed.Next(ctx)
	same(t, errors.Is(err, context.DeadlineExceeded), true)
	_, err = feed.Next(ctx)
	same(t, errors.Is(err, context.DeadlineExceeded), true)

	go put(t, db, "k=v")
	change, err := feed.Next(context.Background())
	must(t, err)
	same(t, string(change.Key), "k")

	ended := make(chan error)
	ctx, cancel = context.WithCancel(context.Background())
	go func() { _, err := feed.Next(ctx); ended <- err }()
	cancel()
	same(t, errors.Is(<-ended, context.Canceled), true)
	go func() { _, err := feed.Next(context.Background()); ended <- err }()
	time.Sleep(10 * time.Millisecond)
	if _, _, err := feed.Poll(); err != nil {
		wants(t, err, stave.ErrInUse, "another thread")
	}
	must(t, feed.Close())
	wants(t, <-ended, stave.ErrClosed)
}

func TestAContextEndsACallThatWaits(t *testing.T) {
	db := open(t, stave.SyncNever())
	put(t, db, "k=v")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, verifyErr := db.Verify(ended)
	_, backupErr := db.Backup(ended, t.TempDir())
	for _, err := range []error{db.Sync(ended), db.Merge(ended), verifyErr, backupErr, db.RebuildHints(ended)} {
		same(t, errors.Is(err, context.Canceled), true)
	}
	// Capped to a crawl: the merge waits for longer than the context lives.
	slow := open(t, stave.SyncNever(), stave.With("merge.rate", "64KiB"))
	for i := 0; i < 2; i++ {
		for j := 0; j < 200; j++ {
			must(t, slow.Put([]byte(fmt.Sprintf("%d", j)), make([]byte, 10000)))
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer stop()
	start := time.Now()
	err := slow.Merge(ctx)
	same(t, errors.Is(err, context.DeadlineExceeded), true)
	same(t, time.Since(start) < 5*time.Second, true)
	for tries := 0; ; tries++ { // it goes on by itself
		progress, err := slow.Progress()
		must(t, err)
		if progress.Task == "merge" {
			break
		}
		same(t, tries < 1000, true)
		time.Sleep(10 * time.Millisecond)
	}
	must(t, slow.Close()) // ends it
}
