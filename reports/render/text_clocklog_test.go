package render

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

// The clock log's stories are in testdata/flights.

// Whatever clocks a dump shows, there is a clock log of it.
func TestClockLogOfExtremes(t *testing.T) {
	walls := []journal.Instant{math.MinInt64, 0, at("12:00:00"), math.MaxInt64}
	spans := []time.Duration{0, time.Hour, math.MaxInt64}
	for _, wall := range walls {
		for _, then := range walls {
			for _, elapsed := range spans {
				for _, since := range append(spans, clock.Unknown) {
					checkClockLog(t, wall, then, elapsed, since)
				}
			}
		}
	}
}

// checkClockLog writes the clock log of a flight that has two legs.
func checkClockLog(t *testing.T, wall, then journal.Instant, elapsed, since time.Duration) {
	t.Helper()
	f := fly(1, "12:00:00", "13:00:00")
	f.Takeoff.SinceBoot, f.Error = since, elapsed
	from := journal.Fix{Wall: wall, Sync: clock.SyncSynced, MaxError: 0}
	to := journal.Fix{Wall: then, Sync: clock.SyncUnsynced, MaxError: elapsed, Elapsed: elapsed, Raw: elapsed}
	f.Legs = []journal.Leg{{Beats: 1, First: from, Last: from}, {Cause: journal.CauseSync, Beats: 1, First: to, Last: to}}
	f.Pauses = []ground.Span{{Start: wall, End: max(wall, then)}}
	r := reportOf([]ground.Boot{boot("a", f)}, reports.Options{Show: reports.Show{Clock: true}})
	var text, object strings.Builder
	if err := Text(&text, r, Look{}); err != nil {
		t.Fatal(err)
	}
	if err := JSON(&object, r, Look{}); err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(object.String())) {
		t.Errorf("not valid JSON: %s", &object)
	}
	if !strings.HasPrefix(text.String(), "BOOT #1: ") {
		t.Errorf("got\n%s", &text)
	}
}
