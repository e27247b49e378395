package sntp

import (
	"time"

	"flightrec/journal/clock"
)

// Answer is what came of asking one server.
type Answer struct {
	Host string
	// Boot, Awake, Raw and Wall are the machine's clocks, read together just before.
	Boot, Awake, Raw time.Duration
	Wall             time.Time
	// Offset is what Wall lacked of the true time, which at Boot was Wall+Offset,
	// to within MaxError. Both are zero if Err isn't nil.
	Offset   time.Duration
	MaxError time.Duration
	// Err says why there is no time in this answer.
	Err error
}

// drift is how far the boot clock may stray in passed, while nobody disciplines
// it: 500 ppm. Linux lets its own maximum error grow as fast, and corrects no clock
// by more, so one that strays further can't be kept right by any time daemon.
func drift(passed time.Duration) time.Duration { return passed / 2000 }

// At returns the true time at a later reading, and its maximum error: the
// answer's, drift, and what the boot clock was slewed meanwhile, which the raw clock
// tells.
func (a Answer) At(r clock.Reading) (time.Time, time.Duration) {
	passed := r.Boot - a.Boot
	maxError := a.MaxError + drift(passed)
	if r.Raw != clock.Unknown && a.Raw != clock.Unknown {
		maxError += ((r.Raw - r.Awake) - (a.Raw - a.Awake)).Abs()
	}
	return a.Wall.Add(a.Offset + passed), maxError
}

// Slept reports whether the machine was suspended between the answer and a later
// reading. How long is known by a clock that ran meanwhile, and that one may be
// coarse.
func (a Answer) Slept(r clock.Reading) bool {
	const noise = 50 * time.Millisecond
	return (r.Boot-r.Awake)-(a.Boot-a.Awake) > noise
}

// Contradicts reports whether the answer and the wall clock of a later reading
// can't both be right, given their errors. Where the wall clock's isn't known,
// it counts as what no kernel calls synchronised any more.
func (a Answer) Contradicts(r clock.Reading) bool {
	const (
		noise   = 100 * time.Millisecond
		unknown = 16 * time.Second
	)
	told, maxError := a.At(r)
	if r.MaxError == clock.Unknown {
		r.MaxError = unknown
	}
	return told.Sub(r.Wall).Abs() > maxError+r.MaxError+noise
}
