package stave

import (
	"runtime"

	native "stave.internal/stave/internal/generated"
)

// Snapshot is a held moment of a store. Close it soon: merged files keep their disk space until
// then. It outlives the Close of its store.
type Snapshot struct {
	native native.SwigcptrStaveSnapshot
}

// Snapshot holds the present moment, whatever is written afterwards.
func (db *Store) Snapshot() (*Snapshot, error) {
	snapshot := &Snapshot{native.NewStaveSnapshot().(native.SwigcptrStaveSnapshot)}
	err := done(snapshot.native.Begin(db.native))
	runtime.KeepAlive(db)
	if err != nil {
		native.DeleteStaveSnapshot(snapshot.native)
		return nil, err
	}
	runtime.SetFinalizer(snapshot, func(snapshot *Snapshot) {
		native.DeleteStaveSnapshot(snapshot.native)
	})
	return snapshot, nil
}

// Get returns the value that key had.
func (snapshot *Snapshot) Get(key []byte) ([]byte, error) {
	room := rooms.Get().(*room)
	ticket := snapshot.native.Get_into(at(key), len(key), &room[0], len(room))
	runtime.KeepAlive(snapshot)
	return room.take(nil, ticket)
}

// GetAppend appends the value that key had to dst.
func (snapshot *Snapshot) GetAppend(dst, key []byte) ([]byte, error) {
	spare := dst[len(dst):cap(dst)]
	if len(spare) == 0 {
		room := rooms.Get().(*room)
		ticket := snapshot.native.Get_into(at(key), len(key), &room[0], len(room))
		runtime.KeepAlive(snapshot)
		return room.take(dst, ticket)
	}
	ticket := snapshot.native.Get_into(at(key), len(key), &spare[0], len(spare))
	runtime.KeepAlive(snapshot)
	return appended(dst, ticket)
}

// Seq is the number of the newest operation that it sees.
func (snapshot *Snapshot) Seq() (uint64, error) {
	seq, err := number(snapshot.native.Seq())
	runtime.KeepAlive(snapshot)
	return uint64(seq), err
}

// Iterate walks over the keys of that moment.
func (snapshot *Snapshot) Iterate(over Range) *Iterator {
	return iterate(nil, snapshot, over)
}

// Close lets go of the moment; calls at work end first. Later ones return ErrClosed.
func (snapshot *Snapshot) Close() error {
	snapshot.native.Close()
	runtime.KeepAlive(snapshot)
	return nil
}
