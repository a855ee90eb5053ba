package stave

import "runtime"

// These calls read, decide and write in one step, whatever other goroutines and threads do. Where
// the condition does not hold nothing is written, and the error is ErrConflict, or ErrNotFound if
// the key would have to be there and is not.

// PutIfAbsent stores value if key is not there. With an expiry it takes a Batch: RequireAbsent and
// PutUntil.
func (db *Store) PutIfAbsent(key, value []byte, flags ...Flag) error {
	err := done(db.native.Put_if_absent(at(key), len(key), at(value), len(value), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// CompareAndSet replaces the value if it is expected, byte for byte.
func (db *Store) CompareAndSet(key, expected, value []byte, flags ...Flag) error {
	err := done(db.native.Compare_and_set(at(key), len(key), at(expected), len(expected), at(value),
		len(value), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// PutIfVersion stores value if the entry has that version (GetEntry), or, with 0, if key is not
// there. It returns the version of what it put.
func (db *Store) PutIfVersion(key []byte, version uint64, value []byte, flags ...Flag) (uint64, error) {
	now, err := number(db.native.Put_if_version(at(key), len(key), version, at(value), len(value), join(flags)))
	runtime.KeepAlive(db)
	return uint64(now), err
}

// DeleteIfValue deletes key if it has that value.
func (db *Store) DeleteIfValue(key, expected []byte, flags ...Flag) error {
	err := done(db.native.Delete_if_value(at(key), len(key), at(expected), len(expected), join(flags)))
	runtime.KeepAlive(db)
	return err
}

// DeleteIfVersion deletes key if the entry has that version.
func (db *Store) DeleteIfVersion(key []byte, version uint64, flags ...Flag) error {
	err := done(db.native.Delete_if_version(at(key), len(key), version, join(flags)))
	runtime.KeepAlive(db)
	return err
}

// GetAndSet stores value and returns what was there; nil if nothing was.
func (db *Store) GetAndSet(key, value []byte, flags ...Flag) (old []byte, err error) {
	old, err = bytesOf(nil, db.native.Get_and_set(at(key), len(key), at(value), len(value), join(flags)))
	runtime.KeepAlive(db)
	return old, err
}

// GetAndDelete deletes key and returns what was there. ErrNotFound if nothing was.
func (db *Store) GetAndDelete(key []byte, flags ...Flag) (old []byte, err error) {
	old, err = bytesOf(nil, db.native.Get_and_delete(at(key), len(key), join(flags)))
	runtime.KeepAlive(db)
	return old, err
}

// Increment adds delta to the number that the value is, decimal text or, with the flag Binary, 8
// bytes; a key that is not there counts as 0. It returns the sum.
func (db *Store) Increment(key []byte, delta int64, flags ...Flag) (int64, error) {
	sum, err := number(db.native.Increment(at(key), len(key), delta, join(flags)))
	runtime.KeepAlive(db)
	return sum, err
}

// Append adds bytes to the end of the value; to a key that is not there as Put. It returns the
// length of the whole.
func (db *Store) Append(key, suffix []byte, flags ...Flag) (int, error) {
	length, err := number(db.native.Append(at(key), len(key), at(suffix), len(suffix), join(flags)))
	runtime.KeepAlive(db)
	return int(length), err
}
