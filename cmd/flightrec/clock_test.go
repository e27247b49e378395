//go:build unix

package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/clock/ntptest"
	"flightrec/journal/clock/sntp"

	"github.com/rogpeppe/go-internal/testscript"
)

// ntpServer starts a time server on the loopback interface, which ends with the
// script, and sets $VAR to its address. Its time is TIME now, whatever the system's
// clock says, or as far from that clock as a duration says.
//
//	ntp VAR TIME|DURATION [unsynchronised | kiss CODE]
func ntpServer(ts *testscript.TestScript, neg bool, args []string) {
	now, err := time.Parse(time.RFC3339, args[1])
	if offset, notSpan := time.ParseDuration(args[1]); notSpan == nil {
		now, err = time.Now().Add(offset), nil
	}
	ts.Check(err)
	answer := ntptest.Good()
	answer.RootDispersion = 50 * time.Millisecond // two servers of a script must agree
	switch {
	case len(args) == 3 && args[2] == "unsynchronised":
		answer.Leap = ntptest.Unsynchronised
	case len(args) == 4 && args[2] == "kiss":
		answer.Stratum, answer.RefID = 0, args[3]
	case len(args) != 2:
		ts.Fatalf("ntp: no such answer: %q", args[2:])
	}
	s, err := ntptest.Listen("127.0.0.1:0", ntptest.Steady(now), answer)
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	ts.Setenv(args[0], s.Addr())
}

// logged waits until a file holds a text: logged FILE TEXT
func logged(ts *testscript.TestScript, neg bool, args []string) {
	var text []byte
	for range 600 {
		text, _ = os.ReadFile(ts.MkAbs(args[0]))
		if strings.Contains(string(text), args[1]) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s doesn't hold %q:\n%s", args[0], args[1], text)
}

func TestMeaning(t *testing.T) {
	wall := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	reading := func(sync clock.Sync, maxError time.Duration) clock.Reading {
		return clock.Reading{Boot: time.Hour, Awake: time.Hour, Raw: clock.Unknown, Wall: wall, Sync: sync, MaxError: maxError, Source: "adjtimex"}
	}
	blind := reading(clock.SyncUnknown, clock.Unknown)
	blind.Source, blind.Reason = "", "adjtimex: operation not permitted"
	says := func(host string, offset time.Duration) sntp.Answer {
		return sntp.Answer{Host: host, Boot: time.Hour, Awake: time.Hour, Raw: clock.Unknown, Wall: wall, Offset: offset, MaxError: 10 * time.Millisecond}
	}
	down := sntp.Answer{Host: "down", Err: errors.New("no network")}
	const (
		cure     = "To have it known, run a time daemon, or record with --ntp HOST."
		unsynced = "The wall clock is not synchronised (adjtimex): nobody has set it right since the boot, or since it was last stepped."
		synced   = "The wall clock is synchronised, to within 2ms (adjtimex): a heartbeat taken now anchors its flight."
	)
	for _, tt := range []struct {
		name    string
		reading clock.Reading
		answers []sntp.Answer
		want    []string
	}{
		{"synced", reading(clock.SyncSynced, 2*time.Millisecond), nil, []string{synced}},
		{"unsynced", reading(clock.SyncUnsynced, clock.Unknown), nil, []string{unsynced, cure}},
		{"weak", reading(clock.SyncWeak, clock.Unknown), nil, []string{
			"Somebody disciplines the wall clock, but nothing proves it right (adjtimex): a heartbeat taken now is a weak anchor.", cure}},
		{"unknown", blind, nil, []string{"Nothing tells whether the wall clock is right: adjtimex: operation not permitted.", cure}},
		{"server down", reading(clock.SyncUnsynced, clock.Unknown), []sntp.Answer{down}, []string{unsynced, cure}},
		{"unsynced, but a server answers", reading(clock.SyncUnsynced, clock.Unknown), []sntp.Answer{down, says("a", time.Hour)}, []string{unsynced,
			"By a the wall clock is 1h0m0s behind. With --ntp a a heartbeat taken now anchors its flight, to within 10ms."}},
		{"a server that agrees", reading(clock.SyncSynced, 2*time.Millisecond), []sntp.Answer{says("a", -5*time.Millisecond)}, []string{synced,
			"By a the wall clock is 5ms ahead. That agrees with the synchronised wall clock, which a recorder goes by."}},
		{"a liar", reading(clock.SyncSynced, 2*time.Millisecond), []sntp.Answer{says("a", time.Hour)}, []string{synced,
			"By a the wall clock is 1h0m0s behind. That contradicts the synchronised wall clock, so a recorder doesn't believe this server."}},
	} {
		if got := meaning(tt.reading, tt.answers); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}
