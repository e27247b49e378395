package ground_test

import (
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// A flight took off in 1970, by its wall clock; network time came after 20 seconds.
func ExampleGround() {
	noon := journal.InstantOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	fix := func(at time.Duration, wall journal.Instant, sync clock.Sync) journal.Fix {
		return journal.Fix{Elapsed: at, Awake: at, Raw: at, Wall: wall, Sync: sync}
	}
	flight := journal.Flight{Lane: "lane-0", Legs: []journal.Leg{
		{Beats: 3, First: fix(0, 0, clock.SyncUnsynced), Last: fix(10*time.Second, journal.Instant(10*time.Second), clock.SyncUnsynced)},
		{Beats: 9, First: fix(20*time.Second, noon, clock.SyncSynced), Last: fix(80*time.Second, noon.Add(time.Minute), clock.SyncSynced)},
	}}
	flight.Takeoff.Boot, flight.Takeoff.SinceBoot = "boot", 5*time.Second
	for _, boot := range ground.Ground([]journal.Flight{flight}, ground.Options{}) {
		fmt.Println(boot.Start.Time().Format(time.TimeOnly), boot.End.Time().Format(time.TimeOnly))
	}
	// Output: 11:59:35 12:01:00
}
