//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestFlyUntil demands that a recorder that is told to end waits for its takeoff, but not
// for ever, and that one that has taken off may take its time to land.
func TestFlyUntil(t *testing.T) {
	order := errors.New("SIGTERM")
	for name, tt := range map[string]struct {
		takeoff, landing time.Duration // since the order
		want             error
		after            time.Duration
	}{
		"in the air":    {-time.Second, time.Hour, nil, time.Hour},
		"while it does": {4 * time.Second, time.Hour, nil, time.Hour},
		"never":         {2 * time.Hour, 3 * time.Hour, order, takeoffPatience},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				began := time.Now()
				time.AfterFunc(time.Minute, func() { cancel(order) })
				err := flyUntil(ctx, func(tookOff func()) error {
					time.Sleep(time.Minute + tt.takeoff)
					tookOff()
					tookOff()
					time.Sleep(tt.landing - tt.takeoff)
					return nil
				})
				if after := time.Since(began) - time.Minute; !errors.Is(err, tt.want) || after != tt.after {
					t.Errorf("ended with %v after %v", err, after)
				}
				time.Sleep(4 * time.Hour) // for the flight that was left behind
			})
		})
	}
}

// TestEarly demands that signals are heard before the large libraries begin.
func TestEarly(t *testing.T) {
	cmd := exec.Command(program, "record", "-d", filepath.Join(t.TempDir(), "journal"), "-i", "none")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	text, _ := cmd.CombinedOutput()
	early := strings.Index(string(text), "init flightrec/cmd/flightrec/early ")
	store := strings.Index(string(text), "init github.com/cockroachdb/pebble/v2 ")
	if early < 0 || store < early {
		t.Errorf("the program began with\n%s", text)
	}
}
