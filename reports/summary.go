package reports

import "slices"

// Summary is what a report says of a machine in figures. Up, Down and Unknown are sums
// over the time line, and add up to its length. The rest is of the periods as they are
// listed, cut to the time asked for. Crashes, Shutdowns and Stopped are outages.
type Summary struct {
	Up, Down, Unknown           Length
	Boots                       int
	Outages                     int // downtimes but for the one before the first uptime
	Crashes, Shutdowns, Stopped int
	Reasons                     []Count // of the crashes, the most frequent first
	// LongestUptime and LongestDowntime are nil where there is none, MeanDowntime as
	// well. A period whose length isn't known counts in none of them.
	LongestUptime, LongestDowntime, MeanDowntime *Length

	Excluded Length // what was asked to be left out of the sums
	Silent   Length // the part of Unknown since the last sign of life, where no end was asked for
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

// summarize counts a machine's periods and sums up its time line. With open, no end was
// asked for.
func summarize(m *Machine, open bool) Summary {
	var s Summary
	for i := range m.Line {
		span := &m.Line[i]
		l := LengthOf(span.Span)
		if span.Excluded {
			s.Excluded += l
			continue
		}
		switch span.State {
		case StateUp:
			s.Up += l
		case StateDown:
			s.Down += l
		default:
			s.Unknown += l
		}
		if open && span.Cause == CauseSilent {
			s.Silent += l
		}
	}
	var down Length
	var measured int
	for i := range m.Periods {
		p := &m.Periods[i]
		known := !p.Estimated()
		switch {
		case p.Up():
			s.Boots += p.Boots
			if !p.LengthEstimated() {
				s.LongestUptime = longest(s.LongestUptime, p.Length())
			}
		case p.Outage():
			s.count(p)
			if known && p.State == StateDown {
				measured++
				down += p.Length()
				s.LongestDowntime = longest(s.LongestDowntime, p.Length())
			}
		}
	}
	slices.SortStableFunc(s.Reasons, func(a, b Count) int { return b.N - a.N })
	if measured > 0 {
		mean := down / Length(measured)
		s.MeanDowntime = &mean
	}
	return s
}

// count counts an outage.
func (s *Summary) count(p *Period) {
	s.Outages++
	switch p.Cause {
	case CauseCrash:
		s.Crashes++
		s.Reasons = countVerdict(s.Reasons, p.Verdict)
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
