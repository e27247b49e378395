package clock

import (
	"encoding/binary"
	"time"
)

// ntptime is what flightrec needs of the BSDs' struct ntptimeval:
//
//	+----------+----------+----------+--------+------------+
//	| timespec | maxerror | esterror |  tai   | time_state |
//	| 8, 12, 16|   long   |   long   |  long  |    int     |
//	+----------+----------+----------+--------+------------+
//
// The errors are in microseconds; unsync says that the state is TIME_ERROR.
type ntptime struct {
	maxError, estError int64
	unsync             bool
}

// parseNTPTime reads a struct ntptimeval, given the sizes of timespec and long in bytes.
// It refuses a struct of another size, which a 32-bit program gets from a 64-bit kernel.
func parseNTPTime(b []byte, timespec, long int) (t ntptime, ok bool) {
	size := timespec + 3*long + 4
	if len(b) < size || len(b) >= size+8 {
		return t, false
	}
	t.maxError = parseLong(b[timespec:], long)
	t.estError = parseLong(b[timespec+long:], long)
	const timeError = 5
	t.unsync = binary.NativeEndian.Uint32(b[timespec+3*long:]) == timeError
	return t, true
}

func parseLong(b []byte, long int) int64 {
	if long == 4 {
		return int64(int32(binary.NativeEndian.Uint32(b)))
	}
	return int64(binary.NativeEndian.Uint64(b))
}

// classify returns the verdict. Unlike Linux, these kernels begin with a maximum error
// of half a second at boot, before anybody has set the clock, so the flag counts as well.
// They don't notice steps, so stepped says whether the clock was stepped since a daemon
// last spoke; and they let the error grow beyond SyncLimit, so it is compared here.
func (t ntptime) classify(source Source, stepped bool) verdict {
	v := verdict{Sync: SyncUnsynced, MaxError: Unknown, Source: source}
	bound := time.Duration(t.maxError) * time.Microsecond
	if !t.unsync && !stepped && bound < SyncLimit && !startup(t.maxError, t.estError) {
		v.Sync, v.MaxError = SyncSynced, bound
	}
	return v
}
