package render_test

import (
	"log"
	"os"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
	"flightrec/reports/render"
)

// A report, as a person reads it. Of the boot nothing is known but the recorder's minute.
func ExampleFind() {
	noon := journal.InstantOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	flight := journal.Flight{Lane: "lane-0", Legs: []journal.Leg{{
		Beats: 7,
		First: journal.Fix{Wall: noon, Sync: clock.SyncSynced},
		Last:  journal.Fix{Elapsed: time.Minute, Awake: time.Minute, Raw: time.Minute, Wall: noon.Add(time.Minute), Sync: clock.SyncSynced},
	}}}
	flight.Takeoff.SinceBoot = clock.Unknown
	text, err := render.Find("text")
	if err != nil {
		log.Fatal(err)
	}
	if err := text.Write(os.Stdout, reports.New([]journal.Flight{flight}, reports.Options{}), render.Look{}); err != nil {
		log.Fatal(err)
	}
	// Output:
	// DOWNTIME #1: -INF => 2026-03-01 12:00:00 (INF) not recorded
	//
	// UPTIME #1: 2026-03-01 12:00:00 => 2026-03-01 12:01:00 (0:01:00.000000)
	// 	FLIGHT #1: 2026-03-01 12:00:00 => 2026-03-01 12:01:00 (0:01:00.000000)
	//
	// up 100 % (0:01:00), never down
	// silent since 2026-03-01 12:01:00
}
