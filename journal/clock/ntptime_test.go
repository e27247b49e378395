package clock

import (
	"encoding/binary"
	"testing"
)

// layout writes a struct ntptimeval as a C compiler lays it out.
func layout(timespec, long, pad int, maxError, estError int64, state uint32) []byte {
	b := make([]byte, timespec)
	put := func(v int64) {
		if long == 4 {
			b = binary.NativeEndian.AppendUint32(b, uint32(v))
		} else {
			b = binary.NativeEndian.AppendUint64(b, uint64(v))
		}
	}
	put(maxError)
	put(estError)
	put(37)
	b = binary.NativeEndian.AppendUint32(b, state)
	return append(b, make([]byte, pad)...)
}

func TestParseNTPTime(t *testing.T) {
	tests := []struct {
		system              string
		timespec, long, pad int
	}{
		{"64-bit", 16, 8, 4},
		{"freebsd/386", 8, 4, 0},
		{"freebsd/arm, netbsd/arm", 16, 4, 0},
		{"netbsd/386", 12, 4, 0},
	}
	for _, tt := range tests {
		b := layout(tt.timespec, tt.long, tt.pad, 23_412, 1_031, 0)
		got, ok := parseNTPTime(b, tt.timespec, tt.long)
		if want := (ntptime{23_412, 1_031, false}); !ok || got != want {
			t.Errorf("%s: %+v, %v, want %+v", tt.system, got, ok, want)
		}
		b = layout(tt.timespec, tt.long, tt.pad, 500_000, 500_000, 5)
		if got, ok := parseNTPTime(b, tt.timespec, tt.long); !ok || !got.unsync {
			t.Errorf("%s, TIME_ERROR: %+v, %v", tt.system, got, ok)
		}
		for n := range tt.timespec + 3*tt.long + 4 {
			if _, ok := parseNTPTime(b[:n], tt.timespec, tt.long); ok {
				t.Errorf("%s: took %d bytes", tt.system, n)
			}
		}
	}
	if _, ok := parseNTPTime(layout(16, 8, 4, 1, 1, 0), 8, 4); ok {
		t.Error("took a 64-bit kernel's struct in a 32-bit program")
	}
}
