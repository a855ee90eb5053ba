package stave_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"stave.internal/stave"
)

// TestMain shows that nothing is left open: what tests did not close the collector lets go of.
func TestMain(m *testing.M) {
	code := m.Run()
	if left := handlesLeft(); left != 0 {
		fmt.Fprintf(os.Stderr, "%d handles are left open after all tests\n", left)
		code = 1
	}
	os.Exit(code)
}

func handlesLeft() (left int) {
	for tries := 0; tries < 200; tries++ {
		runtime.GC() // and the finalizers after it
		if left = stave.LiveHandles(); left == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	return left
}

// quietHandles counts handles when the collector has let go of what earlier tests left, and rests.
func quietHandles(t testing.TB) int {
	t.Helper()
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	last := -1
	for same := 0; same < 5; same++ {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
		if now := stave.LiveHandles(); now != last {
			last, same = now, 0
		}
	}
	return last
}

// open opens a store of the test's own, which is closed at its end.
func open(t testing.TB, options ...stave.Option) *stave.Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "störe"), options...)
}

func openAt(t testing.TB, dir string, options ...stave.Option) *stave.Store {
	t.Helper()
	db, err := stave.Open(dir, options...)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wants is for an error that has to have the code, and a text with all the words.
func wants(t testing.TB, err error, code stave.Code, words ...string) {
	t.Helper()
	if !errors.Is(err, code) {
		t.Fatalf("the error is %v, not %v", err, code)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Fatalf("the error %q does not say %q", err, word)
		}
	}
}

func same[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// contents is the whole store as text: "key=value key=value".
func contents(t testing.TB, walk interface {
	Iterate(stave.Range) *stave.Iterator
}, over stave.Range) string {
	t.Helper()
	var words []string
	it := walk.Iterate(over)
	defer it.Close()
	for it.Next() {
		words = append(words, fmt.Sprintf("%s=%s", it.Key(), it.Value()))
	}
	must(t, it.Err())
	return strings.Join(words, " ")
}

func put(t testing.TB, db *stave.Store, words ...string) {
	t.Helper()
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		must(t, db.Put([]byte(key), []byte(value)))
	}
}

// together runs work on so many goroutines at once, and waits for all.
func together(count int, work func(number int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for number := 0; number < count; number++ {
		all.Add(1)
		go func(number int) {
			defer all.Done()
			<-begin
			work(number)
		}(number)
	}
	close(begin)
	all.Wait()
}
