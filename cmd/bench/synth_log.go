//go:build linux

package main

import (
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// A log is what a recorder writes of a flight, with each leg as the fold leaves
// it: its first heartbeat, and a last one that stands for all but the first.
type log struct {
	*life
	records []journal.Record
	from    journaltest.Clocks // at takeoff
	beat    journal.Beat       // the first of the leg
	legs    uint64
}

func (g *log) add(r journal.Record) { g.records = append(g.records, r) }

// leg begins a leg with a heartbeat, soon after the last one.
func (g *log) leg(cause journal.Cause) {
	if g.legs > 0 {
		g.Run(g.between(time.Second, 2*time.Second))
	}
	g.beat = journal.Beat{Leg: g.legs, Cause: cause, Source: "adjtimex", Count: 1, Fix: g.fix()}
	g.legs++
	g.add(g.beat)
}

// fix reads the clocks. No two of them are read at the same moment.
func (g *log) fix() journal.Fix {
	f := journal.Fix{
		Elapsed: g.Boot - g.from.Boot,
		Awake:   g.Awake - g.from.Awake - g.between(0, time.Microsecond),
		Raw:     g.Raw - g.from.Raw + g.between(0, time.Microsecond),
		Wall:    g.Wall().Add(g.between(0, time.Microsecond)),
		Sync:    g.Sync, MaxError: clock.Unknown,
	}
	if f.Elapsed == 0 {
		f.Awake, f.Raw = 0, 0
	}
	if g.Sync == clock.SyncSynced {
		f.MaxError = g.between(time.Millisecond, 60*time.Millisecond).Truncate(time.Microsecond)
	}
	return f
}

// pass lets time go by, and ends it with a heartbeat of the same leg, which stands
// for all since its first: one each 10 s in the first ten minutes, one each 30 s
// after.
func (g *log) pass(d time.Duration) {
	const early = 10 * time.Minute
	at := g.Boot - g.from.Boot
	g.Run(d)
	end := at + d
	quick := max(0, min(end, early)-min(at, early))
	b := g.beat
	b.Fix = g.fix()
	b.Count = 1 + uint64(quick/(10*time.Second)) + uint64((d-quick)/(30*time.Second))
	g.add(b)
}

// land writes the landing.
func (g *log) land(reason string, shutdown journal.Shutdown) {
	g.add(journal.Landing{Reason: reason, Shutdown: shutdown})
}
