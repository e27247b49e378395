package recorder

import (
	"runtime"
	"time"

	"flightrec/journal"
)

const (
	stepLimit    = 100 * time.Millisecond // a smaller change of wall - elapsed is the noise of reading them
	suspendLimit = 50 * time.Millisecond  // a smaller change of elapsed - awake is, too
	stallGaps    = 3                      // a heartbeat that comes so many gaps late tells that the recorder stood still,
	stallLimit   = time.Second            // unless it is less than what a slow card may take for one write
	// Where the boot clock isn't disciplined with the wall clock, slewing shows in
	// their difference, at up to 5000 ppm (adjtime(2)), and the crystal's error on top.
	slewShare = 0.006
)

// slewsApart is for the systems whose boot clock isn't slewed with the wall clock.
const slewsApart = runtime.GOOS == "darwin" || runtime.GOOS == "windows"

// legs tells heartbeats apart by the relation of wall clock and boot clock.
type legs struct {
	number int
	cause  journal.Cause
	source string
	first  journal.Fix // of the leg
	last   journal.Fix // of the flight
	begun  bool
}

// beat returns the heartbeat of a fix that was due gap after the last one, in
// the leg that it belongs to.
func (l *legs) beat(fix journal.Fix, source string, gap time.Duration) journal.Beat {
	if l.begun {
		if cause, ends := l.ends(fix, source, gap); ends {
			l.number++
			l.cause, l.source, l.first = cause, source, fix
		}
	} else {
		l.begun, l.cause, l.source, l.first = true, journal.ByTakeoff, source, fix
	}
	l.last = fix
	return journal.Beat{Leg: uint64(l.number), Cause: l.cause, Source: l.source, Count: 1, Fix: fix}
}

// ends reports whether a leg ends before this fix, and why. What happened to the
// clock tells more than what somebody says of it, so that comes first.
func (l *legs) ends(fix journal.Fix, source string, gap time.Duration) (journal.Cause, bool) {
	awake := fix.Awake - l.last.Awake
	switch {
	case l.stepped(fix):
		return journal.ByStep, true
	case fix.Elapsed-l.last.Elapsed-awake > suspendLimit:
		return journal.ByWake, true
	case fix.Sync != l.last.Sync || source != l.source:
		return journal.BySync, true
	case awake-gap >= max(stallGaps*gap, stallLimit):
		return journal.ByStall, true
	}
	return 0, false
}

func (l *legs) stepped(fix journal.Fix) bool {
	from, limit := l.first, stepLimit
	if slewsApart {
		from = l.last
		limit = max(limit, time.Duration(slewShare*float64(fix.Elapsed-from.Elapsed)))
	}
	return (fix.Wall.Sub(from.Wall) - (fix.Elapsed - from.Elapsed)).Abs() > limit
}
