package journaltest

import (
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// ID returns the ID of a test's n-th flight; n may reach a million.
func ID(n int) ksuid.KSUID {
	var id ksuid.KSUID
	id[0], id[17], id[18], id[19] = 1, byte(n>>16), byte(n>>8), byte(n)
	return id
}

// Flight returns the n-th flight, lost, in lane-0 of machine m, which is called pi. It
// took off when the boot clock said since.
func Flight(n int, boot string, since time.Duration, legs ...journal.Leg) journal.Flight {
	return journal.Flight{
		ID: ID(n), Lane: "lane-0", Legs: legs,
		Takeoff: journal.Takeoff{
			Identity:  clock.Identity{Host: "pi", Machine: "m", Boot: boot, OS: "linux/arm"},
			SinceBoot: since, AwakeSinceBoot: clock.Unknown, Recorder: "1", PID: 1,
		},
	}
}

// Leg returns a leg of ten heartbeats (of one, where it begins and ends at once),
// from and to since takeoff, at whose first the wall clock said wall. It is exact if
// synchronised.
func Leg(sync clock.Sync, from, to time.Duration, wall journal.Instant) journal.Leg {
	fix := func(at time.Duration) journal.Fix {
		f := journal.Fix{Elapsed: at, Awake: at, Raw: at, Wall: wall.Add(at - from), Sync: sync, MaxError: clock.Unknown}
		if sync == clock.SyncSynced {
			f.MaxError = 0
		}
		return f
	}
	leg := journal.Leg{Beats: 10, Source: "adjtimex", First: fix(from), Last: fix(to)}
	if from == to {
		leg.Beats = 1
	}
	return leg
}
