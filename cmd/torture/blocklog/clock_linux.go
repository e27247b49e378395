package blocklog

import "golang.org/x/sys/unix"

// Now returns the monotonic clock in nanoseconds. All processes of the machine
// share it, so that what one logs can be set beside what another saw.
func Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err) // every Linux has this clock
	}
	return ts.Nano()
}
