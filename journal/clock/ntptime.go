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

// parseNTPTime reads a struct ntptimeval whose timespec and long take that many
// bytes. It refuses one of another size, as a 32-bit program gets it from a
// 64-bit kernel.
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

// classify gives the verdict. Unlike Linux, these kernels need the flag to be
// asked: the maximum error is half a second at boot, before anybody has set the
// clock. stepped says that the clock was stepped since a daemon last spoke, which
// they don't notice, and the limit is ours, since they let the error grow on.
func (t ntptime) classify(source Source, stepped bool) verdict {
	v := verdict{Sync: SyncUnsynced, MaxError: Unknown, Source: source}
	bound := time.Duration(t.maxError) * time.Microsecond
	if !t.unsync && !stepped && bound < SyncLimit && !startup(t.maxError, t.estError) {
		v.Sync, v.MaxError = SyncSynced, bound
	}
	return v
}
