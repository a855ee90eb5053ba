package gokv_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"stave.internal/stave"
	"stave.internal/stave/gokv"
)

// The interface gokv.Store of github.com/philippgille/gokv.
var _ interface {
	Set(k string, v any) error
	Get(k string, v any) (found bool, err error)
	Delete(k string) error
	Close() error
} = gokv.Store{}

type person struct {
	Name string
	Age  int
	Tags []string
	Home *person
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, codec gokv.Codec) gokv.Store {
	t.Helper()
	store, err := gokv.NewStore(gokv.Options{Dir: filepath.Join(t.TempDir(), "store"), Codec: codec})
	must(t, err)
	t.Cleanup(func() { store.Close() })
	return store
}

func TestValuesOfAllTypes(t *testing.T) {
	for name, codec := range map[string]gokv.Codec{"default": nil, "JSON": gokv.JSON, "Gob": gokv.Gob} {
		store := open(t, codec)
		for _, value := range []any{
			true, "text", "", 42, 1.5, []byte{0, 255}, []string{"a", "b"}, map[string]int{"a": 1},
			person{"Ada", 36, []string{"x"}, &person{Name: "Grace"}},
		} {
			must(t, store.Set("key", value))
			got := reflect.New(reflect.TypeOf(value))
			found, err := store.Get("key", got.Interface())
			must(t, err)
			if !found || !reflect.DeepEqual(got.Elem().Interface(), value) {
				t.Errorf("%s: %#v came back as %#v", name, value, got.Elem().Interface())
			}
		}
		must(t, store.Set("key", &person{Name: "Ada"})) // by a pointer as well
		var got person
		found, err := store.Get("key", &got)
		must(t, err)
		if !found || got.Name != "Ada" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	store := open(t, nil)
	value := "as it was"
	found, err := store.Get("key", &value)
	must(t, err)
	if found || value != "as it was" {
		t.Error(found, value)
	}
	must(t, store.Delete("key"))
	must(t, store.Set("key", "v"))
	must(t, store.Delete("key"))
	found, err = store.Get("key", &value)
	must(t, err)
	if found {
		t.Error("a deleted key is there")
	}
}

func TestWhatIsRefused(t *testing.T) {
	store := open(t, nil)
	var value string
	_, emptyErr := store.Get("", &value)
	_, nilErr := store.Get("k", nil)
	for _, err := range []error{store.Set("", "v"), store.Set("k", nil), store.Delete(""), emptyErr, nilErr,
		store.Set("k", func() {})} {
		if err == nil {
			t.Error("no error")
		}
	}
	must(t, store.Set("k", "text"))
	var number int
	if found, err := store.Get("k", &number); !found || err == nil {
		t.Error(found, err)
	}
	must(t, store.Close())
	if err := store.Set("k", "v"); !errors.Is(err, stave.ErrClosed) {
		t.Error(err)
	}
	if _, err := gokv.NewStore(gokv.Options{Dir: t.TempDir() + "/none/none"}); err == nil {
		t.Error("no error")
	}
}

func TestManyGoroutines(t *testing.T) {
	store := open(t, nil)
	var all sync.WaitGroup
	for number := 0; number < 20; number++ {
		all.Add(1)
		go func(number int) {
			defer all.Done()
			for i := 0; i < 50; i++ {
				key, got := fmt.Sprint(number, i), 0
				if err := store.Set(key, i); err != nil {
					t.Error(err)
				}
				if found, err := store.Get(key, &got); !found || err != nil || got != i {
					t.Error(found, err, got)
				}
				if err := store.Delete(key); err != nil {
					t.Error(err)
				}
			}
		}(number)
	}
	all.Wait()
}

func TestTheDirectoryIsNeeded(t *testing.T) {
	_, err := gokv.NewStore(gokv.Options{})
	if err == nil || !strings.Contains(err.Error(), "Options.Dir") {
		t.Fatal(err)
	}
}
