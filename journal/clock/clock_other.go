//go:build !linux && !darwin && !windows && !freebsd && !dragonfly && !netbsd && !openbsd

package clock

import "time"

// The fallback: a system of which flightrec knows nothing but the clocks of
// package time. Its boot clock counts from the process's start.
const (
	absolute    = false
	freeRunning = true
)

func boot() time.Duration  { return Unknown }
func awake() time.Duration { return Unknown }
func raw() time.Duration   { return Unknown }

func judge(Reading, *steps) verdict {
	return unknown("this system can't be asked whether its clock is synchronised; name an NTP server to ask")
}

func identify() Identity { return Identity{} }
