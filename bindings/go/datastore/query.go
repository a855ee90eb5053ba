package datastore

import (
	"context"
	"errors"

	ds "github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"

	"stave.internal/stave"
)

// Query walks over the keys below a prefix, of one moment. Close its results, or read them all.
func (d *Datastore) Query(ctx context.Context, q query.Query) (query.Results, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	over, rest := plan(q)
	it := d.db.Iterate(over)
	failed := false
	fail := func(err error) (query.Result, bool) {
		failed = true // an error comes once, and is the last
		it.Close()
		return query.Result{Error: err}, true
	}
	results := query.ResultsFromIterator(q, query.Iterator{
		Next: func() (query.Result, bool) {
			if failed {
				return query.Result{}, false
			}
			if err := ctx.Err(); err != nil {
				return fail(err)
			}
			item, there := it.NextItem()
			if there {
				return query.Result{Entry: entry(q, item)}, true
			}
			// A walk that was closed has ended, and is not wrong.
			if err := it.Err(); err != nil && !errors.Is(err, stave.ErrClosed) {
				return fail(err)
			}
			return query.Result{}, false
		},
		Close: it.Close,
	})
	return query.NaiveQueryApply(rest, results), nil
}

// plan divides a query into the range that the store walks over, and the rest, which is done to
// what comes out of that.
func plan(q query.Query) (over stave.Range, rest query.Query) {
	rest = q
	if prefix := ds.NewKey(q.Prefix).String(); prefix != "/" {
		over.Prefix = []byte(prefix + "/")
	}
	rest.Prefix = ""
	over.KeysOnly = q.KeysOnly && !q.ReturnsSizes
	if len(q.Orders) > 0 {
		// No two keys are equal, so no further order counts.
		switch q.Orders[0].(type) {
		case query.OrderByKey, *query.OrderByKey:
			rest.Orders = nil
		case query.OrderByKeyDescending, *query.OrderByKeyDescending:
			rest.Orders = nil
			over.Reverse = true
		}
	}
	if q.Limit > 0 && len(q.Filters) == 0 && len(rest.Orders) == 0 {
		over.Limit = uint64(q.Offset) + uint64(q.Limit)
	}
	return over, rest
}

func entry(q query.Query, item stave.Item) query.Entry {
	found := query.Entry{Key: string(item.Key), Size: -1}
	if !q.KeysOnly {
		found.Value = item.Value
	}
	if q.ReturnsSizes || !q.KeysOnly {
		found.Size = len(item.Value)
	}
	if q.ReturnExpirations {
		found.Expiration = item.Expires
	}
	return found
}
