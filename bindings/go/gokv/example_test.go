package gokv_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"stave.internal/stave/gokv"
)

func ExampleNewStore() {
	dir, err := os.MkdirTemp("", "stave-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	store, err := gokv.NewStore(gokv.Options{Dir: filepath.Join(dir, "people")})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	if err := store.Set("ada", map[string]int{"born": 1815}); err != nil {
		log.Fatal(err)
	}
	var person map[string]int
	found, err := store.Get("ada", &person)
	fmt.Println(found, err, person["born"])
	// Output: true <nil> 1815
}
