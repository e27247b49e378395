package reports

import (
	"flightrec/ground"
	"flightrec/journal"
)

// estimated reports whether nothing anchors f: its times are guesses within its
// window.
func estimated(f *ground.Flight) bool { return f.Estimated() }

// anchored reports whether the place of b on the time line is known.
func anchored(b ground.Boot) bool {
	for _, f := range b.Flights {
		if estimated(f) {
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
