package reports

import (
	"testing"
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// TestNow asks what time it is on boards whose clocks are wrong.
func TestNow(t *testing.T) {
	const (
		// An hour by the network's time; then the board is in 1970, and its recorder aloft.
		lost = `
flight 1 boot=a up=10s
	0s..1h  2026-11-01 12:00:00  synced ±1ms
`
		unsynced = lost + `
flight 2 boot=b up=10s aloft
	0s..5m  1970-01-01 00:00:10  unsynced
`
		// The network's time came after a minute, and the clock was then set back by hand.
		anchored = lost + `
flight 2 boot=b up=10s aloft
	0s..1m  1970-01-01 00:00:10  unsynced
	1m..5m  2026-11-05 10:00:00  synced step ±1ms
	6m..9m  1970-01-01 00:00:00  unsynced step
`
	)
	at := func(text string) Hand { return Hand{Wall: journaltest.Instant(t, text), SinceBoot: clock.Unknown} }
	live := func(text, boot string, since time.Duration) Hand {
		h := at(text)
		h.Live, h.Boot, h.SinceBoot = true, boot, since
		return h
	}
	synced := at("2026-11-09 00:00:00")
	synced.Synced = true
	for _, tt := range []struct {
		what    string
		flights string
		hand    Hand
		want    string
		known   bool
	}{
		{"a synchronised clock tells it", lost, synced, "2026-11-09 00:00:00", true},
		{"a clock that nothing contradicts counts", lost, at("2026-11-09 00:00:00"), "2026-11-09 00:00:00", false},
		{"not before the last sign of life", lost, at("1970-01-01 00:07:00"), "2026-11-01 13:00:00", false},
		{"a dump of what was aloft", anchored, at("1970-01-01 00:07:00"), "2026-11-05 10:08:00", false},
		{"a flight aloft without the time is drawn after the one before", unsynced, live("1970-01-01 00:06:00", "b", 6*time.Minute), "2026-11-01 13:06:00", false},
		{"one whose boot has an anchor tells it, by the boot clock", anchored, live("1970-01-01 00:02:00", "b", 10*time.Minute+10*time.Second), "2026-11-05 10:09:00", true},
		{"of another boot, as by a container, by its last heartbeat", anchored, live("2031-01-01 00:02:00", "c", 10*time.Minute), "2026-11-05 10:08:00", false},
	} {
		now, known := Now(journaltest.Flights(t, tt.flights), tt.hand)
		want := journaltest.Instant(t, tt.want)
		if off := now.Sub(want); known != tt.known || off.Abs() > time.Second {
			t.Errorf("%s: %v, known %v, want %v, %v", tt.what, now.Time(), known, want.Time(), tt.known)
		}
	}
}
