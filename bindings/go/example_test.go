package stave_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"stave.internal/stave"
)

// folder is where the examples have their stores.
func folder() string {
	dir, err := os.MkdirTemp("", "stave-example-")
	check(err)
	return dir
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func Example() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(filepath.Join(dir, "shop"))
	check(err)
	defer db.Close()
	check(db.Put([]byte("apple"), []byte("red")))
	value, err := db.Get([]byte("apple"))
	check(err)
	_, err = db.Get([]byte("cherry"))
	fmt.Printf("%s, %v\n", value, errors.Is(err, stave.ErrNotFound))
	// Output: red, true
}

func ExampleOpen() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(filepath.Join(dir, "shop"), stave.SyncAlways(),
		stave.With("merge.triggers.dead_bytes", "1GB"))
	check(err)
	defer db.Close()
	_, err = stave.Open(db.Dir())
	fmt.Println(errors.Is(err, stave.ErrBusy))
	// Output: true
}

func ExampleStore_GetAppend() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	check(db.Put([]byte("apple"), []byte("red")))
	buffer := make([]byte, 0, 4096) // for any number of calls
	for _, key := range []string{"apple", "cherry"} {
		value, err := db.GetAppend(buffer, []byte(key))
		fmt.Printf("%s: %q %v\n", key, value, err)
	}
	// Output:
	// apple: "red" <nil>
	// cherry: "" stave: not found
}

func ExampleStore_Iterate() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	_, err = db.PutMany([]stave.Pair{
		{Key: []byte("user:2"), Value: []byte("Grace")},
		{Key: []byte("user:1"), Value: []byte("Ada")},
		{Key: []byte("visits"), Value: []byte("7")},
	})
	check(err)
	it := db.Iterate(stave.Range{Prefix: []byte("user:")})
	defer it.Close()
	for it.Next() {
		fmt.Printf("%s %s\n", it.Key(), it.Value())
	}
	check(it.Err())
	// Output:
	// user:1 Ada
	// user:2 Grace
}

func ExampleStore_Write() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	var batch stave.Batch
	batch.RequireAbsent([]byte("user:1"))
	batch.Put([]byte("user:1"), []byte("Ada"))
	batch.Put([]byte("name:Ada"), []byte("1"))
	fmt.Println(db.Write(&batch))
	fmt.Println(errors.Is(db.Write(&batch), stave.ErrConflict))
	// Output:
	// <nil>
	// true
}

func ExampleStore_CompareAndSet() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	key := []byte("light")
	check(db.PutIfAbsent(key, []byte("off")))
	check(db.CompareAndSet(key, []byte("off"), []byte("on")))
	err = db.CompareAndSet(key, []byte("off"), []byte("on"))
	visits, _ := db.Increment([]byte("visits"), 1)
	fmt.Println(errors.Is(err, stave.ErrConflict), visits)
	// Output: true 1
}

func ExampleStore_PutTTL() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	check(db.PutTTL([]byte("session:7"), []byte("Ada"), 30*time.Minute))
	left, expires, err := db.TTL([]byte("session:7"))
	check(err)
	fmt.Println(left > 29*time.Minute, expires)
	// Output: true true
}

func ExampleStore_Snapshot() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	check(db.Put([]byte("apple"), []byte("red")))
	snapshot, err := db.Snapshot()
	check(err)
	defer snapshot.Close()
	check(db.Put([]byte("apple"), []byte("green")))
	value, err := snapshot.Get([]byte("apple"))
	check(err)
	fmt.Printf("%s\n", value)
	// Output: red
}

func ExampleFeed_Next() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(dir)
	check(err)
	defer db.Close()
	feed, err := db.Feed(0)
	check(err)
	defer feed.Close()
	go func() { check(db.Put([]byte("apple"), []byte("red"))) }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	change, err := feed.Next(ctx) // waits
	check(err)
	fmt.Printf("%s %s\n", change.Key, change.Value)
	// Output: apple red
}

func ExampleStore_Backup() {
	dir := folder()
	defer os.RemoveAll(dir)
	db, err := stave.Open(filepath.Join(dir, "shop"))
	check(err)
	defer db.Close()
	check(db.Put([]byte("apple"), []byte("red")))
	report, err := db.Backup(context.Background(), filepath.Join(dir, "backup"))
	check(err)
	fmt.Println(report.Files > 0)
	// Output: true
}
