package main

import (
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/store"
	"flightrec/reports"
	"flightrec/reports/render"
)

// told returns the printed report of a journal.
func told(t *testing.T, dir string) string {
	t.Helper()
	flights, err := store.Read(t.Context(), dir, func(err error) { t.Errorf("warning: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	r := reports.New(flights, reports.Options{Run: reports.Run{
		Now: journal.InstantOf(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)), Zone: time.UTC,
	}})
	if err := render.Text(&text, r, render.Look{}); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func at(s string) time.Time {
	t, err := time.Parse(time.DateTime, s)
	if err != nil {
		panic(err)
	}
	return t
}

// TestClocks tells the stories of a board without a real-time clock, from the
// recorder's loop through the store to the printed report.
func TestClocks(t *testing.T) {
	dir := t.TempDir()
	none := lie{from: never, to: never}
	for _, boot := range []chapter{
		// The kernel boots at 08:00:00, the recorder takes off 5 s later in 1970, the
		// network time comes at 08:01:15, the power goes at 08:02:05.
		{id: "b1", kernel: at("2026-11-01 08:00:00"), end: 125 * time.Second, how: crashes, set: 75 * time.Second, lie: none},
		// A boot whose clock is never set, 100 s long.
		{id: "b2", kernel: at("2026-11-01 08:30:00"), end: 105 * time.Second, how: stops, set: never, lie: none},
		// The kernel boots at 09:00:00, synchronised at once; somebody had set the
		// clock an hour ahead until 09:10:05, when it steps back.
		{id: "b3", kernel: at("2026-11-01 09:00:00"), end: 20*time.Minute + 5*time.Second, how: stops, set: 10 * time.Minute,
			lie: lie{0, 10 * time.Minute, at("2026-11-01 10:00:00"), clock.SyncSynced}},
	} {
		boot.takeoff, boot.interval, boot.leap, boot.first = 5*time.Second, 10*time.Second, never, time.Unix(0, 0)
		boot.fly(t, dir)
	}
	// The recorder's last heartbeat before the power went was at 118 s.
	const want = `DOWNTIME #1: -INF => 2026-11-01 08:00:00 (INF) not recorded

UPTIME #1: 2026-11-01 08:00:00 => 2026-11-01 08:02:03 (0:02:03.000000)
	FLIGHT #1: 2026-11-01 08:00:05 => 2026-11-01 08:02:03 (0:01:58.000000)
`
	got := told(t, dir)
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	const end = `UPTIME #3: 2026-11-01 09:00:00 => 2026-11-01 09:20:05 (0:20:05.000000) [2]
	FLIGHT #3: 2026-11-01 09:00:05 => 2026-11-01 09:20:05 (0:20:00.000000)
`
	if !strings.Contains(got, end) {
		t.Errorf("got\n%s\nwant at its end\n%s", got, end)
	}
	const note = "[2] UPTIME #3: the clock claimed to be synchronised and said 2026-11-01 10:00:05"
	if !strings.Contains(got, note) {
		t.Errorf("got\n%s\nwant in it\n%s", got, note)
	}
	t.Log("\n" + got)
}
