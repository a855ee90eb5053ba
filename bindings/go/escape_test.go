//go:build go1.24

package stave_test

import (
	"testing"

	"stave.internal/stave"
)

func TestKeysStayOnTheStack(t *testing.T) {
	db := open(t, stave.SyncNever())
	word := t.Name()[:8]
	buffer := make([]byte, 0, 128)
	if found := testing.AllocsPerRun(200, func() {
		must(t, db.Put([]byte(word), []byte(word)))
		_, err := db.GetAppend(buffer, []byte(word))
		must(t, err)
	}); found != 0 {
		t.Errorf("%v allocations", found)
	}
}
