package journal

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/record"
)

// cleanTail returns a log without its torn end, if it has one. A log that is
// damaged in its midst is returned as it is.
func cleanTail(name string, data []byte) []byte {
	number, err := strconv.ParseUint(strings.TrimSuffix(name, ".log"), 10, 32)
	if err != nil {
		return data
	}
	reader := numbered(record.NewReader, bytes.NewReader(data), number)
	for {
		end := reader.Offset()
		r, err := reader.Next()
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		switch {
		case errors.Is(err, record.ErrUnexpectedEOF):
			return data[:min(end, int64(len(data)))]
		case err != nil:
			return data
		}
	}
}

// numbered calls make with a number of the type that it takes, which Pebble doesn't
// export.
func numbered[R io.Reader, N ~uint64, T any](make func(io.Reader, N) T, r R, number uint64) T {
	return make(r, N(number))
}
