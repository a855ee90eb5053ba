package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"stave.internal/stave"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	for _, args := range [][]string{{"write", dir, "go"}, {"write", dir, "Go"}, {"read", dir}, {"watch", dir}} {
		if err := run(args); err != nil {
			t.Fatal(args, err)
		}
	}
	for _, fault := range []struct {
		word  string
		wrong func(db *stave.Store) error
	}{
		{"not LANG", func(db *stave.Store) error { return db.Put([]byte("x"), nil) }},
		{"nobody", func(db *stave.Store) error { return db.Put(keyOf("go", 19), valueOf(keyOf("go", 19), 19)) }},
		{"nobody", func(db *stave.Store) error { return db.Put(append(keyOf("go", 1), 0xff), nil) }},
		{"its value", func(db *stave.Store) error { return db.Put(keyOf("go", 1), valueOf(keyOf("go", 2), 1)) }},
		{"has 179 keys", func(db *stave.Store) error { return db.Delete(keyOf("go", 1)) }},
	} {
		copied := filepath.Join(t.TempDir(), "copy")
		db, err := stave.Open(dir)
		if err == nil {
			err = db.Checkpoint(context.Background(), copied)
			db.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if db, err = stave.Open(copied); err == nil {
			err = fault.wrong(db)
			db.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := run([]string{"read", copied}); err == nil || !strings.Contains(err.Error(), fault.word) {
			t.Errorf("%v: not %q", err, fault.word)
		}
	}
}

func TestUsage(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{nil, {"read"}, {"write", dir}, {"write", dir, ""}, {"else", dir},
		{"read", filepath.Join(dir, "none")}, {"watch", filepath.Join(dir, "none")}} {
		if run(args) == nil {
			t.Errorf("%q: no error", args)
		}
	}
	if err := run([]string{"read", dir}); err == nil {
		t.Error("an empty folder was read")
	}
}
