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
)

// TestLandingIsWrittenFirst demands that the landing is in the store before it is
// asked whether the machine is going down, and again after the answer, if one came.
func TestLandingIsWrittenFirst(t *testing.T) {
	const reason = "SIGTERM"
	for _, tt := range []struct {
		name        string
		down, known bool
		want        []journal.Shutdown
	}{
		{"down", true, true, []journal.Shutdown{journal.ShutdownUnknown, journal.ShutdownYes}},
		{"not down", false, true, []journal.Shutdown{journal.ShutdownUnknown, journal.ShutdownNo}},
		{"unknown", false, false, []journal.Shutdown{journal.ShutdownUnknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemory()
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Minute, func() { cancel(errors.New(reason)) })
				began := time.Now()
				err := Record(ctx, store, Config{
					Log: slog.New(slog.DiscardHandler),
					Now: func() clock.Reading { return steady(began) },
					GoingDown: func(ctx context.Context) (bool, bool, string) {
						if n := len(store.Landings()); n != 1 {
							t.Errorf("asked with %d landings written", n)
						}
						if ctx.Err() != nil {
							t.Errorf("asked with %v", ctx.Err())
						}
						if limit, ok := ctx.Deadline(); !ok || time.Until(limit) != patience {
							t.Errorf("asked until %v", limit)
						}
						return tt.down, tt.known, "reboot"
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				var got []journal.Shutdown
				for _, l := range store.Landings() {
					got = append(got, l.Shutdown)
					if to := map[bool]string{true: "reboot"}[l.Shutdown == journal.ShutdownYes]; l.To != to {
						t.Errorf("%v down to %q, want %q", l.Shutdown, l.To, to)
					}
					if l.Reason != reason {
						t.Errorf("landing for reason %q", l.Reason)
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("landings %v, want %v", got, tt.want)
				}
			})
		})
	}
}

// TestLegLimitAsksNobody demands that a flight that goes on as another one isn't
// taken for a machine that goes down.
func TestLegLimitAsksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, flip := 0, false
		store := newMemory()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3*time.Hour, func() { cancel(errors.New("SIGINT")) })
		began := time.Now()
		err := Record(ctx, store, Config{
			Log: slog.New(slog.DiscardHandler), Interval: 10 * time.Second,
			Now: func() clock.Reading {
				r := steady(began)
				if flip = !flip; flip {
					r.Sync = clock.SyncUnsynced
				}
				return r
			},
			GoingDown: func(context.Context) (bool, bool, string) { asked++; return true, true, "" },
		})
		if err != nil {
			t.Fatal(err)
		}
		landings := store.Landings()
		if asked != 1 || len(landings) != len(store.Flown)+1 || len(store.Flown) < 4 {
			t.Errorf("asked %d times, %d landings of %d flights", asked, len(landings), len(store.Flown))
		}
		for i, l := range landings[:len(landings)-1] {
			if l.Shutdown != journal.ShutdownUnknown {
				t.Errorf("landing %d: %+v", i, l)
			}
		}
	})
}
