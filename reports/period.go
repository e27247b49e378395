package reports

import (
	"slices"

	"flightrec/ground"
	"flightrec/journal"
)

// Cause says what ended the uptime before a downtime.
type Cause uint8

const (
	CauseUnknown  Cause = iota // nothing tells
	CauseCrash                 // the recorder was cut off, and another boot followed
	CauseShutdown              // the recorder landed while the machine was going down
	CauseStopped               // the recorder had been stopped before the machine went down
)

var causeNames = [...]string{"unknown", "crash", "shutdown", "stopped"}

// String returns the cause as reports spell it.
func (c Cause) String() string { return causeNames[c] }

// Period is an uptime or a downtime.
type Period struct {
	N           int         // its number among the report's uptimes or downtimes, from 1
	ground.Span             // within the time asked for
	Whole       ground.Span // as if all time had been asked for
	Open        bool        // a downtime whose start isn't known, since nothing is known before it
	Cause       Cause       // of a downtime
	Estimated   bool        // one of its ends belongs to a boot without an anchor
	*Uptime                 // nil for a downtime
}

// Up reports whether p is an uptime.
func (p *Period) Up() bool { return p.Uptime != nil }

// outage reports whether p is a downtime, and not just the time of which nothing is
// known.
func (p *Period) outage() bool { return !p.Up() && p.Whole.Start != everything.Start }

// silent reports whether p is a downtime of which nobody knows when in it the machine
// was down, or whether it was: the recorder had been stopped before, or nothing
// tells that there was another boot.
func (p *Period) silent() bool {
	return p.outage() && p.Cause != CauseCrash && p.Cause != CauseShutdown
}

// periodsOf returns the uptimes with a downtime before each.
func periodsOf(uptimes []*Uptime) []Period {
	periods := make([]Period, 0, 2*len(uptimes))
	end := everything.Start
	for i, u := range uptimes {
		// Boots can't overlap. Where their errors make it seem so, the downtime
		// between them has no length.
		down := Period{Whole: ground.Span{Start: min(end, u.span.Start), End: u.span.Start}, Estimated: u.estimated}
		if i > 0 {
			down.Cause = causeOf(uptimes[i-1], u)
			down.Estimated = down.Estimated || uptimes[i-1].estimated
		}
		up := Period{Whole: u.span, Estimated: u.estimated, Uptime: u}
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
		return CauseUnknown // nothing says that the machine went down at all
	case u.last.Landing != nil:
		return CauseStopped
	case u.last.Ending == journal.EndingLost:
		return CauseCrash
	}
	return CauseUnknown
}

// clip returns the periods that have to do with the time asked for, cut to it and
// numbered.
func clip(periods []Period, asked ground.Span) []Period {
	outside := func(p Period) bool { return !touches(p.Whole, asked) }
	inside := func(p Period) bool { return !outside(p) }
	first := slices.IndexFunc(periods, inside)
	if first < 0 || asked.Start == asked.End {
		return nil
	}
	for outside(periods[len(periods)-1]) {
		periods = periods[:len(periods)-1]
	}
	periods = periods[first:]
	if len(periods) == 1 && !periods[0].Up() && !periods[0].outage() {
		return nil // nothing but what was before the first uptime
	}
	for i := range periods {
		periods[i].cut(asked)
	}
	number(periods)
	return periods
}

// touches reports whether s has to do with the time asked for: whether they have an
// instant in common, or s is an instant of it.
func touches(s, asked ground.Span) bool {
	if s.Start == s.End {
		return asked.Start <= s.Start && s.Start < asked.End
	}
	return s.Start < asked.End && asked.Start < s.End
}

// cut sets what of p lies within the time asked for.
func (p *Period) cut(asked ground.Span) {
	p.Span = common(p.Whole, asked)
	p.End = max(p.Start, p.End)
	p.Open = p.Start == everything.Start
	if p.Span == p.Whole || !p.Up() {
		return
	}
	outside := func(s ground.Span) bool { return !touches(s, asked) }
	p.Gaps = slices.DeleteFunc(p.Gaps, outside)
	p.Flights = slices.DeleteFunc(slices.Clone(p.Flights), func(f *ground.Flight) bool { return outside(f.Span) })
}

// number numbers the periods and their flights in the order in which they stand.
func number(periods []Period) {
	var ups, downs int
	flights := 1
	for i := range periods {
		p := &periods[i]
		if !p.Up() {
			downs++
			p.N = downs
			continue
		}
		ups++
		p.N = ups
		p.FirstN = flights
		flights += len(p.Flights)
	}
}
