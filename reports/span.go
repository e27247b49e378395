package reports

import (
	"bytes"
	"cmp"
	"slices"
	"sort"
	"strconv"

	"flightrec/ground"
	"flightrec/journal"
)

// Length is a stretch of time in nanoseconds. Unlike a time.Duration it holds the
// whole range of an Instant, 584 years.
type Length uint64

// MarshalJSON writes l as seconds, exactly.
func (l Length) MarshalJSON() ([]byte, error) { return l.AppendSeconds(nil), nil }

// AppendSeconds appends l as seconds, exactly.
func (l Length) AppendSeconds(dst []byte) []byte {
	dst = strconv.AppendUint(dst, uint64(l/1e9), 10)
	if l%1e9 == 0 {
		return dst
	}
	at := len(dst)
	dst = strconv.AppendUint(dst, uint64(1e9+l%1e9), 10)
	dst[at] = '.' // instead of the 1
	return bytes.TrimRight(dst, "0")
}

// LengthOf returns the length of s, 0 for a span that ends before it starts.
func LengthOf(s ground.Span) Length {
	if s.End <= s.Start {
		return 0
	}
	return Length(s.End) - Length(s.Start) // wraps around to the right difference
}

// everything is all the time that an Instant can name.
var everything = ground.Span{Start: -1 << 63, End: 1<<63 - 1}

// common returns what a and b have in common. If that is nothing, the span
// returned is empty or ends before it starts.
func common(a, b ground.Span) ground.Span {
	return ground.Span{Start: max(a.Start, b.Start), End: min(a.End, b.End)}
}

// hull returns the smallest span that holds a and b.
func hull(a, b ground.Span) ground.Span {
	return ground.Span{Start: min(a.Start, b.Start), End: max(a.End, b.End)}
}

// set is a set of instants: spans in ascending order, none of them empty, no two of
// which touch.
type set []ground.Span

// union returns the instants that are in any of the spans.
func union(spans []ground.Span) set {
	spans = slices.DeleteFunc(slices.Clone(spans), func(s ground.Span) bool { return s.End <= s.Start })
	slices.SortFunc(spans, func(a, b ground.Span) int { return cmp.Compare(a.Start, b.Start) })
	u := set(spans[:0])
	for _, s := range spans {
		if last := len(u) - 1; last >= 0 && s.Start <= u[last].End {
			// u: f-------t
			// s:    f----|----t
			u[last].End = max(u[last].End, s.End)
			continue
		}
		u = append(u, s)
	}
	return u
}

// from returns the part of s that ends after i.
func (s set) from(i journal.Instant) set {
	for len(s) > 0 && s[0].End <= i {
		s = s[1:]
	}
	return s
}

// meets reports whether s and w have an instant in common.
func (s set) meets(w ground.Span) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].End > w.Start })
	return i < len(s) && s[i].Start < w.End && w.Start < w.End
}

// near returns the part of s whose spans have an instant in common with w. It is
// found without looking at all of the others.
func (s set) near(w ground.Span) set {
	if w.End <= w.Start {
		return nil
	}
	from := 0
	if len(s) > 0 && s[0].End <= w.Start {
		from = sort.Search(len(s), func(i int) bool { return s[i].End > w.Start })
	}
	to := from
	for to < len(s) && s[to].Start < w.End {
		to++
	}
	return s[from:to]
}
