package recorder

import (
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// legs tells heartbeats apart by the relation of wall clock and boot clock.
type legs struct {
	number int
	cause  journal.Cause
	source clock.Source
	first  journal.Fix // of the leg
	last   journal.Fix // of the flight
	begun  bool
}

// beat returns the heartbeat of a fix that was due gap after the last one, in
// the leg that it belongs to.
func (l *legs) beat(fix journal.Fix, source clock.Source, gap time.Duration) journal.Beat {
	if l.begun {
		if cause, ends := l.ends(fix, source, gap); ends {
			l.number++
			l.cause, l.source, l.first = cause, source, fix
		}
	} else {
		l.begun, l.cause, l.source, l.first = true, journal.CauseTakeoff, source, fix
	}
	l.last = fix
	return journal.Beat{Leg: uint64(l.number), Cause: l.cause, Source: l.source, Count: 1, Fix: fix}
}

// ends reports whether a leg ends before this fix, and why. What happened to the clock
// comes first: it tells more than a change of the sync state.
func (l *legs) ends(fix journal.Fix, source clock.Source, gap time.Duration) (journal.Cause, bool) {
	awake := fix.Awake - l.last.Awake
	switch {
	case l.stepped(fix):
		return journal.CauseStep, true
	case fix.Elapsed-l.last.Elapsed-awake > clock.SleepLimit:
		return journal.CauseWake, true
	case fix.Sync != l.last.Sync || source != l.source:
		return journal.CauseSync, true
	case awake-gap >= max(clock.StallGaps*gap, clock.StallLimit):
		return journal.CauseStall, true
	}
	return 0, false
}

// stepped reports whether the wall clock was stepped before this fix. Where both clocks
// are slewed together, their difference stays that of the leg's first fix until somebody
// steps. Elsewhere it drifts, so this fix is compared with the last one.
func (l *legs) stepped(fix journal.Fix) bool {
	from := l.first
	if clock.StepLimit(time.Hour) > clock.StepLimit(0) {
		from = l.last
	}
	passed := fix.Elapsed - from.Elapsed
	return (fix.Wall.Sub(from.Wall) - passed).Abs() > clock.StepLimit(passed)
}
