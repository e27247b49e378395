package reports

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"testing"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// original is the original flight-recorder's report, as far as spans go: a sweep
// over the flights' begins and ends in order of time, in which at one moment begins
// come before ends. A begin while no flight is open ends a downtime.
//
// It prints an uptime's flights in order of their ends, and numbers flights by the
// order of takeoff; ours are in order of takeoff, and numbered as they stand.
func original(flights []ground.Span) []string {
	type event struct {
		at    journal.Instant
		begin bool
		id    int
	}
	var events []event
	for id, f := range flights {
		events = append(events, event{f.Start, true, id}, event{f.End, false, id})
	}
	slices.SortStableFunc(events, func(a, b event) int {
		if c := cmp.Compare(a.at, b.at); c != 0 || a.begin == b.begin {
			return c
		}
		if a.begin {
			return -1
		}
		return 1
	})
	var lines []string
	var uptime []ground.Span
	open := make(map[int]bool)
	last := everything.Start
	land := func() {
		if len(uptime) > 0 {
			lines = append(lines, describe(uptime)...)
			uptime = nil
		}
	}
	for _, e := range events {
		if e.begin {
			if len(open) == 0 {
				land()
				lines = append(lines, fmt.Sprint("down ", last, " ", e.at))
			}
			open[e.id] = true
			continue
		}
		delete(open, e.id)
		uptime = append(uptime, flights[e.id])
		last = e.at
	}
	land()
	return lines
}

// describe describes an uptime of the flights given.
func describe(flights []ground.Span) []string {
	all := flights[0]
	for _, f := range flights {
		all = hull(all, f)
	}
	lines := []string{fmt.Sprint("up ", all.Start, " ", all.End)}
	// Neither order of flights is the other's; what can be compared is which there are.
	flights = slices.SortedFunc(slices.Values(flights), func(a, b ground.Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	for _, f := range flights {
		lines = append(lines, fmt.Sprint("flight ", f.Start, " ", f.End))
	}
	return lines
}

// synchronised returns the n-th flight as it was recorded, with network time all
// along: two heartbeats at least, or but one if it has no length.
func synchronised(n int, boot string, s ground.Span) journal.Flight {
	f := *flySpan(n, s).Flight
	f.Takeoff.Machine, f.Takeoff.Boot = "m", boot
	f.Takeoff.Recorder = "" // of an imported history: no recorder flew in 1970
	first := journal.Fix{Raw: clock.Unknown, Wall: s.Start, Sync: clock.SyncSynced}
	last := first
	last.Elapsed = s.End.Sub(s.Start)
	last.Awake, last.Wall = last.Elapsed, s.End
	f.Legs = []journal.Leg{{Beats: 2, First: first, Last: last}}
	return f
}

func TestObservedIsTheOriginal(t *testing.T) {
	checks(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		var spans []ground.Span
		var flights []journal.Flight
		// On so few instants ties, touching, nested and empty flights abound.
		for n := range rapid.IntRange(1, 12).Draw(t, "flights") {
			start := rapid.IntRange(0, 30).Draw(t, "start")
			length := rapid.IntRange(0, 6).Draw(t, "length")
			s := ground.Span{Start: journal.Instant(start), End: journal.Instant(start + length)}
			id := rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "boot")
			spans = append(spans, s)
			flights = append(flights, synchronised(n, id, s))
		}
		report := New(flights, Options{Selection: Selection{Observed: true}})
		var got []string
		number := 1
		for _, p := range first(report.Machines).Periods {
			if !p.Up() {
				got = append(got, fmt.Sprint("down ", p.Start, " ", p.End))
				continue
			}
			var flights []ground.Span
			for _, f := range p.Flights {
				if f.N != number {
					t.Fatalf("flight %d has the number %d", number, f.N)
				}
				number++
				flights = append(flights, f.Span)
			}
			if lines := describe(flights); lines[0] != fmt.Sprint("up ", p.Start, " ", p.End) {
				t.Fatalf("uptime %v is not %s", p.Span, lines[0])
			}
			if !slices.IsSortedFunc(p.flights, compareStart) || len(p.Gaps) > 0 {
				t.Fatalf("flights out of order, or gaps between them: %v, %v", flights, p.Gaps)
			}
			got = append(got, describe(flights)...)
		}
		if want := original(spans); !slices.Equal(got, want) {
			t.Fatalf("flights %v:\ngot  %q\nwant %q", spans, got, want)
		}
	})
}

// first returns the first element of a sequence.
func first[T any](seq iter.Seq[T]) (v T) {
	for v = range seq {
		break
	}
	return v
}

// What the original makes of the flights of its own tests; a check of the oracle.
func TestOriginal(t *testing.T) {
	spans := func(edges ...journal.Instant) (all []ground.Span) {
		for edge := range slices.Chunk(edges, 2) {
			all = append(all, ground.Span{Start: edge[0], End: edge[1]})
		}
		return all
	}
	for _, test := range []struct {
		name    string
		flights []ground.Span
		want    []string
	}{
		{"empty", nil, nil},
		{"no length", spans(0, 0), []string{"down -9223372036854775808 0", "up 0 0", "flight 0 0"}},
		{"gap", spans(0, 100, 200, 250), []string{"down -9223372036854775808 0", "up 0 100", "flight 0 100", "down 100 200", "up 200 250", "flight 200 250"}},
		{"touching", spans(0, 100, 100, 150), []string{"down -9223372036854775808 0", "up 0 150", "flight 0 100", "flight 100 150"}},
		{"nested", spans(0, 300, 100, 150), []string{"down -9223372036854775808 0", "up 0 300", "flight 0 300", "flight 100 150"}},
		{"no length at the start of another", spans(0, 0, 0, 10), []string{"down -9223372036854775808 0", "up 0 10", "flight 0 0", "flight 0 10"}},
	} {
		if got := original(test.flights); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
