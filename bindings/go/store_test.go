package stave_test

import (
	"bytes"
	"context"
	"testing"

	"stave.internal/stave"
)

func TestKeysAndValuesAreAnyBytes(t *testing.T) {
	db := open(t)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	keys := [][]byte{{0}, []byte("\x00\xff\x00"), all, bytes.Repeat([]byte{0xff}, 1500),
		bytes.Repeat([]byte("k"), stave.KeySizeMax), []byte("schlüssel")}
	values := [][]byte{{}, nil, {0}, all, bytes.Repeat([]byte("v"), 4096), bytes.Repeat([]byte("v"), 4097),
		bytes.Repeat([]byte{0}, 3<<20)}
	for i, key := range keys {
		for j, value := range values {
			must(t, db.Put(key, value))
			got, err := db.Get(key)
			must(t, err)
			if got == nil || !bytes.Equal(got, value) {
				t.Fatalf("key %d, value %d: got %d bytes (nil: %v)", i, j, len(got), got == nil)
			}
			there, err := db.Has(key)
			must(t, err)
			same(t, there, true)
		}
	}
	same(t, len(keys), int(count(t, db)))
	for _, key := range keys {
		must(t, db.Delete(key))
		wants(t, db.Delete(key), stave.ErrNotFound)
	}
	same(t, count(t, db), 0)
}

func count(t *testing.T, db *stave.Store) uint64 {
	t.Helper()
	number, err := db.CountRange(nil, nil)
	must(t, err)
	return number
}

func TestGetAppendKeepsWhatIsThere(t *testing.T) {
	db := open(t)
	for _, length := range []int{0, 1, 100, 4096, 4097, 100000} {
		value := bytes.Repeat([]byte("v"), length)
		must(t, db.Put([]byte("k"), value))
		snapshot, err := db.Snapshot()
		must(t, err)
		for _, from := range []interface {
			GetAppend(dst, key []byte) ([]byte, error)
		}{db, snapshot} {
			for _, room := range []int{0, 1, length, length + 1, 2 * length} {
				dst := append(make([]byte, 0, 4+room), "head"...)
				got, err := from.GetAppend(dst, []byte("k"))
				must(t, err)
				if string(got) != "head"+string(value) {
					t.Fatalf("%d bytes into room for %d: got %d bytes", length, room, len(got))
				}
				same(t, room < length || length == 0 || &got[0] == &dst[0], true)
				got, err = from.GetAppend(dst, []byte("none"))
				wants(t, err, stave.ErrNotFound)
				same(t, string(got), "head")
			}
			got, err := from.GetAppend(nil, []byte("k"))
			must(t, err)
			same(t, got != nil && bytes.Equal(got, value), true)
		}
		must(t, snapshot.Close())
	}
}

func TestManyAtOnce(t *testing.T) {
	db := open(t)
	pairs := make([]stave.Pair, 300)
	keys := make([][]byte, 0, 600)
	for i := range pairs {
		key := []byte{byte(i >> 8), byte(i), 'k'}
		pairs[i] = stave.Pair{Key: key, Value: bytes.Repeat(key, i%40*i%40)}
		keys = append(keys, key, append(key, '!'))
	}
	stored, err := db.PutMany(pairs, stave.NoSync)
	must(t, err)
	same(t, stored, len(pairs))
	values, err := db.GetMany(keys)
	must(t, err)
	for i, pair := range pairs {
		if got := values[2*i]; got == nil || !bytes.Equal(got, pair.Value) {
			t.Fatalf("pair %d: %q", i, got)
		}
		same(t, values[2*i+1] == nil, true)
	}
	values, err = db.GetMany(nil)
	must(t, err)
	same(t, len(values), 0)
	stored, err = db.PutMany(nil)
	must(t, err)
	same(t, stored, 0)
	_, err = db.GetMany([][]byte{[]byte("k"), nil})
	wants(t, err, stave.ErrEmptyKey, "key 1 of 2")
	stored, err = db.PutMany([]stave.Pair{{Key: []byte("k")}, {}})
	wants(t, err, stave.ErrEmptyKey, "key 1 of 2")
	same(t, stored, 0)
}

func TestBatches(t *testing.T) {
	db := open(t)
	put(t, db, "old=1")
	entry, err := db.GetEntry([]byte("old"))
	must(t, err)
	var batch stave.Batch
	must(t, db.Write(&batch))
	batch.Put([]byte("new"), []byte("2"))
	batch.Delete([]byte("old"))
	batch.Delete([]byte("never"))
	batch.RequireAbsent([]byte("new"))
	batch.RequirePresent([]byte("old"))
	batch.RequireValue([]byte("old"), []byte("1"))
	batch.RequireVersion([]byte("old"), entry.Version)
	batch.RequireVersion([]byte("new"), 0)
	same(t, batch.Len(), 3)
	must(t, db.Write(&batch, stave.Sync))
	same(t, contents(t, db, stave.Range{}), "new=2")
	wants(t, db.Write(&batch), stave.ErrConflict, `"new"`)

	batch.Reset()
	same(t, batch.Len(), 0)
	batch.Put([]byte("a"), bytes.Repeat([]byte("x"), 1<<20))
	batch.Put(bytes.Repeat([]byte("b"), 2000), nil)
	must(t, db.Write(&batch))
	same(t, count(t, db), 3)

	for _, condition := range []func(*stave.Batch){
		func(b *stave.Batch) { b.RequireAbsent([]byte("new")) },
		func(b *stave.Batch) { b.RequirePresent([]byte("old")) },
		func(b *stave.Batch) { b.RequireValue([]byte("new"), []byte("3")) },
		func(b *stave.Batch) { b.RequireVersion([]byte("new"), entry.Version) },
	} {
		batch.Reset()
		batch.Put([]byte("lost"), nil)
		condition(&batch)
		wants(t, db.Write(&batch), stave.ErrConflict)
	}
	batch.Reset()
	batch.Put([]byte("lost"), nil)
	batch.Put(nil, []byte("v"))
	wants(t, db.Write(&batch), stave.ErrEmptyKey, "operation 1 of the batch")
	same(t, count(t, db), 3)
}

func TestConditions(t *testing.T) {
	db := open(t)
	k := []byte("k")
	must(t, db.PutIfAbsent(k, []byte("1")))
	wants(t, db.PutIfAbsent(k, []byte("2")), stave.ErrConflict)
	wants(t, db.CompareAndSet(k, []byte("2"), []byte("3")), stave.ErrConflict, "nothing was written")
	must(t, db.CompareAndSet(k, []byte("1"), []byte("3")))
	wants(t, db.CompareAndSet([]byte("q"), nil, nil), stave.ErrNotFound)
	entry, err := db.GetEntry(k)
	must(t, err)
	same(t, string(entry.Value), "3")
	version, err := db.PutIfVersion(k, entry.Version, []byte("4"))
	must(t, err)
	same(t, version > entry.Version, true)
	_, err = db.PutIfVersion(k, entry.Version, []byte("5"))
	wants(t, err, stave.ErrConflict)
	wants(t, db.DeleteIfValue(k, []byte("3")), stave.ErrConflict)
	wants(t, db.DeleteIfVersion(k, entry.Version), stave.ErrConflict)
	must(t, db.DeleteIfVersion(k, version))
	later, err := db.PutIfVersion(k, 0, []byte("6"))
	must(t, err)
	same(t, later > version, true)
	must(t, db.DeleteIfValue(k, []byte("6")))
	old, err := db.GetAndSet(k, []byte("7"))
	must(t, err)
	same(t, old == nil, true)
	old, err = db.GetAndSet(k, nil)
	must(t, err)
	same(t, string(old), "7")
	old, err = db.GetAndDelete(k)
	must(t, err)
	same(t, old != nil && len(old) == 0, true)
	_, err = db.GetAndDelete(k)
	wants(t, err, stave.ErrNotFound)
	_, err = db.GetEntry(k)
	wants(t, err, stave.ErrNotFound)
}

func TestNumbersAndAppends(t *testing.T) {
	db := open(t)
	n := []byte("n")
	for _, step := range []struct{ delta, sum int64 }{
		{1, 1}, {-43, -42}, {42, 0}, {1 << 47, 1 << 47}, {1 << 47, 1 << 48}, {1<<63 - 1 - 1<<48, 1<<63 - 1},
	} {
		sum, err := db.Increment(n, step.delta)
		must(t, err)
		same(t, sum, step.sum)
	}
	_, err := db.Increment(n, 1)
	wants(t, err, stave.ErrOverflow)
	put(t, db, "text=word")
	_, err = db.Increment([]byte("text"), 1)
	wants(t, err, stave.ErrNotANumber, "not a number")
	_, err = db.Increment([]byte("b"), 258, stave.Binary)
	must(t, err)
	value, err := db.Get([]byte("b"))
	must(t, err)
	same(t, string(value), "\x02\x01\x00\x00\x00\x00\x00\x00")
	length, err := db.Append([]byte("a"), []byte("one,"))
	must(t, err)
	same(t, length, 4)
	length, err = db.Append([]byte("a"), []byte("two"), stave.Sync)
	must(t, err)
	same(t, length, 7)
	value, err = db.Get([]byte("a"))
	must(t, err)
	same(t, string(value), "one,two")
}

func TestRangesAreDeletedAndCounted(t *testing.T) {
	db := open(t)
	for _, letter := range []string{"a", "b", "c", "\xff"} {
		for i := 0; i < 10; i++ {
			must(t, db.Put([]byte{letter[0], byte('0' + i)}, make([]byte, 100)))
		}
	}
	size, err := db.ApproximateSize([]byte("b"), []byte("c"))
	must(t, err)
	same(t, size > 0, true)
	must(t, db.DeletePrefix([]byte("b")))
	must(t, db.DeleteRange([]byte("a5"), []byte("c5"), stave.Sync))
	same(t, count(t, db), 20)
	some, err := db.CountRange([]byte("a"), []byte("c7"))
	must(t, err)
	same(t, some, 7)
	_, err = db.CountRange([]byte("b"), []byte("a"))
	wants(t, err, stave.ErrInvalidArgument)
	must(t, db.DeleteRange([]byte("c"), nil))
	same(t, count(t, db), 5)
	wants(t, db.DeletePrefix(nil), stave.ErrEmptyKey)
	must(t, db.Clear())
	same(t, count(t, db), 0)
}

func TestAStoreIsThereAgain(t *testing.T) {
	db := open(t, stave.SyncNever())
	put(t, db, "a=1", "b=2")
	must(t, db.Sync(context.Background()))
	must(t, db.Close())
	must(t, db.Close())
	again := openAt(t, db.Dir(), stave.MustExist())
	same(t, contents(t, again, stave.Range{}), "a=1 b=2")
}

func TestPutAndGetAppendAllocateNothing(t *testing.T) {
	db := open(t, stave.SyncNever())
	key, value, buffer := []byte("some key"), make([]byte, 100), make([]byte, 0, 128)
	snapshot, err := db.Snapshot()
	must(t, err)
	defer snapshot.Close()
	batch := new(stave.Batch)
	must(t, db.Put(key, value))
	for name, call := range map[string]func() error{
		"Put":           func() error { return db.Put(key, value) },
		"Put, NoSync":   func() error { return db.Put(key, value, stave.NoSync) },
		"GetAppend":     func() error { _, err := db.GetAppend(buffer, key); return err },
		"Has":           func() error { _, err := db.Has(key); return err },
		"Get, no value": func() error { db.Get(key[:4]); return nil },
		"Increment":     func() error { _, err := db.Increment(key[:5], 1); return err },
		"Batch, Write": func() error {
			batch.Reset()
			batch.Put(key, value)
			return db.Write(batch)
		},
	} {
		must(t, call())
		if found := testing.AllocsPerRun(200, func() { must(t, call()) }); found != 0 {
			t.Errorf("%s: %v allocations", name, found)
		}
	}
}
