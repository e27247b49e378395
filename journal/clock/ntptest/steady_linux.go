package ntptest

import (
	"time"

	"golang.org/x/sys/unix"
)

// Steady returns a clock that says wall now, and from then on follows the clock
// that no time daemon disciplines (CLOCK_MONOTONIC_RAW).
func Steady(wall time.Time) func() time.Time {
	began := raw()
	return func() time.Time { return wall.Add(raw() - began) }
}

// raw panics where it can't read the clock: each Linux has it since 2.6.28.
func raw() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &ts); err != nil {
		panic(err)
	}
	return time.Duration(ts.Nano())
}
