//go:build !linux

package ntptest

import "time"

// Steady returns a clock that says wall now, and from then on follows Go's
// monotonic clock: steps don't move it, but a slew may.
func Steady(wall time.Time) func() time.Time {
	began := time.Now()
	return func() time.Time { return wall.Add(time.Since(began)) }
}
