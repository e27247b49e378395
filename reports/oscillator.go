package reports

import (
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// Oscillator is how fast the machine's crystal runs.
//
// The raw clock counts the crystal's oscillations and is disciplined by nobody; a
// synchronised wall clock counts true seconds. Two synchronised fixes of a flight
// between which the machine neither slept nor stood still give the rate of the one
// by the other, to within the errors of both fixes over the time between them. Of
// all such pairs the one that bounds the rate best is used.
type Oscillator struct {
	PPM   float64       // parts per million; positive is fast
	Error float64       // it is not further off than this
	Over  time.Duration // the time between the fixes
}

const (
	// leastError is what a synchronised clock is taken to be off at least: some time
	// daemons claim to be exact in the moment at which they set it.
	leastError = 10 * time.Millisecond
	// mostPPM is the error above which a rate says too little of a crystal.
	mostPPM = 5.0
)

// oscillatorOf returns the rate of the crystal in a boot, nil where nothing tells.
func oscillatorOf(b ground.Boot) *Oscillator {
	var best *Oscillator
	for _, f := range b.Flights {
		var first *journal.Fix // of the synchronised ones since the machine last stood still
		var last *journal.Fix
		for i := range f.Legs {
			for _, fix := range []*journal.Fix{&f.Legs[i].First, &f.Legs[i].Last} {
				if first != nil && stoodStill(f, *last, *fix) {
					first = nil
				}
				last = fix
				if !right(f, *fix) {
					continue
				}
				if first == nil {
					first = fix
				}
				if c := rate(*first, *fix); c != nil && (best == nil || c.Error < best.Error) {
					best = c
				}
			}
		}
	}
	return best
}

// right reports whether fix, of f, can serve to measure the crystal.
func right(f *ground.Flight, fix journal.Fix) bool {
	return fix.Sync == clock.SyncSynced && fix.MaxError >= 0 && fix.Raw >= 0 &&
		fix.Wall.Sub(truth(f, fix)).Abs() <= clock.LineLimit
}

// stoodStill reports whether the machine slept or was paused between p and q.
func stoodStill(f *ground.Flight, p, q journal.Fix) bool {
	if (q.Elapsed-p.Elapsed)-(q.Awake-p.Awake) > clock.SleepLimit {
		return true
	}
	from, to := truth(f, p), truth(f, q)
	for _, pause := range f.Pauses {
		if pause.Start < to && from < pause.End {
			return true
		}
	}
	return false
}

// rate returns the crystal's rate from p to q, nil where that says too little.
func rate(p, q journal.Fix) *Oscillator {
	over := q.Wall.Sub(p.Wall)
	if over <= 0 {
		return nil
	}
	millionths := func(d time.Duration) float64 { return float64(d) * 1e6 / float64(over) }
	c := Oscillator{
		PPM:   millionths(q.Raw - p.Raw - over),
		Error: millionths(max(p.MaxError, leastError) + max(q.MaxError, leastError)),
		Over:  over,
	}
	if c.Error > mostPPM {
		return nil
	}
	return &c
}
