package ground

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// worlds sets how many worlds the rapid checks of t try.
func worlds(t *testing.T, n int) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return // the user wants another number
	}
	if testing.Short() {
		n /= 100
	}
	if err := checks.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checks.Value.Set(checks.DefValue) })
}

func TestWorlds(t *testing.T) {
	worlds(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		boots := Ground(w.flights, Options{})
		if msg := w.judge(boots, Options{}); msg != "" {
			t.Fatalf("%s\n%s\n%s", msg, strings.Join(w.news, "\n"), w.tell(boots))
		}
		alone := Options{Observed: true}
		if boots := Ground(w.flights, alone); w.judge(boots, alone) != "" {
			t.Fatalf("observed: %s\n%s\n%s", w.judge(boots, alone), strings.Join(w.news, "\n"), w.tell(boots))
		}
		shuffled := make([]journal.Flight, len(w.flights))
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 0))
		for i, j := range rnd.Perm(len(shuffled)) {
			shuffled[i] = w.flights[j]
		}
		if again := Ground(shuffled, Options{}); !reflect.DeepEqual(boots, again) {
			t.Fatalf("the order of the input changes the answer:\n%s\n%s", w.tell(boots), w.tell(again))
		}
	})
}

// index returns which of w's flights f is.
func (w *world) index(f *Flight) int {
	for i := range w.flights {
		if w.flights[i].ID == f.ID {
			return i
		}
	}
	return -1
}

// judge returns what in boots contradicts the truth, or "".
func (w *world) judge(boots []Boot, opts Options) string {
	shared := w.named && w.since && !opts.Observed
	if shared && w.vague || !shared && w.lone {
		return ""
	}
	n := 0
	for _, b := range boots {
		for _, f := range b.Flights {
			n++
			i := w.index(f)
			if msg := judge(f, w.truth[i]); msg != "" {
				return fmt.Sprintf("flight %d: %s", i, msg)
			}
			if f.Start < b.Start || f.End > b.End {
				return fmt.Sprintf("flight %d lies outside of its boot", i)
			}
		}
	}
	if msg := w.order(boots); msg != "" {
		return msg
	}
	if n != len(w.flights) {
		return fmt.Sprintf("%d flights became %d", len(w.flights), n)
	}
	return ""
}

// noise is how exact all of this is: no clock is read quicker.
const noise = time.Millisecond

func judge(f *Flight, truth Span) string {
	if f.Start > f.End {
		return "it ends before it starts"
	}
	switch f.Grounding {
	case ByNTP, ByBoot:
		if f.Error == clock.Unknown {
			return "nothing bounds its error"
		}
		for _, off := range []time.Duration{f.Start.Sub(truth.Start), f.End.Sub(truth.End)} {
			if max(off, -off) > f.Error+noise {
				return fmt.Sprintf("off by %v, error %v", off, f.Error)
			}
		}
		if f.Window != (Window{}) {
			return "it has a window and an anchor"
		}
	default:
		if lo := f.Window.Earliest; lo != nil && truth.Start.Add(noise) < *lo {
			return fmt.Sprintf("it started %v before its window", lo.Sub(truth.Start))
		}
		if hi := f.Window.Latest; hi != nil && truth.End > hi.Add(noise) {
			return fmt.Sprintf("it ended %v after its window", truth.End.Sub(*hi))
		}
		if lo := f.Window.Earliest; lo != nil && f.Start < *lo {
			return "it is drawn before its window"
		}
		if hi := f.Window.Latest; hi != nil && f.End > *hi {
			return "it is drawn after its window"
		}
	}
	return ""
}

// tell prints the flights, their truth and what was made of them.
func (w *world) tell(boots []Boot) string {
	var text strings.Builder
	for _, b := range boots {
		fmt.Fprintf(&text, "boot %q %v .. %v\n", b.ID, b.Start.Time(), b.End.Time())
		for _, f := range b.Flights {
			i := w.index(f)
			fmt.Fprintf(&text, "  flight %d %s since %v grounding %d error %v pauses %d\n", i, f.Lane, f.Takeoff.SinceBoot, f.Grounding, f.Error, len(f.Pauses))
			fmt.Fprintf(&text, "    drawn %v .. %v\n", f.Start.Time(), f.End.Time())
			fmt.Fprintf(&text, "    truth %v .. %v\n", w.truth[i].Start.Time(), w.truth[i].End.Time())
			if lo := f.Window.Earliest; lo != nil {
				fmt.Fprintf(&text, "    not before %v\n", lo.Time())
			}
			if hi := f.Window.Latest; hi != nil {
				fmt.Fprintf(&text, "    not after  %v\n", hi.Time())
			}
			for _, leg := range f.Legs {
				fmt.Fprintf(&text, "    leg %v %d\n      %v %v\n      %v %v\n", leg.Last.Sync, leg.Beats, leg.First, leg.First.Wall.Time(), leg.Last, leg.Last.Wall.Time())
			}
		}
	}
	return text.String()
}

// order returns what in the order of boots contradicts that of takeoff, where
// anything but anchors decides it, or "".
func (w *world) order(boots []Boot) string {
	lanes := make(map[string]*Flight)
	placed := make([]*Flight, len(w.flights))
	for _, b := range boots {
		for _, f := range b.Flights {
			placed[w.index(f)] = f
		}
	}
	for i, f := range placed {
		prev := lanes[f.Lane]
		lanes[f.Lane] = f
		if prev == nil || prev.Grounding >= ByBoot && f.Grounding >= ByBoot {
			continue
		}
		if room := max(0, prev.Error) + max(0, f.Error); f.Start.Add(room) < prev.End {
			return fmt.Sprintf("flight %d is drawn %v before the end of that before it", i, prev.End.Sub(f.Start))
		}
	}
	return ""
}
