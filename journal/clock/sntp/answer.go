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

// At returns the true time at a later reading, and its maximum error: the
// answer's, drift, and what the boot clock was slewed meanwhile, which the raw clock
// tells.
func (a Answer) At(r clock.Reading) (time.Time, time.Duration) {
	passed := r.Boot - a.Boot
	maxError := a.MaxError + clock.Drift(passed)
	if r.Raw != clock.Unknown && a.Raw != clock.Unknown {
		maxError += ((r.Raw - r.Awake) - (a.Raw - a.Awake)).Abs()
	}
	return a.Wall.Add(a.Offset + passed), maxError
}

// Slept reports whether the machine was suspended between the answer and a later
// reading. The length of a sleep comes from a coarse clock, so the answer is worth
// nothing after it.
func (a Answer) Slept(r clock.Reading) bool {
	return (r.Boot-r.Awake)-(a.Boot-a.Awake) > clock.SleepLimit
}

// Contradicts reports whether the answer and the wall clock of a later reading
// can't both be right, given their errors. Where the wall clock's isn't known,
// it counts as what no kernel calls synchronised any more.
func (a Answer) Contradicts(r clock.Reading) bool {
	told, maxError := a.At(r)
	if r.MaxError == clock.Unknown {
		r.MaxError = clock.SyncLimit
	}
	return told.Sub(r.Wall).Abs() > maxError+r.MaxError+clock.LineLimit
}
