// Bench prints nanoseconds per call, next to those of C in the same run.
//
//	go run ./bench -c PATH-OF-stave_call_bench [-entries N] [-rounds N]
//
// The figures are the best of the rounds, with the loop. "beyond C" is what the binding costs.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"stave.internal/stave"
)

// figure is one line: the call's name in call_bench.c, what it is in Go, nanoseconds.
type figure struct {
	c, name string
	ns      float64
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func inGo(dir string, entries int) (figures []figure) {
	keys := make([][]byte, entries)
	for i := range keys {
		keys[i] = []byte(fmt.Sprintf("key%013d", i*7919%entries))
	}
	value := bytes.Repeat([]byte("v"), 100)
	db, err := stave.Open(dir)
	must(err)
	timed := func(c, name string, work func()) {
		runtime.GC() // of what the one before has left
		start := time.Now()
		work()
		ns := float64(time.Since(start).Nanoseconds()) / float64(entries)
		figures = append(figures, figure{c, name, ns})
	}
	put := func() {
		for _, key := range keys {
			must(db.Put(key, value))
		}
	}
	put() // so that the puts told meet a filled store, as in C
	timed("empty", "empty call", func() {
		for range keys {
			stave.LiveHandles()
		}
	})
	timed("put", "Put", put)
	buffer := make([]byte, 0, 128)
	timed("get", "GetAppend", func() {
		for _, key := range keys {
			_, err := db.GetAppend(buffer, key)
			must(err)
		}
	})
	timed("get", "Get", func() {
		for _, key := range keys {
			_, err := db.Get(key)
			must(err)
		}
	})
	timed("miss", "Get: not found", func() {
		for _, key := range keys {
			if _, err := db.Get(key[:len(key)-1]); !errors.Is(err, stave.ErrNotFound) {
				must(fmt.Errorf("a key that is not there: %v", err))
			}
		}
	})
	timed("iterate", "Iterator.Next", func() {
		it := db.Iterate(stave.Range{})
		defer it.Close()
		for it.Next() {
		}
		must(it.Err())
	})
	timed("iterate", "Iterator.NextItem", func() {
		it := db.Iterate(stave.Range{})
		defer it.Close()
		for _, there := it.NextItem(); there; _, there = it.NextItem() {
		}
		must(it.Err())
	})
	must(db.Close())
	return figures
}

func inC(program, dir string, entries int) (figures []figure) {
	output, err := exec.Command(program, dir, fmt.Sprint(entries)).Output()
	must(err)
	lines := bufio.NewScanner(bytes.NewReader(output))
	for lines.Scan() {
		var line figure
		_, err := fmt.Sscanf(lines.Text(), "%s %f", &line.c, &line.ns)
		must(err)
		figures = append(figures, line)
	}
	return figures
}

func best(rounds int, run func(dir string) []figure) (figures []figure) {
	for round := 0; round < rounds; round++ {
		dir, err := os.MkdirTemp("", "stave-bench-")
		must(err)
		found := run(filepath.Join(dir, "store"))
		must(os.RemoveAll(dir))
		for i := range found {
			if round > 0 && figures[i].ns < found[i].ns {
				found[i] = figures[i]
			}
		}
		figures = found
	}
	return figures
}

func main() {
	program := flag.String("c", "", "the `program` stave_call_bench")
	entries := flag.Int("entries", 200000, "how many")
	rounds := flag.Int("rounds", 3, "how often")
	flag.Parse()
	if *program == "" {
		must(errors.New("-c: where is stave_call_bench? It is built with STAVE_BUILD_BINDINGS"))
	}
	cost := map[string]float64{}
	for _, line := range best(*rounds, func(dir string) []figure { return inC(*program, dir, *entries) }) {
		cost[line.c] = line.ns
	}
	fmt.Printf("ns per call, %d entries of 16 + 100 bytes, %s\n", *entries, runtime.Version())
	fmt.Printf("%-26s%8s%8s%10s\n", "", "C", "Go", "beyond C")
	for _, line := range best(*rounds, func(dir string) []figure { return inGo(dir, *entries) }) {
		in, known := cost[line.c]
		if !known {
			must(fmt.Errorf("%s says nothing of %q", *program, line.c))
		}
		fmt.Printf("%-26s%8.0f%8.0f%10.0f\n", line.name, in, line.ns, line.ns-in)
	}
}
