package stave

import (
	"context"
	"runtime"

	native "stave.internal/stave/internal/generated"
)

// Store is an open store. Any number of goroutines may use it at once.
type Store struct {
	native native.SwigcptrStaveDb
	dir    string
}

// Open opens the store in directory dir, and makes it where there is none; the directory's parent
// must be there. One handle, of one process, may have it open for writing (ErrBusy), and any
// number with ReadOnly.
func Open(dir string, options ...Option) (*Store, error) {
	packed, err := packOptions(options)
	if err == nil {
		err = checkPath(dir)
	}
	if err != nil {
		return nil, err
	}
	db := &Store{native.NewStaveDb().(native.SwigcptrStaveDb), dir}
	if err := done(db.native.Begin(dir, at(packed), len(packed))); err != nil {
		native.DeleteStaveDb(db.native)
		return nil, err
	}
	// Letting go of a store that was not closed takes its time: not on the finalizers' goroutine.
	runtime.SetFinalizer(db, func(db *Store) { go native.DeleteStaveDb(db.native) })
	return db, nil
}

// Close waits for calls at work, makes everything durable and closes. Merges, backups and the like
// end with ErrCancelled, and later calls return ErrClosed; a second Close returns what the first
// did. Iterators, snapshots and feeds are to be closed by themselves.
func (db *Store) Close() error {
	err := done(db.native.Close())
	runtime.KeepAlive(db)
	return err
}

// Dir is the directory that Open was given.
func (db *Store) Dir() string { return db.dir }

// Flag changes how a write is done.
type Flag uint

// Without Sync and NoSync the store's option "sync" says whether a write waits for the disk.
const (
	Sync   Flag = 1  // durable, against a power cut as well, before the call returns
	NoSync Flag = 2  // do not wait for the disk
	Binary Flag = 16 // of Increment: the value is 8 bytes, the lowest first, not decimal text
)

func join(flags []Flag) (all uint) {
	for _, flag := range flags {
		all |= uint(flag)
	}
	return all
}

// Sync makes every write durable that returned before this call. One flush serves all who wait.
func (db *Store) Sync(ctx context.Context) error {
	return wait(ctx, func() error {
		err := done(db.native.Sync())
		runtime.KeepAlive(db)
		return err
	})
}

// wait does work that cannot be interrupted, and does not wait for its end longer than ctx.
func wait(ctx context.Context, work func() error) error {
	_, err := waitFor(ctx, func() (struct{}, error) { return struct{}{}, work() })
	return err
}

type outcome[T any] struct {
	result T
	err    error
}

func waitFor[T any](ctx context.Context, work func() (T, error)) (T, error) {
	if err := ctx.Err(); err != nil {
		var none T
		return none, err
	}
	if ctx.Done() == nil {
		return work()
	}
	ended := make(chan outcome[T], 1)
	go func() {
		result, err := work()
		ended <- outcome[T]{result, err}
	}()
	select {
	case outcome := <-ended:
		return outcome.result, outcome.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
