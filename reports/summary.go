package reports

import (
	"slices"

	"flightrec/ground"
	"flightrec/journal"
)

// Summary is what a report says of a machine in figures. Its sums add up: Up, Down
// and Unknown are the time asked for, Crashes, Shutdowns and Stopped are outages.
// It is made of the periods as listed, cut to the time asked for.
type Summary struct {
	Up, Down, Unknown           Length
	Boots                       int
	Outages                     int // downtimes but for the one before the first uptime
	Crashes, Shutdowns, Stopped int
	// LongestUptime and LongestDowntime are nil where there is none, MeanDowntime as
	// well. A period whose length isn't known counts in none of them.
	LongestUptime, LongestDowntime, MeanDowntime *Length

	since Length // the part of Unknown since the last heartbeat, where no end was asked for
}

// Availability returns the part of the known time that the machine was up, and false
// if no time is known.
func (s *Summary) Availability() (float64, bool) {
	known := float64(s.Up) + float64(s.Down)
	return float64(s.Up) / known, known > 0
}

// BetweenFailures returns the time that the machine was up for each crash, and false
// if there was none.
func (s *Summary) BetweenFailures() (Length, bool) {
	if s.Crashes == 0 {
		return 0, false
	}
	return s.Up / Length(s.Crashes), true
}

// summarize counts the periods. With observed, each downtime is one of the recorder,
// whatever the machine did.
func summarize(periods []Period, observed bool) Summary {
	var s Summary
	var down Length
	var measured int
	for i := range periods {
		p := &periods[i]
		known := !p.Estimated
		switch {
		case p.Up():
			s.Boots += p.Boots
			if known || p.Span == p.Whole {
				s.LongestUptime = longest(s.LongestUptime, lengthOf(p.Span))
			}
		case p.outage():
			s.count(p.Cause)
			if known && (observed || !p.silent()) {
				measured++
				down += lengthOf(p.Span)
				s.LongestDowntime = longest(s.LongestDowntime, lengthOf(p.Span))
			}
		}
	}
	if measured > 0 {
		mean := down / Length(measured)
		s.MeanDowntime = &mean
	}
	return s
}

// count counts an outage.
func (s *Summary) count(c Cause) {
	s.Outages++
	switch c {
	case CauseCrash:
		s.Crashes++
	case CauseShutdown:
		s.Shutdowns++
	case CauseStopped:
		s.Stopped++
	}
}

// longest returns the longer of a, nil for none, and b.
func longest(a *Length, b Length) *Length {
	if a != nil && *a >= b {
		return a
	}
	longer := b // it takes memory of its own only if it is
	return &longer
}

// An account is what a machine's boots say of the time that the summary is about.
type tally struct {
	known  ground.Span // from the first boot to the last heartbeat
	period ground.Span // that time
	up     Length
	idle   set // what of it is known and in no boot, nor where one may have been
}

// accountOf goes through boots, by the rules in the package's comment.
func tallyOf(boots []ground.Boot, opts *Options) tally {
	up, windows := make([]ground.Span, 0, len(boots)), []ground.Span(nil)
	known := boots[0].Span
	parts := make(map[string]int) // where the span of a boot that comes in parts is in up
	for _, b := range boots {
		known = hull(known, b.Span)
		part, other := parts[b.ID]
		switch {
		case !anchored(b):
			windows = append(windows, extent(windowOf(b), b.Span))
		case other:
			up[part] = hull(up[part], b.Span)
		default:
			if b.ID != "" && b.Flights[0].Takeoff.SinceBoot < 0 {
				parts[b.ID] = len(up)
			}
			up = append(up, b.Span)
		}
	}
	certain, slack := union(up), union(windows)
	asked := opts.asked()
	period := accounted(asked, known, opts)

	// Boots that overlap, as two recorders whose boot isn't known do, must not
	// count twice what there is but once. Those of one lane never do.
	var least Length
	lanes := make(map[string]Length)
	for _, b := range boots {
		if !anchored(b) {
			least = max(least, inLanes(lanes, b, leastOverlap(b, certain, asked)))
		}
	}
	least = min(least, slack.clip(period).minus(certain).length())
	return tally{
		known: known, period: period,
		up:   certain.clip(period).length() + least,
		idle: set{known}.clip(period).minus(certain).minus(slack),
	}
}

// settle fills in Up, Down and Unknown.
func (s *Summary) settle(a tally, periods []Period, opts *Options) {
	var silent []ground.Span
	for i := range periods {
		if p := &periods[i]; p.silent() && !opts.Observed {
			silent = append(silent, p.Whole)
		}
	}
	s.Up = a.up
	s.Down = a.idle.minus(union(silent)).length()
	s.Unknown = lengthOf(a.period) - s.Up - s.Down
	if opts.Until == nil {
		s.since = min(s.Unknown, lengthOf(ground.Span{Start: max(a.known.End, a.period.Start), End: a.period.End}))
	}
}

// inLanes adds l to the sums of the lanes in which b was recorded, and returns the
// largest of these.
func inLanes(sums map[string]Length, b ground.Boot, l Length) (largest Length) {
	for i, f := range b.Flights {
		if !slices.ContainsFunc(b.Flights[:i], func(g *ground.Flight) bool { return g.Lane == f.Lane }) {
			sums[f.Lane] += l
		}
		largest = max(largest, sums[f.Lane])
	}
	return largest
}

// accounted returns the time that the summary is about: the time asked for, from the
// first uptime on where no beginning was asked for, until now where no end was.
func accounted(asked, known ground.Span, opts *Options) ground.Span {
	if opts.Since == nil {
		asked.Start = known.Start
	}
	if opts.Until == nil {
		asked.End = max(known.End, opts.Now)
	}
	asked.End = max(asked.Start, asked.End)
	return asked
}

// leastOverlap returns how long a boot without an anchor was certainly up within the
// time asked for and outside of the anchored uptimes.
func leastOverlap(b ground.Boot, certain set, asked ground.Span) Length {
	window := extent(windowOf(b), b.Span)
	length := lengthOf(b.Span)
	free := set{window}.clip(asked).minus(certain.near(window))
	if len(free) == 1 {
		// The overlap with a single span has no valley: it is least where the boot
		// lies at one of the ends of its window.
		early := ground.Span{Start: window.Start, End: window.Start + journal.Instant(length)}
		late := ground.Span{Start: window.End - journal.Instant(length), End: window.End}
		return min(lengthOf(common(early, free[0])), lengthOf(common(late, free[0])))
	}
	hidden := lengthOf(window) - free.length()
	return length - min(length, hidden)
}
