package reports

import (
	"slices"

	"flightrec/ground"
	"flightrec/journal"
)

// anchored reports whether the place of b on the time line is known.
func anchored(b ground.Boot) bool {
	for _, f := range b.Flights {
		if f.Estimated() {
			return false
		}
	}
	return true
}

// windowOf returns the window of a boot without an anchor: what the windows of its
// flights say of the boot as a whole, which may begin before them and end after.
func windowOf(b ground.Boot) ground.Window {
	var w ground.Window
	for _, f := range b.Flights {
		if e := f.Window.Earliest; e != nil {
			began := e.Add(-f.Start.Sub(b.Start))
			if w.Earliest == nil || *w.Earliest < began {
				w.Earliest = &began
			}
		}
		if l := f.Window.Latest; l != nil {
			over := l.Add(b.End.Sub(f.End))
			if w.Latest == nil || over < *w.Latest {
				w.Latest = &over
			}
		}
	}
	return w
}

// upOf returns where the boots are drawn that count as up: those with an anchor, from
// the first part to the last of a boot that comes in parts, and those without one. Boots
// whose boot clock or ID isn't known may have been up at the same time in several lanes,
// and would count twice where they are drawn apart: of these only the lane counts in which
// they were up for longest, and of that what can't have been at the same time as a boot
// with an anchor in another.
func upOf(boots []ground.Boot, observed bool) set {
	apart := func(b *ground.Boot) bool {
		return anchored(*b) || !observed && b.ID != "" && b.Flights[0].Takeoff.SinceBoot >= 0
	}
	lanes := make(map[string]Length)
	var longest string
	for i := range boots {
		b := &boots[i]
		if apart(b) {
			continue
		}
		for _, lane := range lanesOf(b) {
			lanes[lane] += LengthOf(b.Span)
			if lanes[lane] > lanes[longest] || longest == "" {
				longest = lane
			}
		}
	}
	beside := make(map[string]set) // of each other lane, the boots with an anchor
	if len(lanes) > 0 {
		certain := make(map[string][]ground.Span)
		for i := range boots {
			b := &boots[i]
			if !anchored(*b) {
				continue
			}
			for _, lane := range lanesOf(b) {
				certain[lane] = append(certain[lane], b.Span)
			}
		}
		for lane, spans := range certain {
			if lane != longest {
				beside[lane] = union(spans)
			}
		}
	}
	counts := func(b *ground.Boot) bool {
		if !slices.Contains(lanesOf(b), longest) {
			return false
		}
		for lane, spans := range beside {
			if !slices.Contains(lanesOf(b), lane) && spans.meets(extent(windowOf(*b), b.Span)) {
				return false
			}
		}
		return true
	}
	up := make([]ground.Span, 0, len(boots))
	parts := make(map[string]int) // where the first part of a boot is in up
	for i := range boots {
		b := &boots[i]
		switch part, other := parts[b.ID]; {
		case !apart(b) && !counts(b):
		case other && anchored(*b):
			up[part] = hull(up[part], b.Span)
		default:
			if b.ID != "" && anchored(*b) && b.Flights[0].Takeoff.SinceBoot < 0 {
				parts[b.ID] = len(up)
			}
			up = append(up, b.Span)
		}
	}
	return union(up)
}

// lanesOf returns the lanes in which b was recorded, each once.
func lanesOf(b *ground.Boot) (lanes []string) {
	for _, f := range b.Flights {
		if !slices.Contains(lanes, f.Lane) {
			lanes = append(lanes, f.Lane)
		}
	}
	return lanes
}

// windowsOf returns where the boots without an anchor may have been, and where those may
// have been up of which nothing tells.
func windowsOf(boots []ground.Boot) set {
	var windows []ground.Span
	for _, b := range boots {
		switch {
		case !anchored(b):
			w := windowOf(b)
			w.Earliest = moved(w.Earliest, -b.Undecided)
			windows = append(windows, extent(w, b.Span))
		case b.Undecided > 0:
			windows = append(windows, ground.Span{Start: b.Start.Add(-b.Undecided), End: b.Start})
		}
	}
	return union(windows)
}

// within reports whether what lies in w lies in s.
func within(w ground.Window, s ground.Span) bool {
	return w.Earliest != nil && *w.Earliest >= s.Start && w.Latest != nil && *w.Latest <= s.End
}

// widest returns the window that holds both a and b.
func widest(a, b ground.Window) ground.Window {
	return ground.Window{
		Earliest: further(a.Earliest, b.Earliest, -1),
		Latest:   further(a.Latest, b.Latest, 1),
	}
}

// further returns that of two bounds which lies further in the direction given;
// nil, no bound, lies furthest.
func further(a, b *journal.Instant, direction journal.Instant) *journal.Instant {
	if a == nil || b == nil {
		return nil
	}
	if (*a-*b)*direction > 0 {
		return a
	}
	return b
}

// latest returns the later of two bounds, nil where there is none.
func latest(a, b *journal.Instant) *journal.Instant {
	if a == nil || b != nil && *a < *b {
		return b
	}
	return a
}

// extent returns the window as a span, at least as wide as the place where the
// report draws what lies in it.
func extent(w ground.Window, drawn ground.Span) ground.Span {
	s := everything
	if w.Earliest != nil {
		s.Start = *w.Earliest
	}
	if w.Latest != nil {
		s.End = *w.Latest
	}
	return hull(s, drawn)
}
