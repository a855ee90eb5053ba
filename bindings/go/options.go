package stave

import (
	"strconv"
	"strings"
	"time"

	native "stave.internal/stave/internal/generated"
)

// Limits of keys and values, in bytes.
const (
	KeySizeMax   = 65535
	ValueSizeMax = 4294836223
)

// Option is one setting of Open. The later of two of the same name counts.
type Option struct{ name, value string }

// With sets an option by name, as Options lists them: With("merge.triggers.dead_bytes", "1GB").
// Sizes and times have units ("256MiB", "500ms").
func With(name, value string) Option { return Option{name, value} }

// ReadOnly opens a store without changing it, also beside a writer; Refresh moves it on.
func ReadOnly() Option { return Option{"read_only", "true"} }

// MustExist makes Open fail with ErrNoStore where there is no store, instead of making one.
func MustExist() Option { return Option{"create_if_missing", "false"} }

// MustNotExist makes Open fail with ErrExists where there is a store.
func MustNotExist() Option { return Option{"error_if_exists", "true"} }

// SyncAlways makes every write durable before it returns.
func SyncAlways() Option { return Option{"sync", "always"} }

// SyncEvery makes writes durable in the background, at most so long after they returned.
func SyncEvery(interval time.Duration) Option {
	return Option{"sync", "interval:" + milliseconds(interval)}
}

// SyncNever leaves it to Sync and Close to make writes durable.
func SyncNever() Option { return Option{"sync", "none"} }

// DefaultTTL is when values expire that are put without a time of their own.
func DefaultTTL(ttl time.Duration) Option {
	return Option{"expiry.default_ttl", milliseconds(ttl)}
}

func milliseconds(span time.Duration) string {
	if span > 0 {
		return strconv.FormatUint(roundedUp(span), 10) + "ms"
	}
	return strconv.FormatInt(span.Milliseconds(), 10) + "ms"
}

func packOptions(options []Option) ([]byte, error) {
	var packed []byte
	for _, option := range options {
		if strings.IndexByte(option.name+option.value, 0) >= 0 {
			return nil, &Error{ErrBadOption, "option " + strconv.Quote(option.name) +
				": a NUL in its name or value " + strconv.Quote(option.value) + "; leave it out"}
		}
		packed = append(packed, option.name+"\x00"+option.value+"\x00"...)
	}
	return packed, nil
}

func checkPath(dir string) error {
	if strings.IndexByte(dir, 0) >= 0 {
		return &Error{ErrInvalidArgument, "the path " + strconv.Quote(dir) + " has a NUL; leave it out"}
	}
	return nil
}

// OptionInfo describes an option of Open.
type OptionInfo struct {
	Name        string // "merge.triggers.dead_bytes"
	Type        string // "bool", "int", "percent", "size", "duration", "choice"
	Default     string
	Minimum     string // "" where there is no bound
	Maximum     string
	Choices     string // "mapped|positional" for choices
	Description string
	Since       string // the version that introduced it
}

// Options lists all options that With takes.
func Options() []OptionInfo {
	info := native.NewStaveOptionInfo()
	defer native.DeleteStaveOptionInfo(info)
	found := make([]OptionInfo, 0, native.Option_count())
	for index := 0; index < cap(found); index++ {
		if native.Option_at(index, info) != 0 {
			break
		}
		found = append(found, OptionInfo{
			Name:        info.GetName(),
			Type:        info.GetKind(),
			Default:     info.GetDefault_value(),
			Minimum:     info.GetMinimum(),
			Maximum:     info.GetMaximum(),
			Choices:     info.GetChoices(),
			Description: info.GetDescription(),
			Since:       info.GetSince(),
		})
	}
	return found
}

// LibraryVersion is that of the library that the program runs with, as "0.1.0".
func LibraryVersion() string { return native.Version() }

// LiveHandles counts what is open in this process, for tests that nothing is left open.
func LiveHandles() int { return native.Live_handles() }
