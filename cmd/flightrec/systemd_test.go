package main

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/recorder"
	"flightrec/journal/store"
)

func TestNotification(t *testing.T) {
	takeoff := time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		state recorder.State
		want  string
	}{
		{"on time", recorder.State{Lane: "lane-0", Takeoff: takeoff, Sync: clock.SyncSynced, Interval: 30 * time.Second},
			"WATCHDOG=1\nWATCHDOG_USEC=90000000\nREADY=1\nSTATUS=aloft since 2026-11-28 09:30:00 UTC, clock synced, lane-0"},
		{"early", recorder.State{Lane: "lane-1", Takeoff: takeoff, Interval: time.Second},
			"WATCHDOG=1\nWATCHDOG_USEC=30000000\nREADY=1\nSTATUS=aloft since 2026-11-28 09:30:00 UTC, clock unknown, lane-1"},
		{"disk full", recorder.State{Lane: "lane-0", Takeoff: takeoff, Interval: time.Minute, Err: errors.New("no\nspace")},
			"WATCHDOG=1\nWATCHDOG_USEC=180000000\nSTATUS=lane-0: heartbeats can't be written: no; space"},
	} {
		if got := notification(tt.state); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

// systemd hears of each heartbeat, and a systemd that doesn't listen stops nobody.
func TestServiceManager(t *testing.T) {
	if serviceManager() != nil {
		t.Error("somebody is told, where there is no systemd")
	}
	addr := &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"}
	systemd, err := net.ListenUnixgram("unixgram", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer systemd.Close()
	t.Setenv("NOTIFY_SOCKET", addr.Name)
	tell := serviceManager()
	tell(recorder.State{Lane: "lane-0"})
	b := make([]byte, 1000)
	n, err := systemd.Read(b)
	if err != nil || !strings.Contains(string(b[:n]), "READY=1\n") {
		t.Errorf("%q, %v", b[:n], err)
	}
	for range 1000 {
		tell(recorder.State{Lane: "lane-0"})
	}
}

// A signal ends a recorder that can't open its journal.
func TestOpenUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stuck := make(chan struct{})
	defer close(stuck)
	time.AfterFunc(10*time.Millisecond, cancel)
	j, err := openUntil(ctx, func() (*store.Journal, error) {
		<-stuck
		return nil, errors.New("too late")
	})
	if j != nil || err != nil {
		t.Errorf("%v, %v", j, err)
	}
}
