package journal

import (
	"math"
	"testing"
	"time"

	"github.com/segmentio/ksuid"
)

// A flight that was read twice is told once; if one reading isn't an earlier look at the
// other, that is said.
func TestTwins(t *testing.T) {
	began := InstantOf(time.Unix(2e9, 0))
	flight := func(beats uint64, elapsed time.Duration, ending Ending) Flight {
		f := Flight{ID: ksuid.Max, Ending: ending, Legs: []Leg{{Beats: beats, First: Fix{Wall: began}, Last: Fix{Elapsed: elapsed, Wall: began.Add(elapsed)}}}}
		if ending == EndingLanded {
			f.Landing = &Landing{Reason: "SIGTERM"}
		}
		return f
	}
	for _, test := range []struct {
		name string
		a, b Flight
		warn bool
	}{
		{"read again later", flight(3, time.Minute, EndingAloft), flight(9, time.Hour, EndingLanded), false},
		{"read twice", flight(9, time.Hour, EndingLanded), flight(9, time.Hour, EndingLanded), false},
		{"read aloft, then lost", flight(9, time.Hour, EndingAloft), flight(9, time.Hour, EndingLost), false},
		{"one landed, the other went on", flight(3, time.Minute, EndingLanded), flight(9, time.Hour, EndingAloft), true},
		{"one was lost, the other went on", flight(3, time.Minute, EndingLost), flight(9, time.Hour, EndingLost), true},
		{"as many heartbeats, at other times", flight(9, time.Minute, EndingAloft), flight(9, time.Hour, EndingLost), true},
		{"more heartbeats, and earlier", flight(9, time.Hour, EndingAloft), flight(10, time.Minute, EndingLost), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var l List
			l.Add(test.a)
			l.Add(test.b)
			warned := 0
			if got := l.Flights(func(error) { warned++ }); len(got) != 1 || got[0].Beats() != max(test.a.Beats(), test.b.Beats()) {
				t.Errorf("flights %+v", got)
			}
			if (warned == 1) != test.warn || warned > 1 {
				t.Errorf("%d warnings", warned)
			}
		})
	}
}

// A damaged file may promise any number of flights.
func TestListGrow(t *testing.T) {
	for _, n := range []int{-1, 0, 3, math.MaxInt} {
		var l List
		l.Grow(n)
		for i := range 3000 {
			l.Add(Flight{ID: ksuid.KSUID{byte(i >> 8), byte(i)}, Legs: make([]Leg, 1)})
		}
		if flights := l.Flights(func(err error) { t.Error(err) }); len(flights) != 3000 || !IsSorted(flights) {
			t.Errorf("room for %d: %d flights, sorted: %v", n, len(flights), IsSorted(flights))
		}
	}
}
