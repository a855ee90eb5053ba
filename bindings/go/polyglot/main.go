// Polyglot is a program of the tests: stores that one language writes and another reads.
//
//	polyglot write DIR LANG    puts 200 entries of LANG, deletes each tenth
//	polyglot hold DIR LANG     the same again and again until there is a file DIR.stop; "open"
//	                           after the first time
//	polyglot read DIR          checks all entries of all languages: "LANG 180" a line
//	polyglot watch DIR         opens it for reading, beside a writer: prints the number of keys
//
// Entry i has the key LANG, a NUL, i as 4 bytes (the highest first), and, if 7 divides i, 1500
// bytes of 0xff. Its value is the key's SHA-256, i % 5 times.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sort"

	"stave.internal/stave"
)

const entries = 200

func keyOf(lang string, i int) []byte {
	key := append([]byte(lang), 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint32(key[len(lang)+1:], uint32(i))
	if i%7 == 0 {
		key = append(key, bytes.Repeat([]byte{0xff}, 1500)...)
	}
	return key
}

func valueOf(key []byte, i int) []byte {
	sum := sha256.Sum256(key)
	return bytes.Repeat(sum[:], i%5)
}

func isDeleted(i int) bool { return i%10 == 9 }

func open(dir, lang string) (*stave.Store, error) {
	if lang == "" || bytes.IndexByte([]byte(lang), 0) >= 0 {
		return nil, fmt.Errorf("the language %q: it must be a word without a NUL", lang)
	}
	return stave.Open(dir)
}

func write(dir, lang string) error {
	db, err := open(dir, lang)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := writeAll(db, lang); err != nil {
		return err
	}
	return db.Close()
}

func hold(dir, lang string) error {
	db, err := open(dir, lang)
	if err != nil {
		return err
	}
	defer db.Close()
	err = writeAll(db, lang)
	fmt.Println("open")
	for err == nil {
		if _, none := os.Stat(dir + ".stop"); none == nil {
			return db.Close()
		}
		err = writeAll(db, lang)
	}
	return err
}

func writeAll(db *stave.Store, lang string) error {
	for i := 0; i < entries; i++ {
		key := keyOf(lang, i)
		if err := db.Put(key, valueOf(key, i)); err != nil {
			return err
		}
	}
	for i := 0; i < entries; i++ {
		if !isDeleted(i) {
			continue
		}
		if err := db.Delete(keyOf(lang, i)); err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	return nil
}

// check says whose entry it is.
func check(key, value []byte) (lang string, err error) {
	end := bytes.IndexByte(key, 0)
	if end < 1 || len(key) < end+5 {
		return "", fmt.Errorf("key %q: not LANG, NUL and 4 bytes", key)
	}
	lang = string(key[:end])
	i := int(binary.BigEndian.Uint32(key[end+1:]))
	switch {
	case i >= entries || isDeleted(i) || !bytes.Equal(key, keyOf(lang, i)):
		return "", fmt.Errorf("key %q: nobody has put it, or it was deleted", key)
	case !bytes.Equal(value, valueOf(key, i)):
		return "", fmt.Errorf("key %q: its value is %d bytes %.40x, and not the one of entry %d", key, len(value), value, i)
	}
	return lang, nil
}

func read(dir string) error {
	db, err := stave.Open(dir, stave.ReadOnly())
	if err != nil {
		return err
	}
	defer db.Close()
	counts := map[string]int{}
	var before []byte
	it := db.Iterate(stave.Range{})
	defer it.Close()
	for it.Next() {
		if bytes.Compare(before, it.Key()) >= 0 {
			return fmt.Errorf("key %q comes after %q", it.Key(), before)
		}
		before = append(before[:0], it.Key()...)
		lang, err := check(it.Key(), it.Value())
		if err != nil {
			return err
		}
		counts[lang]++
	}
	if err := it.Err(); err != nil {
		return err
	}
	if len(counts) == 0 {
		return errors.New("no language has written into " + dir)
	}
	var langs []string
	for lang := range counts {
		langs = append(langs, lang)
	}
	sort.Strings(langs)
	for _, lang := range langs {
		if want := entries - entries/10; counts[lang] != want {
			return fmt.Errorf("%s has %d keys, not %d", lang, counts[lang], want)
		}
		fmt.Println(lang, counts[lang])
	}
	return nil
}

func watch(dir string) error {
	db, err := stave.Open(dir, stave.ReadOnly())
	if err != nil {
		return err
	}
	defer db.Close()
	count, err := db.CountRange(nil, nil)
	if err != nil {
		return err
	}
	fmt.Println(count)
	return nil
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "write":
		return write(args[1], args[2])
	case len(args) == 3 && args[0] == "hold":
		return hold(args[1], args[2])
	case len(args) == 2 && args[0] == "read":
		return read(args[1])
	case len(args) == 2 && args[0] == "watch":
		return watch(args[1])
	}
	return errors.New("usage: polyglot write DIR LANG | hold DIR LANG | read DIR | watch DIR")
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "polyglot:", err)
		os.Exit(1)
	}
}
