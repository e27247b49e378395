package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/recorder"
	"flightrec/journal/store"
)

func TestOrderOf(t *testing.T) {
	const interrogate, paramChange, powerEvent = 4, 6, 13
	for control, want := range map[uint32]order{
		controlStop:        {"service stop", false},
		controlShutdown:    {"system shutdown", true},
		controlPreShutdown: {"system shutdown", true},
		interrogate:        {},
		paramChange:        {},
		powerEvent:         {},
	} {
		got, ends := orderOf(control)
		if got != want || ends != (want != order{}) {
			t.Errorf("control %d: %v, %v; want %v", control, got, ends, want)
		}
	}
}

// A service manager's order is what a landing says, and nobody else is asked.
func TestLandingByOrder(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	for control, want := range map[uint32]string{
		controlStop:        `"landing":{"reason":"service stop","shutdown":false,"to":null}`,
		controlPreShutdown: `"landing":{"reason":"system shutdown","shutdown":true,"to":null}`,
	} {
		dir := t.TempDir()
		j, err := store.Open(dir, quiet)
		if err != nil {
			t.Fatal(err)
		}
		managed, cancel := context.WithCancelCause(t.Context())
		ctx, _, stop := landing(managed)
		o, _ := orderOf(control)
		time.AfterFunc(100*time.Millisecond, func() { cancel(o) })
		err = recorder.Record(ctx, j, recorder.Config{Now: new(clock.Clock).Now, GoingDown: goingDown(ctx), Log: quiet})
		stop()
		if err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		var dump bytes.Buffer
		if err := run(t.Context(), []string{"flightrec", "dump", "--json", "-d", dir}, nil, &dump, io.Discard); err != nil {
			t.Error(err)
		}
		if !strings.Contains(dump.String(), want) {
			t.Errorf("no %s in\n%s", want, &dump)
		}
	}
}
