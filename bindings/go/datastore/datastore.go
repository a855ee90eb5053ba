// Package datastore is a stave store as a datastore of IPFS and libp2p, with the module
// github.com/ipfs/go-datastore: batches that are atomic, expiry, queries by prefix and in both
// orders of keys without reading more than they give.
package datastore

import (
	"context"
	"errors"
	"time"

	ds "github.com/ipfs/go-datastore"

	"stave.internal/stave"
)

// Datastore keeps what it is given in a stave store. Any number of goroutines may use it at once.
type Datastore struct{ db *stave.Store }

var (
	_ ds.Batching            = (*Datastore)(nil)
	_ ds.TTLDatastore        = (*Datastore)(nil)
	_ ds.PersistentDatastore = (*Datastore)(nil)
	_ ds.GCDatastore         = (*Datastore)(nil)
	_ ds.CheckedDatastore    = (*Datastore)(nil)
)

// NewDatastore opens the store in directory dir, and makes it where there is none.
func NewDatastore(dir string, options ...stave.Option) (*Datastore, error) {
	db, err := stave.Open(dir, options...)
	if err != nil {
		return nil, err
	}
	return &Datastore{db}, nil
}

// Store is the store itself, for all that a datastore does not have.
func (d *Datastore) Store() *stave.Store { return d.db }

func found(err error) error {
	if errors.Is(err, stave.ErrNotFound) {
		return ds.ErrNotFound
	}
	return err
}

// Get returns the value of key; ds.ErrNotFound if there is none.
func (d *Datastore) Get(ctx context.Context, key ds.Key) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	value, err := d.db.Get(key.Bytes())
	return value, found(err)
}

// Has says whether key is there.
func (d *Datastore) Has(ctx context.Context, key ds.Key) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return d.db.Has(key.Bytes())
}

// GetSize returns the length of the value of key.
func (d *Datastore) GetSize(ctx context.Context, key ds.Key) (int, error) {
	return ds.GetBackedSize(ctx, d, key)
}

// Put stores value under key.
func (d *Datastore) Put(ctx context.Context, key ds.Key, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.db.Put(key.Bytes(), value)
}

// Delete removes key, which need not be there.
func (d *Datastore) Delete(ctx context.Context, key ds.Key) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.db.Delete(key.Bytes()); !errors.Is(err, stave.ErrNotFound) {
		return err
	}
	return nil
}

// PutWithTTL stores a value that expires.
func (d *Datastore) PutWithTTL(ctx context.Context, key ds.Key, value []byte, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.db.PutTTL(key.Bytes(), value, ttl)
}

// SetTTL lets key expire after ttl from now.
func (d *Datastore) SetTTL(ctx context.Context, key ds.Key, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return found(d.db.Touch(key.Bytes(), ttl))
}

// GetExpiration returns when key expires; the zero time: never.
func (d *Datastore) GetExpiration(ctx context.Context, key ds.Key) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	entry, err := d.db.GetEntry(key.Bytes())
	return entry.Expires, found(err)
}

// Sync makes all writes durable that returned before it, whatever their prefix.
func (d *Datastore) Sync(ctx context.Context, prefix ds.Key) error { return d.db.Sync(ctx) }

// DiskUsage is what the data files take.
func (d *Datastore) DiskUsage(ctx context.Context) (uint64, error) {
	stats, err := d.db.Stats()
	return stats.DiskBytes, err
}

// CollectGarbage rewrites all files that hold dead records.
func (d *Datastore) CollectGarbage(ctx context.Context) error { return d.db.Merge(ctx) }

// Check reads every byte of every file; stave.ErrCorrupt if something is wrong.
func (d *Datastore) Check(ctx context.Context) error {
	_, err := d.db.Verify(ctx)
	return err
}

// Close makes everything durable and closes the store.
func (d *Datastore) Close() error { return d.db.Close() }

// batch is all or nothing.
type batch struct {
	db         *stave.Store
	operations stave.Batch
}

// Batch collects operations that Commit applies all or not at all.
func (d *Datastore) Batch(ctx context.Context) (ds.Batch, error) {
	return &batch{db: d.db}, ctx.Err()
}

func (b *batch) Put(ctx context.Context, key ds.Key, value []byte) error {
	b.operations.Put(key.Bytes(), value)
	return ctx.Err()
}

func (b *batch) Delete(ctx context.Context, key ds.Key) error {
	b.operations.Delete(key.Bytes())
	return ctx.Err()
}

func (b *batch) Commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.db.Write(&b.operations)
}
