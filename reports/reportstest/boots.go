// Package reportstest makes boots for tests of reports: as grounding would return them,
// but by hand.
package reportstest

import (
	"strings"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// At returns the time "15:04:05", with or without a fraction, on 2020-06-17 in UTC;
// or "2006-01-02 15:04:05", likewise.
func At(text string) journal.Instant {
	if !strings.Contains(text, " ") {
		text = "2020-06-17 " + text
	}
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return journal.InstantOf(t)
}

// Ref returns At(text) as the bound of a window or of the time asked for; nil for "".
func Ref(text string) *journal.Instant {
	if text == "" {
		return nil
	}
	i := At(text)
	return &i
}

// Fly returns the n-th flight, anchored by its own fix and lost at its end.
func Fly(n int, start, end string) *ground.Flight {
	return FlySpan(n, ground.Span{Start: At(start), End: At(end)})
}

// FlySpan is [Fly] with a span.
func FlySpan(n int, s ground.Span) *ground.Flight {
	f := journaltest.Flight(n, "", clock.Unknown, journal.Leg{Beats: 1})
	return &ground.Flight{Flight: &f, Grounding: ground.GroundingNTP, Span: s, Error: time.Millisecond}
}

// Landed makes f a flight that landed.
func Landed(f *ground.Flight, s journal.Shutdown) *ground.Flight {
	f.Ending, f.Landing = journal.EndingLanded, &journal.Landing{Reason: "terminated", Shutdown: s}
	return f
}

// Aloft makes f a flight that goes on.
func Aloft(f *ground.Flight) *ground.Flight {
	f.Ending = journal.EndingAloft
	return f
}

// Adrift makes f a flight without an anchor.
func Adrift(f *ground.Flight, g ground.Grounding, earliest, latest string) *ground.Flight {
	f.Grounding, f.Error = g, clock.Unknown
	f.Window = ground.Window{Earliest: Ref(earliest), Latest: Ref(latest)}
	return f
}

// Boot returns a boot of the flights given, from the first to the last.
func Boot(id string, flights ...*ground.Flight) ground.Boot {
	b := ground.Boot{ID: id, Machine: "m", Span: flights[0].Span, Flights: flights}
	for _, f := range flights {
		f.Takeoff.Boot, f.Takeoff.Machine, f.Takeoff.Host = id, "m", "pi"
		b.Span = ground.Span{Start: min(b.Start, f.Start), End: max(b.End, f.End)}
	}
	return b
}

// Since makes the kernel's boot the start of b.
func Since(start string, b ground.Boot) ground.Boot {
	b.Start = At(start)
	return b
}
