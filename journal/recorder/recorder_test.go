package recorder

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// memory is a lane of a journal in memory.
type memory = journaltest.Lane

// newMemory returns the lane of a journal in memory.
func newMemory() *memory { return journaltest.NewMemory(0).Open() }

// steady is a clock without a fault, read when the bubble's clock says so.
func steady(began time.Time) clock.Reading {
	boot := time.Minute + time.Since(began)
	return clock.Reading{Boot: boot, Absolute: true, Awake: boot, Raw: boot, Wall: time.Now(), Sync: clock.SyncSynced, MaxError: time.Millisecond, Source: "adjtimex"}
}

// record flies for a while with a clock that is steady but for what bend does.
func record(t *testing.T, interval, runs time.Duration, stepped <-chan struct{}, bend func(time.Duration, *clock.Reading)) *memory {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(runs, func() { cancel(errors.New("SIGTERM")) })
	store := newMemory()
	err := Record(ctx, store, Config{
		Interval: interval, Log: slog.New(slog.DiscardHandler), Stepped: stepped,
		Now: func() clock.Reading {
			r := steady(began)
			if bend != nil {
				bend(time.Since(began), &r)
			}
			return r
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestSchedule(t *testing.T) {
	seconds := func(beats []journal.Beat) (all []float64) {
		for _, b := range beats {
			all = append(all, b.Elapsed.Seconds())
		}
		return all
	}
	for _, tt := range []struct {
		interval, runs time.Duration
		want           []float64
	}{
		{10 * time.Second, 40 * time.Second, []float64{0, 1, 2, 4, 8, 18, 28, 38, 40}},
		{3 * time.Second, 12 * time.Second, []float64{0, 1, 2, 4, 7, 8, 11, 12}},
		{500 * time.Millisecond, 1700 * time.Millisecond, []float64{0, 0.5, 1, 1.5, 1.7}},
	} {
		synctest.Test(t, func(t *testing.T) {
			store := record(t, tt.interval, tt.runs, nil, nil)
			if got := seconds(store.Beats()); !slices.Equal(got, tt.want) {
				t.Errorf("interval %v: heartbeats at %v, want %v", tt.interval, got, tt.want)
			}
		})
	}
	// auto: each 10 s in the first ten minutes, each 30 s after: 1, 2, 4, 8, 18 …
	// 598, 608, 638 … to the hour, and the landing.
	synctest.Test(t, func(t *testing.T) {
		got := seconds(record(t, 0, time.Hour, nil, nil).Beats())
		if i := slices.Index(got, 608); i < 0 || got[i-1] != 598 || got[i+1] != 638 || len(got) != 5+60+99+1 {
			t.Errorf("%d heartbeats: %v", len(got), got)
		}
	})
}

func TestTakeoffAndLanding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := record(t, 10*time.Second, 90*time.Second, nil, nil)
		first, ok := store.Records[0].(journal.Takeoff)
		if !ok || first.SinceBoot != time.Minute || first.Interval != 10*time.Second || !first.Continues.IsNil() {
			t.Errorf("first record %+v", store.Records[0])
		}
		last, ok := store.Records[len(store.Records)-1].(journal.Landing)
		if !ok || last.Reason != "SIGTERM" {
			t.Errorf("last record %+v", store.Records[len(store.Records)-1])
		}
		if _, ok := store.Records[len(store.Records)-2].(journal.Beat); !ok {
			t.Errorf("no heartbeat goes with the landing: %+v", store.Records[len(store.Records)-2])
		}
	})
}

func TestLegs(t *testing.T) {
	const at = 100 * time.Second // the schedule has a heartbeat at 98 s and one at 108 s
	after := func(do func(*clock.Reading)) func(time.Duration, *clock.Reading) {
		return func(now time.Duration, r *clock.Reading) {
			if now > at {
				do(r)
			}
		}
	}
	for _, tt := range []struct {
		name string
		bend func(time.Duration, *clock.Reading)
		want []journal.Cause
	}{
		{"nothing happens", nil, []journal.Cause{journal.CauseTakeoff}},
		{"a step of 99 ms is noise", after(func(r *clock.Reading) { r.Wall = r.Wall.Add(99 * time.Millisecond) }), []journal.Cause{journal.CauseTakeoff}},
		{"a step forward", after(func(r *clock.Reading) { r.Wall = r.Wall.Add(101 * time.Millisecond) }), []journal.Cause{journal.CauseTakeoff, journal.CauseStep}},
		{"a step back", after(func(r *clock.Reading) { r.Wall = r.Wall.Add(-time.Hour) }), []journal.Cause{journal.CauseTakeoff, journal.CauseStep}},
		{"from 1970 to the right time, in one go", func(now time.Duration, r *clock.Reading) {
			if now <= at {
				r.Wall, r.Sync = time.Unix(0, 0).Add(now), clock.SyncUnsynced
			}
		}, []journal.Cause{journal.CauseTakeoff, journal.CauseStep}},
		{"sync is lost", after(func(r *clock.Reading) { r.Sync = clock.SyncUnsynced }), []journal.Cause{journal.CauseTakeoff, journal.CauseSync}},
		{"somebody else tells", after(func(r *clock.Reading) { r.Source = "sntp" }), []journal.Cause{journal.CauseTakeoff, journal.CauseSync}},
		{"suspend", after(func(r *clock.Reading) { r.Boot += time.Hour; r.Wall = r.Wall.Add(time.Hour) }), []journal.Cause{journal.CauseTakeoff, journal.CauseWake}},
		{"suspend of 49 ms", after(func(r *clock.Reading) { r.Boot += 49 * time.Millisecond }), []journal.Cause{journal.CauseTakeoff}},
		{"stall", func(now time.Duration, r *clock.Reading) {
			if now == 48*time.Second {
				time.Sleep(41 * time.Second)
				*r = steady(time.Now().Add(-89 * time.Second))
			}
		}, []journal.Cause{journal.CauseTakeoff, journal.CauseStall}},
		{"late, but no stall", func(now time.Duration, r *clock.Reading) {
			if now == 48*time.Second {
				time.Sleep(29 * time.Second)
				*r = steady(time.Now().Add(-77 * time.Second))
			}
		}, []journal.Cause{journal.CauseTakeoff}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got []journal.Cause
				leg := uint64(1 << 60)
				for _, b := range record(t, 10*time.Second, 3*time.Minute, nil, tt.bend).Beats() {
					if b.Leg != leg {
						got = append(got, b.Cause)
						leg = b.Leg
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("legs by %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// TestStepIsNoticedAtOnce demands an extra heartbeat when the system tells of a step.
func TestStepIsNoticedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stepped := make(chan struct{}, 1)
		time.AfterFunc(30*time.Second, func() { stepped <- struct{}{} })
		beats := record(t, 10*time.Second, time.Minute, stepped, func(now time.Duration, r *clock.Reading) {
			if now >= 30*time.Second {
				r.Wall = r.Wall.Add(time.Hour)
			}
		}).Beats()
		i := slices.IndexFunc(beats, func(b journal.Beat) bool { return b.Cause == journal.CauseStep })
		if i < 0 || beats[i].Elapsed != 30*time.Second {
			t.Errorf("heartbeats %+v", beats)
		}
	})
}

// TestFlappingClock demands that a flight holds 256 legs at most, and that the
// next one names it.
func TestFlappingClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flip := false
		store := record(t, 10*time.Second, 3*time.Hour, nil, func(_ time.Duration, r *clock.Reading) {
			if flip = !flip; flip {
				r.Sync = clock.SyncUnsynced
			}
		})
		takeoffs := 0
		for _, r := range store.Records {
			switch r := r.(type) {
			case journal.Takeoff:
				if takeoffs > 0 && r.Continues != store.Flown[takeoffs-1] {
					t.Errorf("flight %d continues %v, not %v", takeoffs, r.Continues, store.Flown[takeoffs-1])
				}
				takeoffs++
			case journal.Beat:
				if r.Leg >= maxLegs {
					t.Fatalf("leg %d", r.Leg)
				}
			}
		}
		if takeoffs != len(store.Flown) || takeoffs < 4 {
			t.Errorf("%d takeoffs, %d flights", takeoffs, len(store.Flown))
		}
	})
}

func TestStoreFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		full := errors.New("no space left on device")
		store := newMemory()
		store.Err = full
		err := Record(t.Context(), store, Config{Log: slog.New(slog.DiscardHandler), Now: func() clock.Reading { return steady(began) }})
		if !errors.Is(err, full) {
			t.Errorf("error %v, want %v", err, full)
		}
	})
}

// TestWakeIsNoticedAtOnce demands the same for the wake from suspend, and that the
// raw clock and the awake one are as they were told.
func TestWakeIsNoticedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		woke := make(chan struct{}, 1)
		time.AfterFunc(30*time.Second, func() { woke <- struct{}{} })
		beats := record(t, 10*time.Second, time.Minute, woke, func(now time.Duration, r *clock.Reading) {
			if now >= 30*time.Second {
				r.Boot, r.Wall = r.Boot+time.Hour, r.Wall.Add(time.Hour)
			}
		}).Beats()
		i := slices.IndexFunc(beats, func(b journal.Beat) bool { return b.Cause == journal.CauseWake })
		if i < 0 || beats[i].Elapsed != time.Hour+30*time.Second || beats[i].Awake != 30*time.Second || beats[i].Raw != 30*time.Second {
			t.Errorf("heartbeats %+v", beats)
		}
	})
}
