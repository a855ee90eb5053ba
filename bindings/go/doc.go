// Package stave is an embedded key-value store: bytes under bytes, in a directory, in the order of
// the keys. It is the Go binding of libstave, which pkg-config has to find when it is compiled.
//
//	db, err := stave.Open("shop")
//	...
//	defer db.Close()
//	err = db.Put([]byte("apple"), []byte("red"))
//	value, err := db.Get([]byte("apple"))
//
// # Errors
//
// What went wrong is a [Code], and errors.Is tells: errors.Is(err, stave.ErrNotFound). The text
// says what, where and what to do about it. Where Go has a word of its own for it, that matches,
// too: errors.Is(err, fs.ErrNotExist) for [ErrNoStore], fs.ErrClosed for [ErrClosed].
//
// # Goroutines and memory
//
// A [Store] and a [Snapshot] may be used by any number of goroutines at once; a [Batch], a [Feed]
// and an [Iterator] are for one at a time, but for [Iterator.NextItem]. Close may be called by any
// goroutine, at any time, again and again: what is at work ends first, and later calls return
// ErrClosed. What was never closed is let go of when the garbage collector finds it.
//
// Keys and values that go in are lent for the call, without a copy; what comes out is the caller's
// own, but for [Iterator.Key] and [Iterator.Value]. Put and GetAppend allocate nothing.
//
// # Blocking calls
//
// Calls that may take long have a context. The library cannot interrupt its own work: when the
// context ends, the call returns its error at once, and the work goes on by itself, to its end or
// until the store is closed. [Feed.Next], which only waits, ends with its context.
package stave
