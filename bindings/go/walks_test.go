package stave_test

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"stave.internal/stave"
)

func TestRangesOfWalks(t *testing.T) {
	db := open(t)
	put(t, db, "b=2", "a=1", "ba=3", "c=4")
	snapshot, err := db.Snapshot()
	must(t, err)
	defer snapshot.Close()
	put(t, db, "a=other", "d=5")
	must(t, db.Delete([]byte("b")))
	for _, one := range []struct {
		over     stave.Range
		expected string
	}{
		{stave.Range{}, "a=1 b=2 ba=3 c=4"},
		{stave.Range{Reverse: true}, "c=4 ba=3 b=2 a=1"},
		{stave.Range{Prefix: []byte("b")}, "b=2 ba=3"},
		{stave.Range{From: []byte("b"), To: []byte("c")}, "b=2 ba=3"},
		{stave.Range{From: []byte("aa")}, "b=2 ba=3 c=4"},
		{stave.Range{Limit: 2}, "a=1 b=2"},
		{stave.Range{Limit: 1, Reverse: true, Prefix: []byte("b")}, "ba=3"},
		{stave.Range{KeysOnly: true}, "a= b= ba= c="},
		{stave.Range{Prefix: []byte("x")}, ""},
	} {
		same(t, contents(t, snapshot, one.over), one.expected)
	}
	same(t, contents(t, db, stave.Range{}), "a=other ba=3 c=4 d=5")
	value, err := snapshot.Get([]byte("b"))
	must(t, err)
	same(t, string(value), "2")
	_, err = snapshot.Get([]byte("d"))
	wants(t, err, stave.ErrNotFound)
	seq, err := snapshot.Seq()
	must(t, err)
	stats, err := db.Stats()
	must(t, err)
	same(t, stats.LastSeq, seq+3)
	it := db.Iterate(stave.Range{From: []byte("b"), To: []byte("a")})
	defer it.Close()
	same(t, it.Next(), false)
}

// Batches double, spill where they do not fit, and shrink where values are large.
func TestWalksOverValuesOfAllSizes(t *testing.T) {
	db := open(t, stave.SyncNever())
	expected := map[string]string{}
	for i := 0; i < 1000; i++ {
		key := fmt.Sprintf("key%04d", i)
		if i%7 == 0 {
			key += strings.Repeat("\xff", 1500)
		}
		value := strings.Repeat(key[:7], i%11*(i%3)*(i%5))
		if i == 500 {
			value = strings.Repeat("x", 3<<20)
		}
		expected[key] = value
		must(t, db.Put([]byte(key), []byte(value)))
	}
	for _, reverse := range []bool{false, true} {
		var keys []string
		it := db.Iterate(stave.Range{Reverse: reverse})
		defer it.Close()
		for it.Next() {
			if want, known := expected[string(it.Key())]; !known || want != string(it.Value()) {
				t.Fatalf("key %.10q: a value of %d bytes", it.Key(), len(it.Value()))
			}
			keys = append(keys, string(it.Key()))
		}
		must(t, it.Err())
		same(t, len(keys), len(expected))
		same(t, sort.SliceIsSorted(keys, func(i, j int) bool { return keys[i] < keys[j] != reverse }), true)
		same(t, it.Next(), false)
		same(t, it.Key() == nil && it.Value() == nil && it.Version() == 0, true)
	}
}

func TestItemsAreTheCallersOwn(t *testing.T) {
	db := open(t)
	when := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	for i := 0; i < 1000; i++ {
		must(t, db.PutUntil([]byte(fmt.Sprintf("%03d", i)), bytes.Repeat([]byte{byte(i)}, i), when))
	}
	it := db.Iterate(stave.Range{})
	defer it.Close()
	var items []stave.Item
	for i := 0; ; i++ {
		if i%3 == 0 { // also where Next comes between
			if !it.Next() {
				break
			}
			items = append(items, stave.Item{Key: append([]byte{}, it.Key()...), Value: append([]byte{}, it.Value()...),
				Version: it.Version(), Expires: it.Expires()})
			continue
		}
		item, there := it.NextItem()
		if !there {
			break
		}
		_ = append(item.Key, "must not run into the value"...)
		items = append(items, item)
	}
	must(t, it.Err())
	same(t, len(items), 1000)
	for i, item := range items {
		if string(item.Key) != fmt.Sprintf("%03d", i) || !bytes.Equal(item.Value, bytes.Repeat([]byte{byte(i)}, i)) ||
			!item.Expires.Equal(when) || (i > 0 && item.Version <= items[i-1].Version) {
			t.Fatalf("item %d: %q %d bytes %v %d", i, item.Key, len(item.Value), item.Expires, item.Version)
		}
	}
}

func TestSeek(t *testing.T) {
	db := open(t)
	for i := 0; i < 100; i++ {
		put(t, db, fmt.Sprintf("%02d=%d", i, i))
	}
	it := db.Iterate(stave.Range{})
	defer it.Close()
	for _, one := range [][2]string{{"50", "50"}, {"00", "00"}, {"985", "99"}, {"", "00"}, {"99", "99"}} {
		must(t, it.Seek([]byte(one[0])))
		same(t, it.Key() == nil, true)
		same(t, it.Next(), true)
		same(t, string(it.Key()), one[1])
	}
	must(t, it.Seek([]byte("x")))
	same(t, it.Next(), false)
	must(t, it.Seek([]byte("10")))
	same(t, it.Next(), true)
	back := db.Iterate(stave.Range{Reverse: true})
	defer back.Close()
	must(t, back.Seek([]byte("555")))
	same(t, back.Next(), true)
	same(t, string(back.Key()), "55")
}

func TestAnIteratorIsSharedByGoroutines(t *testing.T) {
	db := open(t, stave.SyncNever())
	const entries = 5000
	for i := 0; i < entries; i++ {
		put(t, db, fmt.Sprintf("%04d=%04d", i, i))
	}
	it := db.Iterate(stave.Range{})
	defer it.Close()
	var mu sync.Mutex
	seen := map[string]bool{}
	together(4, func(int) {
		var own []stave.Item
		for item, there := it.NextItem(); there; item, there = it.NextItem() {
			own = append(own, item)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, item := range own {
			if seen[string(item.Key)] || !bytes.Equal(item.Key, item.Value) {
				t.Errorf("%q with %q", item.Key, item.Value)
			}
			seen[string(item.Key)] = true
		}
	})
	must(t, it.Err())
	same(t, len(seen), entries)
}

func TestCloseInsideAWalk(t *testing.T) {
	db := open(t)
	for i := 0; i < 2000; i++ {
		put(t, db, fmt.Sprintf("%04d", i))
	}
	it := db.Iterate(stave.Range{})
	together(5, func(number int) {
		if number == 4 {
			for i := 0; i < 100; i++ {
				it.NextItem()
			}
			it.Close()
			return
		}
		for _, there := it.NextItem(); there; _, there = it.NextItem() {
		}
	})
	same(t, it.Next(), false)
	if err := it.Err(); err != nil {
		wants(t, err, stave.ErrClosed)
	}
}
