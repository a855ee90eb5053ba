package stave

import (
	"io/fs"
	"syscall"

	native "stave.internal/stave/internal/generated"
)

// Code says what went wrong. It is an error, and what errors.Is compares with. The numbers are
// those of stave.h and never change; Code/100 is the category: 0 answers, 1 the caller's
// arguments, 2 the state of the store, 3 the machine around it, 4 the stored bytes, 5 a bug.
type Code int

// What can go wrong.
const (
	ErrNotFound Code = 1 // no such key
	ErrConflict Code = 3 // a condition does not hold; nothing was written

	ErrInvalidArgument Code = 100 // an argument is out of range
	ErrNullArgument    Code = 101 // a Store, Snapshot or Feed that was not opened
	ErrEmptyKey        Code = 102 // keys have at least one byte
	ErrKeyTooLarge     Code = 103 // longer than KeySizeMax
	ErrValueTooLarge   Code = 104 // longer than ValueSizeMax
	ErrBatchTooLarge   Code = 105 // more than 4 GiB in a batch
	ErrUnknownOption   Code = 106 // no option of that name
	ErrBadOption       Code = 107 // an option's value does not parse or is out of bounds
	ErrNotANumber      Code = 108 // the value to be incremented is no number
	ErrOverflow        Code = 109 // the sum does not fit into 64 bits

	ErrBusy      Code = 200 // another handle, maybe of another process, has it open for writing
	ErrForked    Code = 201 // opened before a fork
	ErrClosed    Code = 202 // the store, iterator, snapshot or feed was closed
	ErrReadOnly  Code = 203 // a write on a store that was opened with ReadOnly
	ErrInUse     Code = 204 // another goroutine is using the feed
	ErrPoisoned  Code = 205 // an earlier sync failed: reopen the store to write
	ErrCancelled Code = 206 // the store was closed while the call was at work
	ErrFeedGone  Code = 207 // a feed's operations are no longer all in the files

	ErrIO           Code = 300 // the operating system reported an I/O error
	ErrNoSpace      Code = 301 // the file system or quota is full; nothing was written
	ErrNoStore      Code = 302 // the directory is missing or holds no store
	ErrExists       Code = 303 // there is something where nothing should be
	ErrNoMemory     Code = 304 // an allocation or mapping failed
	ErrPermission   Code = 305 // the operating system refused access
	ErrTooManyFiles Code = 306 // the process's limit of open files is reached
	ErrNetworkFS    Code = 307 // the directory is on a network file system
	ErrStoreFull    Code = 308 // a limit of the store itself is reached

	ErrCorrupt     Code = 400 // bytes on disk fail their check; the text names file and offset
	ErrUnsupported Code = 401 // written by a newer format version

	ErrInternal Code = 500 // a bug in stave: please report it with the text
)

// Error describes the code in a few words.
func (code Code) Error() string { return "stave: " + native.Status_text(int(code)) }

// Is lets errors.Is find what the standard library calls it.
func (code Code) Is(target error) bool {
	switch code {
	case ErrNoStore:
		return target == fs.ErrNotExist
	case ErrExists:
		return target == fs.ErrExist
	case ErrPermission:
		return target == fs.ErrPermission
	case ErrClosed:
		return target == fs.ErrClosed
	case ErrNoSpace:
		return target == error(syscall.ENOSPC)
	}
	return false
}

// Error is what calls return, but for a plain ErrNotFound: a code and what the library has to say.
type Error struct {
	Code    Code
	Message string // what, where, and what to do about it
}

// Error gives the message.
func (err *Error) Error() string { return "stave: " + err.Message }

// Unwrap gives the code, for errors.Is and errors.As.
func (err *Error) Unwrap() error { return err.Code }

func makeError(code Code, message string) error {
	switch {
	case code == 0:
		return nil
	case code == ErrNotFound:
		return ErrNotFound
	case message == "":
		message = native.Status_text(int(code))
	}
	return &Error{code, message}
}
