package stave

import (
	"math"
	"runtime"
	"sync"
	"time"

	native "stave.internal/stave/internal/generated"
)

// What a value lies in until its length is known.
type room [4096]byte

var rooms = sync.Pool{New: func() any { return new(room) }}

// take appends the value that is in the room, or else in the ticket, to dst.
func (room *room) take(dst []byte, ticket uint64) ([]byte, error) {
	if ticket>>ticketNumberBits != 0 {
		rooms.Put(room)
		return bytesOf(dst, ticket)
	}
	if dst == nil {
		dst = make([]byte, 0, ticket)
	}
	dst = append(dst, room[:ticket]...)
	rooms.Put(room)
	return dst, nil
}

// appended is dst with the value that is in its spare capacity, or else in the ticket.
func appended(dst []byte, ticket uint64) ([]byte, error) {
	if ticket>>ticketNumberBits == 0 {
		return dst[:len(dst)+int(ticket)], nil
	}
	return bytesOf(dst, ticket)
}

// Get returns the value of key. It is never nil if the error is. ErrNotFound: there is none.
func (db *Store) Get(key []byte) ([]byte, error) {
	room := rooms.Get().(*room)
	ticket := db.native.Get_into(at(key), len(key), &room[0], len(room))
	runtime.KeepAlive(db)
	return room.take(nil, ticket)
}

// GetAppend appends the value of key to dst, without an allocation if its capacity is enough, and
// returns the whole. On an error dst comes back as it was.
func (db *Store) GetAppend(dst, key []byte) ([]byte, error) {
	spare := dst[len(dst):cap(dst)]
	if len(spare) == 0 {
		room := rooms.Get().(*room)
		ticket := db.native.Get_into(at(key), len(key), &room[0], len(room))
		runtime.KeepAlive(db)
		return room.take(dst, ticket)
	}
	ticket := db.native.Get_into(at(key), len(key), &spare[0], len(spare))
	runtime.KeepAlive(db)
	return appended(dst, ticket)
}

// Has says whether key is there.
func (db *Store) Has(key []byte) (bool, error) {
	there, err := number(db.native.Exists(at(key), len(key)))
	runtime.KeepAlive(db)
	return there != 0, err
}

// GetMany looks many keys up in one call, faster than one by one: values[i] is that of keys[i], and
// nil where there is none. Each key is read by itself: it is not a snapshot.
func (db *Store) GetMany(keys [][]byte) (values [][]byte, err error) {
	size := 0
	for _, key := range keys {
		size += 4 + len(key)
	}
	packed := make([]byte, 0, size)
	for _, key := range keys {
		if uint64(len(key)) > ValueSizeMax {
			return nil, errTooLong(len(key))
		}
		packed = append(appendUint32(packed, uint32(len(key))), key...)
	}
	found, err := bytesOf(nil, db.native.Multi_get(at(packed), len(packed)))
	runtime.KeepAlive(db)
	if err != nil {
		return nil, err
	}
	values = make([][]byte, len(keys))
	for index := range values {
		code, length := uint32At(found), int(uint32At(found[4:]))
		if code == 0 {
			values[index] = found[8 : 8+length : 8+length]
		}
		found = found[8+length:]
	}
	return values, nil
}

// Entry is a value and what the store knows of it.
type Entry struct {
	Value   []byte
	Version uint64    // rises with each change of the key
	Expires time.Time // zero: never
}

// GetEntry returns the value of key with its version and when it expires.
func (db *Store) GetEntry(key []byte) (Entry, error) {
	entry := native.NewStaveEntry()
	defer native.DeleteStaveEntry(entry)
	value, err := bytesOf(nil, db.native.Get_entry(at(key), len(key), entry))
	runtime.KeepAlive(db)
	if err != nil {
		return Entry{}, err
	}
	return Entry{value, entry.GetVersion(), timeOf(entry.GetExpires_at_ms())}, nil
}

// TTL says how long key will still be there; expires is false if it does not expire.
func (db *Store) TTL(key []byte) (left time.Duration, expires bool, err error) {
	ms, err := number(db.native.Ttl(at(key), len(key)))
	runtime.KeepAlive(db)
	if err != nil || ms < 0 {
		return 0, false, err
	}
	if ms > math.MaxInt64/int64(time.Millisecond) {
		return math.MaxInt64, true, nil // the longest that there is, 292 years
	}
	return time.Duration(ms) * time.Millisecond, true, nil
}

func timeOf(ms uint64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	if ms > math.MaxInt64 {
		ms = math.MaxInt64
	}
	return time.UnixMilli(int64(ms))
}
