package stave

import (
	"runtime"
	"sync"
	"time"

	native "stave.internal/stave/internal/generated"
)

// Range says what an Iterator walks over: keys that are in all of its bounds, where an empty bound
// is none. The zero Range is every key, in ascending byte order.
type Range struct {
	From     []byte // the least key
	To       []byte // what all keys are less than
	Prefix   []byte // what all keys begin with
	Reverse  bool   // in descending order; From is still less than To
	KeysOnly bool   // values are left out, and not read
	Limit    uint64 // at most so many entries; 0: no limit
}

const (
	iterReverse  = 1
	iterKeysOnly = 2

	codeDone = 2

	// A walk that is left early has not read much: batches double up to the library's most, and
	// to so many bytes.
	headsFirst = 8
	headsMost  = 128
	batchMost  = 256 << 10
	headSize   = 24  // in a batch
	roomLeast  = 256 // what is set aside for an entry; larger ones come in memory of their own
	roomMost   = 64 << 10
)

// Item is an entry that an Iterator came by. Its bytes are the caller's own; they share memory with
// those of its neighbours, so copy what is kept for long.
type Item struct {
	Key, Value []byte
	Version    uint64
	Expires    time.Time // zero: never
}

// Iterator walks over one moment of a store, whatever is written meanwhile. Close it soon: merged
// files keep their disk space until then. It outlives the Close of its store and snapshot.
type Iterator struct {
	mu     sync.Mutex
	native native.SwigcptrStaveIter
	closed bool
	err    error
	heads  int    // of the next batch
	room   int    // of it, for each entry
	batch  []byte // as tickets.h draws it
	head   int    // where the next entry's head lies in it
	data   int    // and its key
	left   int    // entries of it that are yet to come
	kept   bool   // the batch belongs to callers of NextItem: the next one has other memory
	key    []byte
	value  []byte
	facts  []byte // version and expiry of the entry
}

// Iterate begins a walk. An error of its beginning is that of the first Next.
//
//	it := db.Iterate(stave.Range{Prefix: []byte("user:")})
//	defer it.Close()
//	for it.Next() {
//		fmt.Printf("%s %s\n", it.Key(), it.Value())
//	}
//	return it.Err()
func (db *Store) Iterate(over Range) *Iterator { return iterate(db, nil, over) }

func iterate(db *Store, snapshot *Snapshot, over Range) *Iterator {
	it := &Iterator{heads: headsFirst, room: roomLeast}
	it.native = native.NewStaveIter().(native.SwigcptrStaveIter)
	runtime.SetFinalizer(it, (*Iterator).release)
	var store native.SwigcptrStaveDb
	var moment native.SwigcptrStaveSnapshot
	if snapshot != nil {
		moment = snapshot.native // alone: so it can be walked past the end of the store
	} else {
		store = db.native
	}
	var flags uint
	if over.Reverse {
		flags |= iterReverse
	}
	if over.KeysOnly {
		flags |= iterKeysOnly
	}
	it.err = done(it.native.Begin(store, moment, at(over.From), len(over.From), at(over.To), len(over.To),
		at(over.Prefix), len(over.Prefix), over.Limit, flags))
	runtime.KeepAlive(db)
	runtime.KeepAlive(snapshot)
	return it
}

// Next goes to the next entry, and says whether there is one. Where it says no, Err says why.
func (it *Iterator) Next() bool {
	it.mu.Lock()
	there := it.step()
	it.mu.Unlock()
	return there
}

// Key is that of the entry, lent until the next call of Next.
func (it *Iterator) Key() []byte { return it.key }

// Value is that of the entry, lent until the next call of Next.
func (it *Iterator) Value() []byte { return it.value }

// Version of the entry rises with each change of its key.
func (it *Iterator) Version() uint64 {
	if it.facts == nil {
		return 0
	}
	return uint64At(it.facts)
}

// Expires is when the entry does; the zero time: never.
func (it *Iterator) Expires() time.Time {
	if it.facts == nil {
		return time.Time{}
	}
	return timeOf(uint64At(it.facts[8:]))
}

// NextItem is Next with the entry as its result. Any number of goroutines may share an Iterator by
// it: each entry goes to one of them.
func (it *Iterator) NextItem() (item Item, there bool) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if !it.step() {
		return Item{}, false
	}
	it.kept = true
	return Item{it.key, it.value, it.Version(), it.Expires()}, true
}

// Seek goes before the first entry at or after key, or, with Reverse, at or before it: Next comes
// to it. The key need not be there.
func (it *Iterator) Seek(key []byte) error {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.left = 0
	it.heads, it.room = headsFirst, roomLeast
	it.clear()
	if it.closed {
		return errIteratorClosed()
	}
	if it.err == nil {
		it.err = done(it.native.Seek(at(key), len(key)))
	}
	return it.err
}

// Err is why Next said no, and nil at the end of the walk.
func (it *Iterator) Err() error {
	it.mu.Lock()
	defer it.mu.Unlock()
	return it.err
}

// Close ends the walk. Next says no then, and Err is ErrClosed.
func (it *Iterator) Close() error {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.release()
	return nil
}

// release is also what the finalizer calls. Nobody is inside: there is no need to wait for it.
func (it *Iterator) release() {
	if !it.closed && it.native != 0 {
		it.closed = true
		it.left, it.batch = 0, nil
		runtime.SetFinalizer(it, nil)
		native.DeleteStaveIter(it.native)
	}
}

func errIteratorClosed() error { return &Error{ErrClosed, "the iterator is closed"} }

// step goes to the next entry of the batch, or of the next one. The lock is held.
func (it *Iterator) step() bool {
	if it.left == 0 && !it.fill() {
		it.clear()
		return false
	}
	it.left--
	head := it.batch[it.head : it.head+headSize]
	middle := it.data + int(uint32At(head))
	end := middle + int(uint32At(head[4:]))
	it.key = it.batch[it.data:middle:middle]
	it.value = it.batch[middle:end:end]
	it.facts = head[8:]
	it.head += headSize
	it.data = end
	return true
}

func (it *Iterator) clear() { it.key, it.value, it.facts = nil, nil, nil }

// fill fetches a batch. False: there is none, or an error.
func (it *Iterator) fill() bool {
	if it.closed && it.err == nil {
		it.err = errIteratorClosed()
	}
	if it.native == 0 {
		it.err = &Error{ErrNullArgument, "this iterator is of no store; Iterate makes one"}
	}
	if it.err != nil {
		return false
	}
	if size := it.heads * it.room; it.kept || len(it.batch) < size {
		it.batch = make([]byte, size)
		it.kept = false
	}
	heads := it.heads
	ticket := it.native.Next_into(&it.batch[0], len(it.batch), heads)
	switch {
	case ticket>>ticketNumberBits == 0:
		it.left = int(ticket)
	case ticket == codeDone<<ticketNumberBits:
		return false
	default:
		if it.left, it.batch, it.err = spilled(ticket); it.err != nil {
			return false
		}
		heads = it.left
	}
	it.head, it.data = 0, heads*headSize
	it.plan()
	return it.left > 0
}

// spilled takes a batch that did not fit.
func spilled(ticket uint64) (count int, batch []byte, err error) {
	if ticket&ticketHeld != 0 {
		count = int(native.Held_number(ticket))
	}
	batch, err = bytesOf(nil, ticket)
	return count, batch, err
}

// plan chooses the size of the next batch by this one, so that large values do not make large
// batches, and most of them fit.
func (it *Iterator) plan() {
	if it.left == 0 {
		return
	}
	size := it.data
	for index := 0; index < it.left; index++ {
		head := it.batch[index*headSize:]
		size += int(uint32At(head)) + int(uint32At(head[4:]))
	}
	it.heads = between(1, 2*it.heads, headsMost)
	it.heads = between(1, it.left*batchMost/size, it.heads)
	it.room = between(roomLeast, size/it.left*5/4, roomMost)
}

func between(least, wanted, most int) int {
	if wanted > most {
		wanted = most
	}
	if wanted < least {
		wanted = least
	}
	return wanted
}
