package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/recorder"
	"flightrec/reports"

	"github.com/segmentio/ksuid"
)

// simulated is a boot of a machine whose clocks do as they are told. Its hour has
// come when the boot clock stands at since.
type simulated struct {
	id    string
	since time.Duration                                    // the boot clock at takeoff
	wall  func(boot time.Duration) (time.Time, clock.Sync) // by the boot clock
	runs  time.Duration                                    // from takeoff to the end
	lands bool                                             // the end is a landing, else the power goes
}

// errPower ends a recorder: it is told that its lane is gone, since it would wait for
// anything less to pass.
var errPower = fmt.Errorf("the power is gone: %w", journal.ErrLaneLost)

// unplugged is a store that forgets to write after a while.
type unplugged struct {
	recorder.Store
	at time.Time
}

func (u unplugged) Append(id ksuid.KSUID, records ...journal.Record) error {
	if !time.Now().Before(u.at) {
		return errPower
	}
	return u.Store.Append(id, records...)
}

// fly lets the real recorder record a simulated boot into a real journal, in no
// time.
func (s simulated) fly(t *testing.T, dir string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j, err := journal.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		ctx, cancel := context.WithCancelCause(context.Background())
		store := recorder.Store(j)
		if s.lands {
			time.AfterFunc(s.runs, func() { cancel(errors.New("SIGTERM")) })
		} else {
			store = unplugged{j, began.Add(s.runs)}
		}
		err = recorder.Record(ctx, store, recorder.Config{
			Identity: clock.Identity{Host: "pi", Machine: "m", Boot: s.id, OS: "linux/arm"},
			Interval: 10 * time.Second,
			Log:      slog.New(slog.DiscardHandler),
			Now: func() clock.Reading {
				boot := s.since + time.Since(began)
				wall, sync := s.wall(boot)
				r := clock.Reading{Boot: boot, Absolute: true, Awake: boot, Raw: boot, Wall: wall, Sync: sync, MaxError: clock.Unknown, Source: "adjtimex"}
				if sync == clock.SyncSynced {
					r.MaxError = time.Millisecond
				}
				return r
			},
		})
		if s.lands && err != nil || !s.lands && !errors.Is(err, errPower) {
			t.Errorf("boot %s: %v", s.id, err)
		}
		cancel(nil)
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}

// told returns the printed report of a journal.
func told(t *testing.T, dir string) string {
	t.Helper()
	flights, err := journal.Read(t.Context(), dir, func(err error) { t.Errorf("warning: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	r := reports.New(ground.Ground(flights, ground.Options{}), reports.Options{
		Now: journal.InstantOf(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)), Zone: time.UTC,
	})
	if err := r.WriteText(&text); err != nil {
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

// from1970 is a clock that starts in 1970 and is set right, to what truth says of
// the kernel's boot, when the boot clock stands at set.
func from1970(truth string, set time.Duration) func(time.Duration) (time.Time, clock.Sync) {
	return func(boot time.Duration) (time.Time, clock.Sync) {
		if boot < set {
			return time.Unix(0, 0).Add(boot), clock.SyncUnsynced
		}
		return at(truth).Add(boot), clock.SyncSynced
	}
}

// TestClocks tells the stories of a board without a real-time clock, from the
// recorder's loop through the store to the printed report.
func TestClocks(t *testing.T) {
	dir := t.TempDir()
	never := 1 << 62 * time.Nanosecond
	for _, boot := range []simulated{
		// The kernel boots at 08:00:00, the recorder takes off 5 s later in 1970, the
		// network time comes at 08:01:15, the power goes at 08:02:05.
		{"b1", 5 * time.Second, from1970("2026-11-01 08:00:00", 75*time.Second), 2 * time.Minute, false},
		// A boot whose clock is never set, 100 s long.
		{"b2", 5 * time.Second, from1970("", never), 100 * time.Second, true},
		// The kernel boots at 09:00:00, synchronised at once; somebody had set the
		// clock an hour ahead until 09:10:05, when it steps back.
		{"b3", 5 * time.Second, func(boot time.Duration) (time.Time, clock.Sync) {
			if boot < 10*time.Minute {
				return at("2026-11-01 10:00:00").Add(boot), clock.SyncSynced
			}
			return at("2026-11-01 09:00:00").Add(boot), clock.SyncSynced
		}, 20 * time.Minute, true},
	} {
		boot.fly(t, dir)
	}
	// The recorder's last heartbeat before the power went was at 118 s.
	const want = `DOWNTIME #1: -INF => 2026-11-01 08:00:00 (INF)

UPTIME #1: 2026-11-01 08:00:00 => 2026-11-01 08:02:03 (0:02:03.000000)
	FLIGHT #1: 2026-11-01 08:00:05 => 2026-11-01 08:02:03 (0:01:58.000000)
`
	got := told(t, dir)
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	const end = `UPTIME #3: 2026-11-01 09:00:00 => 2026-11-01 09:20:05 (0:20:05.000000)
	FLIGHT #3: 2026-11-01 09:00:05 => 2026-11-01 09:20:05 (0:20:00.000000)
`
	if !strings.Contains(got, end) {
		t.Errorf("got\n%s\nwant at its end\n%s", got, end)
	}
	t.Log("\n" + got)
}
