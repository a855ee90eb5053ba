package stave

import (
	"unsafe"

	native "stave.internal/stave/internal/generated"
)

// A call answers with a ticket, one number; tickets.h says of which parts.
const (
	ticketHeld       = 1 << 63
	ticketNumberBits = 48
	ticketNumber     = 1<<ticketNumberBits - 1
)

// done is the answer of calls that have none but an error.
func done(ticket uint64) error {
	if ticket>>ticketNumberBits == 0 {
		return nil
	}
	return fault(ticket)
}

func fault(ticket uint64) error {
	if ticket&ticketHeld == 0 {
		return makeError(Code(ticket>>ticketNumberBits), "")
	}
	defer native.Held_clear(ticket)
	return makeError(Code(native.Held_status(ticket)), native.Held_message(ticket))
}

// number is the answer of calls that count.
func number(ticket uint64) (int64, error) {
	if ticket>>ticketNumberBits == 0 {
		return int64(ticket & ticketNumber), nil
	}
	if ticket&ticketHeld == 0 {
		return 0, fault(ticket)
	}
	defer native.Held_clear(ticket)
	return native.Held_number(ticket),
		makeError(Code(native.Held_status(ticket)), native.Held_message(ticket))
}

// bytesOf appends the answer's bytes to dst; nil, if that is nil and there are none.
func bytesOf(dst []byte, ticket uint64) ([]byte, error) {
	if ticket&ticketHeld == 0 {
		return dst, done(ticket)
	}
	defer native.Held_clear(ticket)
	err := makeError(Code(native.Held_status(ticket)), native.Held_message(ticket))
	lent := native.Held_bytes(ticket)
	if lent == nil {
		return dst, err
	}
	if dst == nil {
		dst = make([]byte, 0, len(lent))
	}
	return append(dst, lent...), err
}

// at is where the bytes lie, and nil for none.
func at(bytes []byte) *byte {
	if len(bytes) == 0 {
		return nil
	}
	return &bytes[0]
}

// Numbers of packed lists are in the machine's own byte order, and unaligned.

func appendUint32(packed []byte, word uint32) []byte {
	return append(packed, (*[4]byte)(unsafe.Pointer(&word))[:]...)
}

func appendUint64(packed []byte, word uint64) []byte {
	return append(packed, (*[8]byte)(unsafe.Pointer(&word))[:]...)
}

func uint32At(packed []byte) (word uint32) {
	*(*[4]byte)(unsafe.Pointer(&word)) = *(*[4]byte)(packed)
	return word
}

func uint64At(packed []byte) (word uint64) {
	*(*[8]byte)(unsafe.Pointer(&word)) = *(*[8]byte)(packed)
	return word
}
