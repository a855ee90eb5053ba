package stave

import (
	"context"
	"runtime"
	"time"

	native "stave.internal/stave/internal/generated"
)

// ChangeKind says what an operation did.
type ChangeKind int

// What operations do. Of a DeleteRange Key is the first key, and Value the end: empty, if none.
const (
	ChangePut         ChangeKind = 1
	ChangeDelete      ChangeKind = 2
	ChangeDeleteRange ChangeKind = 3
)

// Change is an operation of a store.
type Change struct {
	Kind    ChangeKind
	Seq     uint64
	Key     []byte
	Value   []byte
	Expires time.Time // of a put; zero: never
	More    bool      // the next change belongs to the same batch
}

// Feed gives the operations of a store in their order. It keeps the files that it has yet to read:
// close it, or keep up. Of several goroutines at once, one waits, and the others get ErrInUse.
type Feed struct {
	native native.SwigcptrStaveFeed
}

// Feed opens a feed of all operations with numbers above after: 0 for all that the files hold,
// Stats.LastSeq for those to come. ErrFeedGone: merges have taken some of them away.
func (db *Store) Feed(after uint64) (*Feed, error) {
	feed := &Feed{native.NewStaveFeed().(native.SwigcptrStaveFeed)}
	err := done(feed.native.Begin(db.native, after))
	runtime.KeepAlive(db)
	if err != nil {
		native.DeleteStaveFeed(feed.native)
		return nil, err
	}
	runtime.SetFinalizer(feed, func(feed *Feed) { native.DeleteStaveFeed(feed.native) })
	return feed, nil
}

// How long the library waits before it is asked whether the context has ended.
const feedWait = 100 * time.Millisecond

// Next returns the next operation, and waits for it until ctx ends. Close ends the wait, too.
func (feed *Feed) Next(ctx context.Context) (Change, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Change{}, err
		}
		wait := feedWait
		if deadline, limited := ctx.Deadline(); limited {
			if left := time.Until(deadline); left < wait {
				wait = left + time.Millisecond
			}
		}
		change, there, err := feed.next(wait)
		if there || err != nil {
			return change, err
		}
	}
}

// Poll returns the next operation if there is one already.
func (feed *Feed) Poll() (change Change, there bool, err error) { return feed.next(0) }

func (feed *Feed) next(wait time.Duration) (change Change, there bool, err error) {
	if wait < 0 {
		wait = 0
	}
	ticket := feed.native.Next(wait.Milliseconds())
	runtime.KeepAlive(feed)
	if ticket == codeDone<<ticketNumberBits {
		return Change{}, false, nil
	}
	packed, err := bytesOf(nil, ticket)
	if err != nil {
		return Change{}, false, err
	}
	middle := 32 + int(uint32At(packed[24:]))
	end := middle + int(uint32At(packed[28:]))
	return Change{
		Kind:    ChangeKind(uint32At(packed)),
		Seq:     uint64At(packed[8:]),
		Key:     packed[32:middle:middle],
		Value:   packed[middle:end:end],
		Expires: timeOf(uint64At(packed[16:])),
		More:    uint32At(packed[4:]) != 0,
	}, true, nil
}

// Close lets go of the store's files. Later calls return ErrClosed.
func (feed *Feed) Close() error {
	feed.native.Close()
	runtime.KeepAlive(feed)
	return nil
}
