package reports

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	"flightrec/ground"
	"flightrec/journal"
)

// A bitmap is a set of the instants 0 to 6, one bit each: what the interval algebra
// is checked against.
type bitmap uint8

const instants = 7

func bitmapOf(spans ...ground.Span) bitmap {
	var b bitmap
	for _, s := range spans {
		for i := s.Start; i < s.End; i++ {
			b |= 1 << i
		}
	}
	return b
}

// set returns b as a set, one run of bits a span.
func (b bitmap) set() set {
	var s set
	for i := range journal.Instant(instants) {
		switch {
		case b>>i&1 == 0:
		case i > 0 && b>>(i-1)&1 == 1:
			s[len(s)-1].End++
		default:
			s = append(s, ground.Span{Start: i, End: i + 1})
		}
	}
	return s
}

// smallSpans are all spans on 0..7, the empty ones included.
func smallSpans() []ground.Span {
	var all []ground.Span
	for start := range journal.Instant(instants + 1) {
		for end := start; end <= instants; end++ {
			all = append(all, ground.Span{Start: start, End: end})
		}
	}
	return all
}

// lists yields every list of up to n spans of all, without regard to order.
func lists(all []ground.Span, n int) iter.Seq[[]ground.Span] {
	return func(yield func([]ground.Span) bool) {
		var grow func(list, rest []ground.Span) bool
		grow = func(list, rest []ground.Span) bool {
			if !yield(list) {
				return false
			}
			if len(list) == n {
				return true
			}
			for i := range rest {
				if !grow(append(list[:len(list):len(list)], rest[i]), rest[i:]) {
					return false
				}
			}
			return true
		}
		grow(nil, all)
	}
}

// checkSet fails unless s has the instants of want and is what a set must be: no two
// spans of it touch.
func checkSet(t *testing.T, what string, s set, want bitmap) {
	t.Helper()
	if got := bitmapOf(s...); got != want {
		t.Fatalf("%s = %v: bitmap %07b, want %07b", what, s, got, want)
	}
	for i, e := range s {
		if e.End <= e.Start || i > 0 && e.Start <= s[i-1].End {
			t.Fatalf("%s = %v: empty or touching spans", what, s)
		}
	}
}

func TestUnionIsBitmap(t *testing.T) {
	n := 0
	for spans := range lists(smallSpans(), 4) {
		backwards := slices.Clone(spans)
		slices.Reverse(backwards)
		for _, order := range [][]ground.Span{spans, backwards} {
			before := slices.Clone(order)
			checkSet(t, fmt.Sprintf("union(%v)", order), union(order), bitmapOf(spans...))
			if !slices.Equal(before, order) {
				t.Fatalf("union changed its argument %v to %v", before, order)
			}
		}
		n++
	}
	if n != 91390 { // lists of 0 to 4 out of 36 spans, repeated or not
		t.Errorf("tried %d lists", n)
	}
}

func TestNearIsBitmap(t *testing.T) {
	for a := range bitmap(1 << instants) {
		for _, w := range append(smallSpans(), ground.Span{Start: 5, End: 2}) {
			s := a.set()
			for _, e := range s {
				if near := slices.Contains(s.near(w), e); near != (bitmapOf(e)&bitmapOf(w) != 0) {
					t.Fatalf("%v.near(%v) has %v: %v", s, w, e, near)
				}
			}
		}
	}
}

func TestHullAndCommon(t *testing.T) {
	for _, a := range smallSpans() {
		for _, b := range smallSpans() {
			if got, want := bitmapOf(common(a, b)), bitmapOf(a)&bitmapOf(b); got != want {
				t.Fatalf("common(%v, %v) = %07b, want %07b", a, b, got, want)
			}
			h := hull(a, b)
			if h.Start != min(a.Start, b.Start) || h.End != max(a.End, b.End) {
				t.Fatalf("hull(%v, %v) = %v", a, b, h)
			}
		}
	}
}

// A Length holds what a time.Duration can't.
func TestLengthOfEverything(t *testing.T) {
	if got := LengthOf(everything); got != 1<<64-1 {
		t.Errorf("length of all time = %d", got)
	}
	if got := LengthOf(ground.Span{Start: 5, End: 2}); got != 0 {
		t.Errorf("length of a span that ends before it starts = %d", got)
	}
}

func TestSecondsAreExact(t *testing.T) {
	for l, want := range map[Length]string{
		0:           "0",
		1:           "0.000000001",
		1e9:         "1",
		1500000000:  "1.5",
		10000000010: "10.00000001",
		1<<64 - 1:   "18446744073.709551615",
	} {
		if got := string(l.AppendSeconds(nil)); got != want {
			t.Errorf("seconds of %d = %s, want %s", l, got, want)
		}
	}
}
