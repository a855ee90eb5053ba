package datastore_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	ds "github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
	dstest "github.com/ipfs/go-datastore/test"

	"stave.internal/stave"
	"stave.internal/stave/datastore"
)

var ctx = context.Background()

func open(t *testing.T) *datastore.Datastore {
	t.Helper()
	d, err := datastore.NewDatastore(filepath.Join(t.TempDir(), "store"))
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestSuite is what go-datastore demands of every datastore.
func TestSuite(t *testing.T) { dstest.SubtestAll(t, open(t)) }

func TestQueriesPlanned(t *testing.T) {
	d := open(t)
	for _, key := range []string{"/a", "/a/1", "/a/2", "/a/3", "/ab", "/b/1"} {
		must(t, d.Put(ctx, ds.NewKey(key), []byte("v"+key)))
	}
	for _, one := range []struct {
		q        query.Query
		expected []string
	}{
		{query.Query{Prefix: "/a"}, []string{"/a/1", "/a/2", "/a/3"}},
		{query.Query{Prefix: "a/", Orders: []query.Order{query.OrderByKeyDescending{}}}, []string{"/a/3", "/a/2", "/a/1"}},
		{query.Query{Orders: []query.Order{query.OrderByKey{}}, Offset: 1, Limit: 2}, []string{"/a/1", "/a/2"}},
		{query.Query{Prefix: "/a", Orders: []query.Order{query.OrderByValueDescending{}}, Limit: 2}, []string{"/a/3", "/a/2"}},
		{query.Query{Filters: []query.Filter{query.FilterKeyPrefix{Prefix: "/b"}}, Limit: 1}, []string{"/b/1"}},
		{query.Query{Prefix: "/none"}, nil},
	} {
		for _, keysOnly := range []bool{false, true} {
			one.q.KeysOnly, one.q.ReturnsSizes = keysOnly, true
			if keysOnly && len(one.q.Orders) > 0 {
				if _, byValue := one.q.Orders[0].(query.OrderByValueDescending); byValue {
					continue // there are no values
				}
			}
			results, err := d.Query(ctx, one.q)
			must(t, err)
			entries, err := results.Rest()
			must(t, err)
			var keys []string
			for _, entry := range entries {
				keys = append(keys, entry.Key)
				if entry.Size != len(entry.Key)+1 || (entry.Value == nil) != keysOnly {
					t.Errorf("%v: %+v", one.q, entry)
				}
			}
			if !reflect.DeepEqual(keys, one.expected) {
				t.Errorf("%v: %v", one.q, keys)
			}
		}
	}
}

func TestResultsThatAreNotRead(t *testing.T) {
	d := open(t)
	for i := 0; i < 500; i++ {
		must(t, d.Put(ctx, ds.NewKey(fmt.Sprint(i)), nil))
	}
	percent := debug.SetGCPercent(-1) // handles of earlier tests would be let go of meanwhile
	defer debug.SetGCPercent(percent)
	runtime.GC()
	time.Sleep(50 * time.Millisecond)
	before := stave.LiveHandles()
	results, err := d.Query(ctx, query.Query{})
	must(t, err)
	if result, there := results.NextSync(); !there || result.Error != nil {
		t.Fatal(result.Error)
	}
	must(t, results.Close())
	if now := stave.LiveHandles(); now != before {
		t.Errorf("%d handles, and %d before", now, before)
	}
	canceled, cancel := context.WithCancel(ctx)
	results, err = d.Query(canceled, query.Query{})
	must(t, err)
	cancel()
	if _, err := results.Rest(); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	canceled, cancel = context.WithCancel(ctx)
	results, err = d.Query(canceled, query.Query{Orders: []query.Order{query.OrderByValue{}}})
	must(t, err)
	cancel()
	if _, err := results.Rest(); !errors.Is(err, context.Canceled) {
		t.Errorf("in order of values: %v", err)
	}
	ended := make(chan error)
	go func() { ended <- results.Close() }()
	select {
	case err := <-ended:
		must(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("an error comes again and again")
	}
	if _, err := d.Get(canceled, ds.NewKey("1")); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestFeatures(t *testing.T) {
	d := open(t)
	key := ds.NewKey("k")
	must(t, d.PutWithTTL(ctx, key, []byte("v"), time.Hour))
	when, err := d.GetExpiration(ctx, key)
	must(t, err)
	if left := time.Until(when); left < 50*time.Minute || left > time.Hour {
		t.Errorf("%v", left)
	}
	must(t, d.SetTTL(ctx, key, 2*time.Hour))
	later, err := d.GetExpiration(ctx, key)
	must(t, err)
	if !later.After(when) {
		t.Errorf("%v, %v", later, when)
	}
	if err := d.SetTTL(ctx, ds.NewKey("none"), time.Hour); err != ds.ErrNotFound {
		t.Error(err)
	}
	if _, err := d.GetSize(ctx, ds.NewKey("none")); err != ds.ErrNotFound {
		t.Error(err)
	}
	usage, err := ds.DiskUsage(ctx, d)
	must(t, err)
	if usage == 0 {
		t.Error("it takes no space")
	}
	must(t, d.CollectGarbage(ctx))
	must(t, d.Check(ctx))
	must(t, d.Sync(ctx, key))
	if there, err := d.Store().Has([]byte("/k")); !there || err != nil {
		t.Error(there, err)
	}
	must(t, d.Close())
	if err := d.Put(ctx, key, nil); !errors.Is(err, stave.ErrClosed) {
		t.Error(err)
	}
}
