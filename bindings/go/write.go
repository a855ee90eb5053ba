package stave

import (
	"fmt"
	"runtime"
	"time"
)

// Put stores value under key. It survives a kill of the process when it returns, and a power cut
// after the next sync.
func (db *Store) Put(key, value []byte, flags ...Flag) error {
	err := done(db.native.Put(at(key), len(key), at(value), len(value), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// PutTTL stores a value that expires after ttl, of at least a millisecond.
func (db *Store) PutTTL(key, value []byte, ttl time.Duration, flags ...Flag) error {
	ms, err := ttlMs(ttl)
	if err == nil {
		err = done(db.native.Put_ttl(at(key), len(key), at(value), len(value), ms, join(flags)))
	}
	runtime.KeepAlive(db)
	return err
}

// PutUntil stores a value that expires at a time; the zero time is never, also where the store has
// a default.
func (db *Store) PutUntil(key, value []byte, when time.Time, flags ...Flag) error {
	err := done(db.native.Put_until(at(key), len(key), at(value), len(value), untilMs(when), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// Touch lets key expire after ttl from now; the value stays.
func (db *Store) Touch(key []byte, ttl time.Duration, flags ...Flag) error {
	ms, err := ttlMs(ttl)
	if err == nil {
		err = done(db.native.Touch(at(key), len(key), ms, join(flags)))
	}
	runtime.KeepAlive(db)
	return err
}

// Persist lets key never expire.
func (db *Store) Persist(key []byte, flags ...Flag) error {
	err := done(db.native.Persist(at(key), len(key), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// Delete removes key. ErrNotFound: it was not there.
func (db *Store) Delete(key []byte, flags ...Flag) error {
	err := done(db.native.Remove(at(key), len(key), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// Pair is a key and its value.
type Pair struct{ Key, Value []byte }

// PutMany stores pairs in their order, faster than one by one, but not all or none: see Batch.
// stored says how many of them, from the first on, are in the store, also after an error.
func (db *Store) PutMany(pairs []Pair, flags ...Flag) (stored int, err error) {
	size := 0
	for _, pair := range pairs {
		size += 8 + len(pair.Key) + len(pair.Value)
	}
	packed := make([]byte, 0, size)
	for _, pair := range pairs {
		if longest := longer(pair.Key, pair.Value); uint64(longest) > ValueSizeMax {
			return 0, errTooLong(longest)
		}
		packed = appendUint32(packed, uint32(len(pair.Key)))
		packed = appendUint32(packed, uint32(len(pair.Value)))
		packed = append(append(packed, pair.Key...), pair.Value...)
	}
	count, err := number(db.native.Put_many(at(packed), len(packed), join(flags)))
	runtime.KeepAlive(db)
	return int(count), err
}

// DeleteRange deletes every key from from on and before to, in one step; an empty bound is none.
// It is one record, however many keys there are.
func (db *Store) DeleteRange(from, to []byte, flags ...Flag) error {
	err := done(db.native.Delete_range(at(from), len(from), at(to), len(to), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// DeletePrefix deletes every key that begins with prefix, in one step.
func (db *Store) DeletePrefix(prefix []byte, flags ...Flag) error {
	err := done(db.native.Delete_prefix(at(prefix), len(prefix), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// Clear deletes everything, in one step, and gives the disk space back.
func (db *Store) Clear(flags ...Flag) error {
	err := done(db.native.Clear(join(flags)))
	runtime.KeepAlive(db)
	return err
}

func longer(a, b []byte) int {
	if len(a) > len(b) {
		return len(a)
	}
	return len(b)
}

func errTooLong(length int) error {
	return &Error{ErrValueTooLarge, fmt.Sprintf(
		"a key or value of %d bytes: it may have %d; split it", length, uint64(ValueSizeMax))}
}

func ttlMs(ttl time.Duration) (uint64, error) {
	if ttl <= 0 {
		return 0, &Error{ErrInvalidArgument, fmt.Sprintf(
			"a time to live of %v: it must be more than 0; Delete ends an entry at once", ttl)}
	}
	return roundedUp(ttl), nil
}

// roundedUp counts milliseconds.
func roundedUp(span time.Duration) uint64 {
	ms := uint64(span / time.Millisecond)
	if span%time.Millisecond > 0 {
		ms++
	}
	return ms
}

// untilMs: what lies before 1970 is as long gone as its first millisecond.
func untilMs(when time.Time) uint64 {
	switch ms := when.UnixMilli(); {
	case when.IsZero():
		return 0
	case ms <= 0:
		return 1
	default:
		return uint64(ms)
	}
}
