package recorder

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// A takeoff has what is known of board, boot and recorder, and says so where it isn't.
func TestTakeoff(t *testing.T) {
	built := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, known := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			memory := journaltest.NewMemory(0)
			store := memory.Open()
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Minute, func() { cancel(errors.New("SIGTERM")) })
			began := time.Now()
			cfg := Config{Log: slog.New(slog.DiscardHandler), Now: func() clock.Reading {
				r := steady(began)
				r.Awake, r.AwakeAbsolute = r.Awake-10*time.Second, known
				return r
			}}
			want := journal.Takeoff{AwakeSinceBoot: clock.Unknown}
			if known {
				cfg.Built, want.Built, want.AwakeSinceBoot = built, journal.InstantOf(built), 50*time.Second
				cfg.Identity = clock.Identity{Hardware: "h", BootOrigin: clock.BootOriginContainer, Container: "lxc"}
				want.Identity = cfg.Identity
			}
			if err := Record(ctx, store, cfg); err != nil {
				t.Fatal(err)
			}
			got := memory.Flights()[0].Takeoff
			if got.Identity != want.Identity || got.Built != want.Built || got.AwakeSinceBoot != want.AwakeSinceBoot {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
}
