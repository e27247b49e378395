package reports

import (
	"cmp"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// ClockLog is what the heartbeats of a boot tell of its clocks.
type ClockLog struct {
	Boot        string // the boot's ID, empty where not known
	ground.Span        // of the boot
	// Estimated says that the boot has no anchor: its times are estimates, and
	// nothing tells how wrong its wall clock was.
	Estimated  bool
	Events     []Event // in order of their start
	Oscillator *Oscillator
}

// Event is an entry of a clock log.
type Event struct {
	Kind        EventKind
	ground.Span // on the true time line; of no length where it was a moment

	Old, New journal.Instant // EventStep: what the wall clock would have shown, and what it showed
	By       time.Duration   // EventStep: New-Old; EventWrong: how far the wall clock was ahead; EventSuspend: how long it slept
	ByEnd    time.Duration   // EventWrong: how far it was ahead at the end, where it had been slewed

	Sync     clock.Sync    // EventSync, EventGained, EventLost: the state from then on,
	Source   clock.Source  // what told it,
	MaxError time.Duration // and the clock's maximum error, clock.Unknown where not known
}

// EventKind says what happened to a clock.
type EventKind uint8

const (
	EventWrong   EventKind = iota // the wall clock was wrong by more than all errors allow
	EventSuspend                  // the machine slept, some time between Start and End
	EventStall                    // the recorder itself stood still
	EventPause                    // the machine stood still without its boot clock noticing
	EventStep                     // the wall clock was stepped
	EventSync                     // the sync state at the first takeoff
	EventGained                   // the wall clock was called synchronised, or nearly so
	EventLost                     // and no longer
)

var eventNames = [...]string{"wrong", "suspend", "stall", "pause", "step", "sync", "gained", "lost"}

// String returns the kind as JSON spells it.
func (k EventKind) String() string { return eventNames[k] }

const (
	// leastWrong is what a wall clock must be off where nothing bounds its error.
	leastWrong = time.Second
	// forever is longer than any machine is up, and leaves room for sums.
	forever time.Duration = 1 << 62
)

// clockLogsOf returns the clock logs of the boots that have to do with the time asked
// for.
func clockLogsOf(boots []ground.Boot, asked ground.Span) []ClockLog {
	var logs []ClockLog
	for _, b := range boots {
		if touches(b.Span, asked) {
			logs = append(logs, newClockLog(b))
		}
	}
	slices.SortStableFunc(logs, func(a, b ClockLog) int { return cmp.Compare(a.Start, b.Start) })
	return logs
}

// newClockLog writes the clock log of a boot.
func newClockLog(b ground.Boot) ClockLog {
	d := ClockLog{Boot: b.ID, Span: b.Span, Estimated: !anchored(b)}
	seen := stretchesOf(b)
	for i := range seen {
		if !d.Estimated {
			d.compare(&seen[i])
		}
		if i == 0 {
			d.sync(EventSync, &seen[i])
			continue
		}
		d.change(&seen[i-1], &seen[i])
	}
	for _, f := range b.Flights {
		for _, p := range f.Pauses {
			if e := (Event{Kind: EventPause, Span: p}); !slices.Contains(d.Events, e) {
				d.Events = append(d.Events, e)
			}
		}
	}
	slices.SortStableFunc(d.Events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Kind, b.Kind))
	})
	d.Oscillator = oscillatorOf(b)
	return d
}

// A stretch is a leg, or the part of it that no earlier flight of the boot has
// recorded already.
type stretch struct {
	*ground.Flight
	journal.Leg
	from, to time.Duration // on the boot clock
	span     ground.Span   // on the true time line
}

// stretchesOf returns the stretches of b, in order of its boot clock.
func stretchesOf(b ground.Boot) []stretch {
	var found []stretch
	var covered time.Duration
	// Two journals of one machine may have their flights in an order that is not that of time.
	flights := slices.Clone(b.Flights)
	slices.SortStableFunc(flights, func(f, g *ground.Flight) int { return cmp.Compare(f.Takeoff.SinceBoot, g.Takeoff.SinceBoot) })
	for _, f := range flights {
		took := max(0, f.Takeoff.SinceBoot)
		for _, leg := range f.Legs {
			if late := covered - (took + leg.First.Elapsed); late > 0 {
				if took+leg.Last.Elapsed <= covered {
					continue
				}
				leg.First = later(leg.First, late)
			}
			s := stretch{Flight: f, Leg: leg, from: took + leg.First.Elapsed, to: took + leg.Last.Elapsed}
			s.span = ground.Span{Start: truth(f, leg.First), End: truth(f, leg.Last)}
			found = append(found, s)
		}
		covered = max(covered, took+f.Legs[len(f.Legs)-1].Last.Elapsed)
	}
	return found
}

// later returns the fix that a heartbeat would have been, d after f.
func later(f journal.Fix, d time.Duration) journal.Fix {
	f.Elapsed, f.Awake, f.Wall = f.Elapsed+d, f.Awake+d, f.Wall.Add(d)
	if f.Raw != clock.Unknown {
		f.Raw += d
	}
	return f
}

// truth returns the true time of a fix of f, by the place of its leg.
func truth(f *ground.Flight, fix journal.Fix) journal.Instant {
	i, _ := slices.BinarySearchFunc(f.Legs, fix.Elapsed, func(l journal.Leg, at time.Duration) int { return cmp.Compare(l.Last.Elapsed, at) })
	if i >= len(f.Times) {
		return f.Start.Add(fix.Elapsed - f.Legs[0].First.Elapsed)
	}
	leg, span := &f.Legs[i], f.Times[i]
	if ran := leg.Last.Elapsed - leg.First.Elapsed; ran > 0 {
		return span.Start.Add(time.Duration(float64(span.End.Sub(span.Start)) * float64(fix.Elapsed-leg.First.Elapsed) / float64(ran)))
	}
	return span.Start
}

// compare notes where the wall clock was wrong in s, as one event with what was
// noted before if it was wrong by the same.
func (d *ClockLog) compare(s *stretch) {
	limit := leastWrong
	if s.Error != clock.Unknown {
		limit = clock.LineLimit + min(s.Error, forever)
	}
	by, byEnd := s.First.Wall.Sub(s.span.Start), s.Last.Wall.Sub(s.span.End)
	last := d.lastWrong()
	same := last != nil && (by-last.ByEnd).Abs() <= limit
	if last != nil && last.End == d.End {
		last.End = s.span.Start
	}
	switch {
	case by.Abs() <= limit && byEnd.Abs() <= limit:
	case same && last.End == s.span.Start:
		last.End, last.ByEnd = d.End, byEnd
	default:
		d.Events = append(d.Events, Event{Kind: EventWrong, Span: ground.Span{Start: s.span.Start, End: d.End}, By: by, ByEnd: byEnd})
	}
}

// lastWrong returns the latest event of that kind, or nil.
func (d *ClockLog) lastWrong() *Event {
	for i := range slices.Backward(d.Events) {
		if d.Events[i].Kind == EventWrong {
			return &d.Events[i]
		}
	}
	return nil
}

// change notes what happened between two stretches that follow each other.
func (d *ClockLog) change(before, after *stretch) {
	between := ground.Span{Start: before.span.End, End: after.span.Start}
	passed := after.from - before.to
	moved := after.First.Wall.Sub(before.Last.Wall.Add(passed))
	// Where the boot clock isn't disciplined the wall clock may be slewed against it.
	if after.Cause == journal.CauseStep || moved.Abs() > clock.LooseStepLimit(passed) {
		d.Events = append(d.Events, Event{
			Kind: EventStep, Span: ground.Span{Start: between.End, End: between.End},
			Old: after.First.Wall.Add(-moved), New: after.First.Wall, By: moved,
		})
	}
	if before.Flight == after.Flight {
		slept := passed - (after.First.Awake - before.Last.Awake)
		switch {
		case slept > clock.SleepLimit:
			// A sleep may have been counted too long.
			slept = min(slept, max(0, between.End.Sub(between.Start)-(after.First.Awake-before.Last.Awake)))
			d.Events = append(d.Events, Event{Kind: EventSuspend, Span: between, By: slept})
		case after.Cause == journal.CauseStall:
			d.Events = append(d.Events, Event{Kind: EventStall, Span: between})
		}
	}
	switch was, is := before.Last.Sync, after.First.Sync; {
	case is > was && is >= clock.SyncWeak:
		d.sync(EventGained, after)
	case is < was && was >= clock.SyncWeak:
		d.sync(EventLost, after)
	}
}

// sync notes the sync state at the beginning of s.
func (d *ClockLog) sync(kind EventKind, s *stretch) {
	d.Events = append(d.Events, Event{
		Kind: kind, Span: ground.Span{Start: s.span.Start, End: s.span.Start},
		Sync: s.First.Sync, Source: s.Source, MaxError: s.First.MaxError,
	})
}
