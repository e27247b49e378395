package reports

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// checks sets how many tries the rapid checks of t make.
func checks(t *testing.T, n int) {
	tries := flag.Lookup("rapid.checks")
	if tries.Value.String() != tries.DefValue {
		return // the user wants another number
	}
	if testing.Short() {
		n /= 100
	}
	if err := tries.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tries.Value.Set(tries.DefValue) })
}

// at returns the time "15:04:05", with or without a fraction, on 2020-06-17 in UTC;
// or "2006-01-02 15:04:05", likewise.
func at(text string) journal.Instant {
	if !strings.Contains(text, " ") {
		text = "2020-06-17 " + text
	}
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return journal.InstantOf(t)
}

// ref returns at(text) as the bound of a window or of the time asked for; nil for "".
func ref(text string) *journal.Instant {
	if text == "" {
		return nil
	}
	i := at(text)
	return &i
}

// flightID returns the ID of the n-th flight of a test; n may reach a million.
func flightID(n int) ksuid.KSUID {
	var id ksuid.KSUID
	id[0], id[17], id[18], id[19] = 1, byte(n>>16), byte(n>>8), byte(n)
	return id
}

// fly returns the n-th flight, anchored by its own fix and lost at its end.
func fly(n int, start, end string) *ground.Flight {
	return flySpan(n, ground.Span{Start: at(start), End: at(end)})
}

func flySpan(n int, s ground.Span) *ground.Flight {
	f := &journal.Flight{
		ID: flightID(n), Lane: "lane-0", Takeoff: journal.Takeoff{SinceBoot: clock.Unknown},
		Legs: []journal.Leg{{Beats: 1}},
	}
	return &ground.Flight{Flight: f, Grounding: ground.GroundingNTP, Span: s, Error: time.Millisecond}
}

// landed makes f a flight that landed.
func landed(f *ground.Flight, s journal.Shutdown) *ground.Flight {
	f.Ending, f.Landing = journal.EndingLanded, &journal.Landing{Reason: "terminated", Shutdown: s}
	return f
}

// aloft makes f a flight that goes on.
func aloft(f *ground.Flight) *ground.Flight {
	f.Ending = journal.EndingAloft
	return f
}

// adrift makes f a flight without an anchor.
func adrift(f *ground.Flight, g ground.Grounding, earliest, latest string) *ground.Flight {
	f.Grounding, f.Error = g, clock.Unknown
	f.Window = ground.Window{Earliest: ref(earliest), Latest: ref(latest)}
	return f
}

// boot returns a boot of the flights given, from the first to the last.
func boot(id string, flights ...*ground.Flight) ground.Boot {
	b := ground.Boot{ID: id, Machine: "m", Span: flights[0].Span, Flights: flights}
	for _, f := range flights {
		f.Takeoff.Boot, f.Takeoff.Machine, f.Takeoff.Host = id, "m", "pi"
		b.Span = hull(b.Span, f.Span)
	}
	return b
}

// since makes the kernel's boot the start of b.
func since(start string, b ground.Boot) ground.Boot {
	b.Start = at(start)
	return b
}

// textOf returns the report as text, without the lines that close it: those have a
// test of their own.
func textOf(t *testing.T, boots []ground.Boot, opts Options) string {
	t.Helper()
	var b strings.Builder
	if err := New(boots, opts).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return closingLines.ReplaceAllString(b.String(), "")
}

var closingLines = regexp.MustCompile(`(?m)^\nup .*\n|^~ marks.*\n`)

// wantText fails unless got is want, which begins with a line of its own for the
// sake of those who read the test.
func wantText(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
