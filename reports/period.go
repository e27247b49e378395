package reports

import (
	"slices"

	"flightrec/ground"
	"flightrec/journal"
)

// Cause says what a machine was down or not known by.
type Cause uint8

const (
	CauseNone        Cause = iota // of what was up
	CauseNotRecorded              // nothing tells whether it was down: before the first flight, or no boot is known
	CauseCrash                    // the recorder was cut off, and another boot followed
	CauseShutdown                 // the recorder landed while the machine was going down
	CauseStopped                  // the recorder had been stopped before the machine went down
	CauseNoAnchor                 // a boot whose clock was never right may have been there
	CauseSilent                   // since the last sign of life
)

var causeNames = [...]string{"", "not recorded", "crash", "shutdown", "stopped", "no anchor", "silent"}

// String returns the cause as reports spell it.
func (c Cause) String() string { return causeNames[c] }

// Period is an uptime or a downtime.
type Period struct {
	N           int // its number among the machine's uptimes or downtimes, from 1
	State       State
	Cause       Cause       // of a downtime
	Verdict     Verdict     // of a downtime: why
	Open        bool        // a downtime whose start isn't known, since nothing is known before it
	ground.Span             // within the time asked for
	Whole       ground.Span // as if all time had been asked for

	// StartEstimated and EndEstimated say which ends of Whole are not certain: those of
	// a boot without an anchor, and the start of one that may have been up before its
	// recorder took off. Window is where the period lies then.
	StartEstimated, EndEstimated bool
	Window                       ground.Window

	Notes   []int // the numbers of the notes to it
	Loop    *Loop // the crash loop of which it is a part, or nil
	*Uptime       // nil for a downtime

	recorded bool // of a downtime: somebody looked for evidence
}

// Up reports whether p is an uptime.
func (p *Period) Up() bool { return p.Uptime != nil }

// Outage reports whether p is a downtime, and not just the time before the first
// uptime, of which nothing is known.
func (p *Period) Outage() bool { return !p.Up() && p.Whole.Start != everything.Start }

// Estimated reports whether one of p's ends is an estimate.
func (p *Period) Estimated() bool { return p.StartEstimated || p.EndEstimated }

// Ends reports which ends of p's span are estimates. Those at which it was cut are not.
func (p *Period) Ends() (start, end bool) {
	return p.StartEstimated && p.Start == p.Whole.Start, p.EndEstimated && p.End == p.Whole.End
}

// Length returns how long p's span is. It says nothing of an open period.
func (p *Period) Length() Length { return LengthOf(p.Span) }

// LengthEstimated reports whether that is an estimate: how much of p there is in the time
// asked for is as open as its ends. An uptime that nothing was cut off is as long as its
// boot clock says, wherever it lies, if it is known whose clock that was.
func (p *Period) LengthEstimated() bool {
	return p.Estimated() && !(p.Up() && p.Span == p.Whole && p.undecided == 0)
}

// LengthUnknown reports whether nothing is known of p's length: of an outage that is drawn
// without any, between boots of which one could be elsewhere.
func (p *Period) LengthUnknown() bool {
	return !p.Up() && !p.Open && p.LengthEstimated() && p.Start == p.End
}

// periodsOf returns the uptimes with a downtime before each, whole. Where only the
// recorder is observed the machine is down whenever nobody records.
func periodsOf(uptimes []*Uptime, observed bool) []Period {
	periods := make([]Period, 0, 2*len(uptimes))
	end := everything.Start
	for i, u := range uptimes {
		// Boots can't overlap. Where their errors make it seem so, the downtime
		// between them has no length.
		if !u.estimated && end != everything.Start {
			u.undecided = max(0, min(u.undecided, u.span.Start.Sub(end)))
		}
		vagueStart := u.estimated && !u.sureStart || u.undecided > 0
		down := Period{Whole: ground.Span{Start: min(end, u.span.Start), End: u.span.Start}, Cause: CauseNotRecorded, EndEstimated: vagueStart}
		if i > 0 {
			before := uptimes[i-1]
			down.Cause, down.Verdict = verdictOf(causeOf(before, u), before, u)
			down.recorded = before.hasBox() || u.hasBox()
			down.StartEstimated = before.estimated && !before.sureEnd
			if down.Cause == CauseCrash || down.Cause == CauseShutdown || observed {
				down.State = StateDown
			}
			down.Window = ground.Window{Earliest: before.earliestEnd(), Latest: u.latestStart()}
		}
		up := Period{State: StateUp, Whole: u.span, StartEstimated: vagueStart, EndEstimated: u.estimated && !u.sureEnd, Window: u.place(), Uptime: u}
		if i > 0 && u.undecided > 0 {
			up.Window.Earliest = latest(up.Window.Earliest, uptimes[i-1].earliestEnd())
		}
		periods = append(periods, down, up)
		end = max(end, u.span.End)
	}
	return periods
}

// causeOf returns what ended the uptime u, which next follows: how its last flight
// ended tells.
func causeOf(u, next *Uptime) Cause {
	switch {
	case goingDown(u.last):
		return CauseShutdown
	case u.lastID == "" || next.Boot == "" || u.sameBoot(next):
		return CauseNotRecorded // nothing says that the machine went down at all
	case u.last.Landing != nil:
		return CauseStopped
	case u.last.Ending == journal.EndingLost:
		return CauseCrash
	}
	return CauseNotRecorded
}

// cut sets m.Periods to the periods that have to do with the time asked for, cut to it.
func (m *Machine) cut(whole []Period, asked ground.Span) {
	outside := func(p Period) bool { return !touches(p.Whole, asked) }
	inside := func(p Period) bool { return !outside(p) }
	first, last := slices.IndexFunc(whole, inside), len(whole)-1
	if first < 0 || asked.Start == asked.End {
		return
	}
	for outside(whole[last]) {
		last--
	}
	if first == last && !whole[first].Up() && !whole[first].Outage() {
		return // nothing but what was before the first uptime
	}
	m.Periods = whole[first : last+1]
	if first > 0 {
		m.before = &whole[first-1]
	}
	if last+1 < len(whole) {
		m.after = &whole[last+1]
	}
	for i := range m.Periods {
		m.Periods[i].cut(asked)
	}
}

// touches reports whether s has to do with the time asked for: whether they have an
// instant in common, or s is an instant of it.
func touches(s, asked ground.Span) bool {
	if s.Start == s.End {
		return asked.Start <= s.Start && s.Start < asked.End
	}
	return s.Start < asked.End && asked.Start < s.End
}

// cut sets what of p lies within the time asked for. The flights and gaps in it stay
// whole, those that lie outside are left out.
func (p *Period) cut(asked ground.Span) {
	p.Span = common(p.Whole, asked)
	p.End = max(p.Start, p.End)
	p.Open = p.Start == everything.Start
	if p.Span == p.Whole || !p.Up() {
		return
	}
	outside := func(s ground.Span) bool { return !touches(s, asked) }
	p.Gaps = slices.DeleteFunc(p.Gaps, func(g Gap) bool { return outside(g.Span) })
	p.flights = slices.DeleteFunc(slices.Clone(p.flights), func(f *ground.Flight) bool { return outside(f.Span) })
}
