//go:build go1.23

package stave_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"stave.internal/stave"
)

func TestRangeOverAStore(t *testing.T) {
	db := open(t)
	for i := 0; i < 500; i++ {
		put(t, db, fmt.Sprintf("%03d=%d", i, i))
	}
	snapshot, err := db.Snapshot()
	must(t, err)
	defer snapshot.Close()
	must(t, db.Delete([]byte("007")))
	var items []stave.Item
	for item, err := range db.All(stave.Range{}) {
		must(t, err)
		items = append(items, item)
	}
	same(t, len(items), 499)
	for i, item := range items[:7] {
		same(t, string(item.Key)+string(item.Value), fmt.Sprintf("%03d%d", i, i))
	}
	number := 0
	for _, err := range snapshot.All(stave.Range{Reverse: true}) {
		must(t, err)
		if number++; number == 250 {
			break
		}
	}
	same(t, number, 250)
	before := quietHandles(t)
	for range db.All(stave.Range{}) {
		same(t, stave.LiveHandles(), before+1)
		break // lets go of the iterator at once
	}
	same(t, stave.LiveHandles(), before)
	must(t, db.Close())
	for _, err := range db.All(stave.Range{}) {
		wants(t, err, stave.ErrClosed)
		number++
	}
	same(t, number, 251)
}

func TestRangeOverAFeed(t *testing.T) {
	db := open(t)
	put(t, db, "a=1", "b=2")
	feed, err := db.Feed(0)
	must(t, err)
	defer feed.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var seen string
	for change, err := range feed.All(ctx) {
		if err != nil {
			same(t, errors.Is(err, context.Canceled), true)
			break
		}
		if seen += string(change.Key); seen == "ab" {
			go put(t, db, "c=3")
		} else if seen == "abc" {
			cancel()
		}
	}
	same(t, seen, "abc")
}
