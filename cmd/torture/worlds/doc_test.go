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
)

// noon is when worlds begin.
var noon = journal.InstantOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

const (
	hour = time.Hour
	day  = 24 * hour
)

// tick is what all that happens in a world is a multiple of. Below it recorders take turns.
const tick = time.Microsecond

// drift is the rate at which kernels let a clock's maximum error grow.
const drift = 500
