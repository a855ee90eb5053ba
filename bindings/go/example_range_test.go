//go:build go1.23

package stave_test

import (
	"fmt"
	"os"

	"stave.internal/stave"
)

func ExampleStore_All() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	check(db.Put([]byte("user:1"), []byte("Ada")))
	check(db.Put([]byte("user:2"), []byte("Grace")))
	for item, err := range db.All(stave.Range{Prefix: []byte("user:"), Reverse: true}) {
		check(err)
		fmt.Printf("%s %s\n", item.Key, item.Value)
	}
	// Output:
	// user:2 Grace
	// user:1 Ada
}
