package journal

import (
	"errors"
	"fmt"

	"flightrec/journal/clock"
)

// check reports the first rule of the format that the flight breaks, or nil.
func (f *Flight) check() error {
	if f.Takeoff.SinceBoot < clock.Unknown {
		return fmt.Errorf("since_boot_ns %d: negative", f.Takeoff.SinceBoot)
	}
	if (f.Landing != nil) != (f.Ending == EndingLanded) {
		return fmt.Errorf("ending %q does not go with its landing", f.Ending)
	}
	if f.Takeoff.AwakeSinceBoot < clock.Unknown {
		return fmt.Errorf("awake_since_boot_ns %d: negative", f.Takeoff.AwakeSinceBoot)
	}
	if d := f.Dumped; d != nil {
		if f.Ending != EndingAloft {
			return fmt.Errorf("ending %q does not go with dumped", f.Ending)
		}
		if d.Raw < clock.Unknown || d.MaxError < clock.Unknown {
			return errors.New("dumped: negative raw_ns or max_error_ns")
		}
	}
	if f.Takeoff.Interval < 0 {
		return fmt.Errorf("interval_ns %d: negative", f.Takeoff.Interval)
	}
	switch {
	case len(f.Legs) == 0:
		return errors.New("no legs")
	case len(f.Legs) > maxDumpLegs:
		return fmt.Errorf("%d legs: more than %d", len(f.Legs), maxDumpLegs)
	case len(f.Evidence) > maxClues:
		return fmt.Errorf("%d clues: more than %d", len(f.Evidence), maxClues)
	case f.lineBound() > maxLine:
		return errors.New("its texts are too long for a line")
	}
	before := &Fix{} // the takeoff
	for i := range f.Legs {
		leg := &f.Legs[i]
		if leg.Beats == 0 || leg.Beats > 1<<53 {
			return fmt.Errorf("leg %d: %d beats", i, leg.Beats)
		}
		if leg.First.Sync != leg.Last.Sync {
			return fmt.Errorf("leg %d: %v at first, %v at last", i, leg.First.Sync, leg.Last.Sync)
		}
		for _, fix := range [...]*Fix{&leg.First, &leg.Last} {
			if fix.Elapsed < before.Elapsed || fix.Awake < before.Awake {
				return fmt.Errorf("leg %d: its clocks run backwards", i)
			}
			if fix.Raw < clock.Unknown || fix.MaxError < clock.Unknown {
				return fmt.Errorf("leg %d: negative raw_ns or max_error_ns", i)
			}
			before = fix
		}
	}
	return nil
}

// lineBound is no less than the length of the flight's line in a dump. The longest
// spelling of a byte takes six.
func (f *Flight) lineBound() int {
	// A pair of a vital and its value takes two bytes at least, and 60 in a line.
	n := 2400 + 6*f.textLen() + 30*len(f.Evidence) + 32*len(f.Vitals.log)
	for i := range f.Legs {
		n += 500 + 6*len(f.Legs[i].Source)
	}
	return n
}

// Beats returns the number of heartbeats appended, takeoff and landing included.
func (f *Flight) Beats() uint64 {
	var sum uint64
	for _, leg := range f.Legs {
		sum += leg.Beats
	}
	return sum
}
