package main

import (
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// TestTeller follows a flight: takeoff, anchor and landing are told at once, what it does
// in between each minute.
func TestTeller(t *testing.T) {
	aloft := journal.EndingAloft
	begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	steps := []struct {
		name      string
		at        time.Duration // after the first step
		elapsed   time.Duration
		ending    journal.Ending
		grounding ground.Grounding
		told      bool
		due       time.Duration // 0 if nothing waits
	}{
		{"takeoff", 0, 1, aloft, ground.GroundingWall, true, 0},
		{"it goes on", 10 * time.Second, 2, aloft, ground.GroundingWall, false, time.Minute},
		{"its anchor", 20 * time.Second, 3, aloft, ground.GroundingNTP, true, 0},
		{"it goes on", 79 * time.Second, 4, aloft, ground.GroundingNTP, false, 80 * time.Second},
		{"a minute later", 80 * time.Second, 4, aloft, ground.GroundingNTP, true, 0},
		{"nothing new", time.Hour, 4, aloft, ground.GroundingNTP, false, 0},
		{"landing", time.Hour + time.Second, 5, journal.EndingLanded, ground.GroundingNTP, true, 0},
		{"nothing new", 2 * time.Hour, 5, journal.EndingLanded, ground.GroundingNTP, false, 0},
	}
	teller := &teller{cursor: &cursor{}}
	f := journaltest.Flight(1, "b", 0, journaltest.Leg(clock.SyncUnsynced, 0, time.Second, 0))
	for _, s := range steps {
		f.Legs[0].Last.Elapsed, f.Ending = s.elapsed, s.ending
		lines := 0
		told, due, err := teller.tell([]*ground.Flight{{Flight: &f, Grounding: s.grounding}}, begin.Add(s.at), func([]byte) error { lines++; return nil })
		if err != nil || teller.done(told) != nil {
			t.Fatal(err)
		}
		if lines > 1 || lines == 1 != s.told {
			t.Errorf("%s at %v: %d lines, told: want %v", s.name, s.at, lines, s.told)
		}
		if due.IsZero() != (s.due == 0) || s.due > 0 && !due.Equal(begin.Add(s.due)) {
			t.Errorf("%s at %v: due at %v, want %v after the beginning", s.name, s.at, due, s.due)
		}
	}
}
