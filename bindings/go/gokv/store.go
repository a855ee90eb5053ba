// Package gokv is a stave store with the methods of gokv.Store (github.com/philippgille/gokv): any
// Go value under a string. It has them by structure and does not import that module, so that
// programs which use gokv take it as it is, and others need nothing further.
package gokv

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"

	"stave.internal/stave"
)

// Codec turns values into bytes and back. The codecs of gokv's package encoding are of this type.
type Codec interface {
	Marshal(v any) ([]byte, error)
	Unmarshal(data []byte, v any) error
}

// JSON is the codec of encoding/json, the default.
var JSON Codec = jsonCodec{}

// Gob is the codec of encoding/gob.
var Gob Codec = gobCodec{}

type jsonCodec struct{}

func (jsonCodec) Marshal(v any) ([]byte, error)      { return json.Marshal(v) }
func (jsonCodec) Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

type gobCodec struct{}

func (gobCodec) Marshal(v any) ([]byte, error) {
	var buffer bytes.Buffer
	err := gob.NewEncoder(&buffer).Encode(v)
	return buffer.Bytes(), err
}

func (gobCodec) Unmarshal(data []byte, v any) error {
	return gob.NewDecoder(bytes.NewReader(data)).Decode(v)
}

// Options of NewStore.
type Options struct {
	Dir   string         // of the store; its parent must be there
	Codec Codec          // nil: JSON
	Stave []stave.Option // as stave.Open takes them
}

// Store holds values under strings. Any number of goroutines may use it at once.
type Store struct {
	db    *stave.Store
	codec Codec
}

// NewStore opens a store, and makes it where there is none.
func NewStore(options Options) (Store, error) {
	if options.Dir == "" {
		return Store{}, errDir
	}
	db, err := stave.Open(options.Dir, options.Stave...)
	if err != nil {
		return Store{}, err
	}
	if options.Codec == nil {
		options.Codec = JSON
	}
	return Store{db, options.Codec}, nil
}

var (
	errDir   = errors.New("gokv: Options.Dir is empty; give the directory of the store")
	errKey   = errors.New("gokv: the key is an empty string; give it a character")
	errValue = errors.New("gokv: the value is nil; give what is to be stored, or a pointer to what is to be filled")
)

// Set stores v under k. Neither may be empty or nil.
func (s Store) Set(k string, v any) error {
	if k == "" {
		return errKey
	}
	if v == nil {
		return errValue
	}
	data, err := s.codec.Marshal(v)
	if err != nil {
		return err
	}
	return s.db.Put([]byte(k), data)
}

// Get fills what v points to with the value of k, and says whether there is one.
func (s Store) Get(k string, v any) (found bool, err error) {
	if k == "" {
		return false, errKey
	}
	if v == nil {
		return false, errValue
	}
	data, err := s.db.Get([]byte(k))
	if errors.Is(err, stave.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, s.codec.Unmarshal(data, v)
}

// Delete removes k, which need not be there.
func (s Store) Delete(k string) error {
	if k == "" {
		return errKey
	}
	if err := s.db.Delete([]byte(k)); !errors.Is(err, stave.ErrNotFound) {
		return err
	}
	return nil
}

// Close makes everything durable and closes the store.
func (s Store) Close() error { return s.db.Close() }
