package reports

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// TestPassages has a long text written on several processors, and on one, which goes
// from beginning to end: it must be the same, numbers and all.
func TestPassages(t *testing.T) {
	boots := manyBoots(5 * passageLen)
	written := func(processors int, opts Options) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var text strings.Builder
		if err := New(boots, opts).WriteText(&text); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	for _, opts := range []Options{{}, {All: true}, {Observed: true}} {
		want := written(1, opts)
		for _, kind := range []string{"GAP #1000:", "PAUSE #1000:", "CRASH LOOP #50:", "[200]", "and others"} {
			if !opts.All && !opts.Observed && !strings.Contains(want, kind) {
				t.Errorf("no %q to be told in several passages", kind)
			}
		}
		for processors := range 5 {
			if got := written(processors+1, opts); got != want {
				t.Errorf("%+v: on %d processors another text than on one: %s", opts, processors+1, firstDifference(got, want))
			}
		}
	}
}

// manyBoots returns so many boots with all that the text has numbers for.
func manyBoots(n int) []ground.Boot {
	var boots []ground.Boot
	random := rand.New(rand.NewPCG(1, 2))
	start, flights, loop := at("00:00:00"), 0, 0
	next := func(length time.Duration) *ground.Flight {
		flights++
		f := flySpan(flights, ground.Span{Start: start, End: start.Add(length)})
		start = f.End.Add(10 * time.Second)
		return f
	}
	for len(boots) < n {
		f := next(10 * time.Minute)
		crew := []*ground.Flight{f}
		switch kind := random.IntN(20); {
		case loop > 0:
			loop--
			f.End = f.Start.Add(time.Minute)
		case random.IntN(100) == 0:
			loop = 2 + random.IntN(100)
		case kind < 4:
			f.Grounding = ground.GroundingWall
			earliest, latest := f.Start.Add(-time.Second), f.End.Add(time.Second)
			f.Window = ground.Window{Earliest: &earliest, Latest: &latest}
		case kind < 6:
			f.Grounding = ground.GroundingWall // and nothing bounds it
		case kind < 12:
			landed(f, journal.ShutdownYes)
			crew = append(crew, next(time.Minute), next(time.Minute))
		case kind < 18:
			f.Pauses = []ground.Span{{Start: f.Start.Add(time.Second), End: f.Start.Add(2 * time.Second)}}
		}
		boots = append(boots, boot(fmt.Sprintf("boot-%d", len(boots)), crew...))
	}
	return boots
}

// firstDifference returns the first line of got that isn't that of want.
func firstDifference(got, want string) string {
	expected := strings.Split(want, "\n")
	for i, line := range strings.Split(got, "\n") {
		if i == len(expected) || line != expected[i] {
			return fmt.Sprintf("line %d: %s", i+1, line)
		}
	}
	return "it ends early"
}
