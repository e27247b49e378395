// Package worlds tries flightrec on true histories of machines that nobody had to
// live through. Each world is told by real recorders to real journals, read back,
// grounded and reported, and what the report says is held against the truth:
//
//	truth ── clocks that lie ── recorder ── store and fold ── ground ── reports
//	  └───────────────────────────────────────────────────────────────────┴── judged
//
// The one fact that a reader must know: a world can be such that its evidence
// leads everybody astray, as package ground's comment says. Those worlds are told
// apart from what happened and when heartbeats were, never from the answer, and are
// judged by sums and order alone.
package worlds

import (
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// noon is when worlds begin.
var noon = journal.InstantOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

const (
	hour = time.Hour
	day  = 24 * hour
)

// A phase is a stretch of true time in which all clocks run at one rate.
type phase struct {
	at     journal.Instant // true time at its beginning
	clocks                 // what the clocks show then
	asleep bool            // nothing runs
	rates
}

// clocks is what the clocks of a machine show.
type clocks struct {
	boot, awake, raw time.Duration
	offset           time.Duration // wall less boot, from noon
	sync             clock.Sync
	maxError         time.Duration
}

// rates is by how much clocks run fast, in parts per million.
type rates struct{ boot, awake, raw, maxError int64 }

// still is the rate of a clock that stands.
const still = -1e6

// drift is the rate at which kernels let a clock's maximum error grow.
const drift = 500

func run(d time.Duration, ppm int64) time.Duration {
	return d + d/1e6*time.Duration(ppm) + d%1e6*time.Duration(ppm)/1e6
}

// clocksAt returns what the clocks show at t in p.
func (p *phase) clocksAt(t journal.Instant) clocks {
	c, d := p.clocks, t.Sub(p.at)
	c.boot += run(d, p.rates.boot)
	c.awake += run(d, p.rates.awake)
	c.raw += run(d, p.rates.raw)
	if c.sync == clock.SyncSynced {
		c.maxError += run(d, p.rates.maxError-1e6)
	}
	return c
}

// reading returns what a recorder reads of c.
func (c clocks) reading(since bool) clock.Reading {
	r := clock.Reading{
		Boot: c.boot, Absolute: since, Awake: c.awake, Raw: c.raw,
		Wall: noon.Add(c.boot + c.offset).Time(), Sync: c.sync, MaxError: clock.Unknown, Source: "adjtimex",
	}
	if c.sync == clock.SyncSynced {
		r.MaxError = c.maxError
	}
	return r
}
