package main

import (
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// A dump tells of what is aloft in this boot, and of nothing else, how long that has been
// in the air.
func TestNoteDumped(t *testing.T) {
	wall := journal.InstantOf(time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC))
	leg := journaltest.Leg(clock.SyncSynced, 0, time.Hour, wall)
	r := clock.Reading{Boot: 3 * time.Hour, Absolute: true, Wall: wall.Add(2 * time.Hour).Time(), Sync: clock.SyncUnsynced, MaxError: clock.Unknown}
	for name, tt := range map[string]struct {
		change func(f *journal.Flight, r *clock.Reading, boot *string)
		want   time.Duration // since takeoff, 0 for nothing
	}{
		"aloft":         {func(*journal.Flight, *clock.Reading, *string) {}, 2 * time.Hour},
		"a slow reader": {func(_ *journal.Flight, r *clock.Reading, _ *string) { r.Boot = 90 * time.Minute }, time.Hour},
		"lost":          {func(f *journal.Flight, _ *clock.Reading, _ *string) { f.Ending = journal.EndingLost }, 0},
		"another boot":  {func(_ *journal.Flight, _ *clock.Reading, boot *string) { *boot = "b" }, 0},
		"no boot":       {func(f *journal.Flight, _ *clock.Reading, boot *string) { f.Takeoff.Boot, *boot = "", "" }, 0},
		"no boot clock": {func(f *journal.Flight, _ *clock.Reading, _ *string) { f.Takeoff.SinceBoot = clock.Unknown }, 0},
		"another clock": {func(_ *journal.Flight, r *clock.Reading, _ *string) { r.Absolute = false }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			f, r, boot := journaltest.Flight(1, "a", time.Hour, leg), r, "a"
			f.Ending = journal.EndingAloft
			tt.change(&f, &r, &boot)
			flights := []journal.Flight{f}
			noteDumped(flights, r, boot)
			switch got := flights[0].Dumped; {
			case tt.want == 0:
				if got != nil {
					t.Errorf("dumped at %+v, want nothing", got)
				}
			case got == nil:
				t.Error("nothing tells when it was dumped")
			case got.Elapsed != tt.want || got.Wall != journal.InstantOf(r.Wall) || got.Sync != r.Sync:
				t.Errorf("dumped at %+v, want %v after takeoff, by the clock %v", got, tt.want, r)
			}
		})
	}
}
