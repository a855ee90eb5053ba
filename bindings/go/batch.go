package stave

import (
	"runtime"
	"time"
)

// Batch collects operations for Store.Write, which applies all of them or none. The zero Batch is
// empty and ready. It is plain memory: it needs no Close, keeps copies of keys and values, may be
// written again, and is for one goroutine at a time. Faults of its operations are told by Write.
type Batch struct {
	packed []byte
	count  int
	err    error
}

// Kinds of operations, as in tickets.h.
const (
	batchPut = 1 + iota
	batchPutUntil
	batchDelete
	batchRequireAbsent
	batchRequirePresent
	batchRequireVersion
	batchRequireValue
)

func (batch *Batch) add(kind uint32, key, value []byte, number uint64) {
	if longest := longer(key, value); uint64(longest) > ValueSizeMax {
		batch.err = errTooLong(longest)
		return
	}
	packed := appendUint32(batch.packed, kind)
	packed = appendUint32(packed, uint32(len(key)))
	packed = appendUint32(packed, uint32(len(value)))
	packed = appendUint64(packed, number)
	batch.packed = append(append(packed, key...), value...)
}

// Put stores value under key.
func (batch *Batch) Put(key, value []byte) {
	batch.add(batchPut, key, value, 0)
	batch.count++
}

// PutUntil stores a value that expires at a time; the zero time is never.
func (batch *Batch) PutUntil(key, value []byte, when time.Time) {
	batch.add(batchPutUntil, key, value, untilMs(when))
	batch.count++
}

// Delete removes key, which need not be there.
func (batch *Batch) Delete(key []byte) {
	batch.add(batchDelete, key, nil, 0)
	batch.count++
}

// Conditions: Write looks at them first, at what is there before the batch, in the step in which it
// writes. If one does not hold it writes nothing and returns ErrConflict; the text names the key.

// RequireAbsent lets the batch be written only if key is not there.
func (batch *Batch) RequireAbsent(key []byte) { batch.add(batchRequireAbsent, key, nil, 0) }

// RequirePresent lets the batch be written only if key is there.
func (batch *Batch) RequirePresent(key []byte) { batch.add(batchRequirePresent, key, nil, 0) }

// RequireVersion lets the batch be written only if the entry has that version; 0: is not there.
func (batch *Batch) RequireVersion(key []byte, version uint64) {
	batch.add(batchRequireVersion, key, nil, version)
}

// RequireValue lets the batch be written only if key has that value.
func (batch *Batch) RequireValue(key, value []byte) {
	batch.add(batchRequireValue, key, value, 0)
}

// Len counts the operations, conditions not among them.
func (batch *Batch) Len() int { return batch.count }

// Reset takes all operations and conditions out, and keeps the memory.
func (batch *Batch) Reset() { *batch = Batch{packed: batch.packed[:0]} }

// Write applies all operations of a batch, or none, also across a crash. The batch stays as it is.
func (db *Store) Write(batch *Batch, flags ...Flag) error {
	if batch == nil {
		return makeError(ErrNullArgument, "batch is nil")
	}
	if batch.err != nil {
		return batch.err
	}
	err := done(db.native.Write_packed(at(batch.packed), len(batch.packed), join(flags)))
	runtime.KeepAlive(db)
	return err
}
