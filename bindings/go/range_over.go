//go:build go1.23

package stave

import (
	"context"
	"iter"
)

// All walks over a range with the for statement of Go 1.23:
//
//	for item, err := range db.All(stave.Range{Prefix: []byte("user:")}) {
//		if err != nil {
//			return err
//		}
//		fmt.Printf("%s %s\n", item.Key, item.Value)
//	}
//
// It sees the moment at which the loop begins. An error is the last that it gives.
func (db *Store) All(over Range) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) { walk(db.Iterate(over), yield) }
}

// All walks over a range of that moment, as Store.All.
func (snapshot *Snapshot) All(over Range) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) { walk(snapshot.Iterate(over), yield) }
}

func walk(it *Iterator, yield func(Item, error) bool) {
	defer it.Close()
	for {
		item, there := it.NextItem()
		if !there {
			break
		}
		if !yield(item, nil) {
			return
		}
	}
	if err := it.Err(); err != nil {
		yield(Item{}, err)
	}
}

// All gives operation after operation, and waits for those to come. An error, also that of ctx
// when it ends, is the last that it gives.
func (feed *Feed) All(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for {
			change, err := feed.Next(ctx)
			if !yield(change, err) || err != nil {
				return
			}
		}
	}
}
