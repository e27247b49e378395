//go:build linux

package main

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/store"
	"flightrec/reports"
	"flightrec/reports/render"
)

// check compares what the journal tells with the script. The last heartbeats were
// at ends on the boot clocks.
func (l *life) check(t *testing.T, dir string, ends []time.Duration) {
	flights, err := store.Read(t.Context(), dir, func(err error) { t.Errorf("warning: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	boots := ground.Ground(flights, ground.Options{})
	if len(boots) != len(l.chapters) {
		t.Fatalf("%d boots, want %d", len(boots), len(l.chapters))
	}
	var up, slack time.Duration
	for i := range boots {
		c := &l.chapters[i]
		if boots[i].ID != c.id {
			t.Fatalf("boot %d is %s, not %s", i, boots[i].ID, c.id)
		}
		up += ends[i]
		slack += c.check(t, &boots[i], ends[i])
	}
	l.checkReport(t, flights, boots[len(boots)-1].End, up, slack)
}

// check compares a boot with its script, and returns how far its length may be
// wrong.
func (c *chapter) check(t *testing.T, b *ground.Boot, end time.Duration) (slack time.Duration) {
	if len(b.Flights) != 1 {
		t.Errorf("%s has %d flights", c.id, len(b.Flights))
		return 0
	}
	f := b.Flights[0]
	takeoff, last := journal.InstantOf(c.at(c.takeoff)), journal.InstantOf(c.at(end))
	lands := c.how != crashes
	if lands != (f.Ending == journal.EndingLanded) || lands && (f.Landing.Shutdown == journal.ShutdownYes) != (c.how == shutsDown) {
		t.Errorf("%s: %v, landing %+v", c.id, f.Ending, f.Landing)
	}
	if got := f.Legs[len(f.Legs)-1].Last.Elapsed; got != end-c.takeoff {
		t.Errorf("%s: last heartbeat at %v, want %v", c.id, got, end-c.takeoff)
	}
	if end < c.set {
		w := f.Window
		if w.Earliest == nil || takeoff < *w.Earliest || w.Latest != nil && last > *w.Latest || w.Latest == nil && c.set == never {
			t.Errorf("%s: from %v to %v isn't in the window %v", c.id, takeoff, last, w)
		}
		// It may be drawn shorter than it was, by as much as a boot clock may be fast.
		return end / 1e6 * 500
	}
	if f.Grounding != ground.GroundingNTP || f.Error == clock.Unknown || f.Error > time.Minute {
		t.Errorf("%s: grounded %v, ± %v", c.id, f.Grounding, f.Error)
	}
	// After a leap second the whole boot is told on the scale that followed.
	slack = f.Error
	if c.leap <= end {
		slack += time.Second
	}
	born := journal.InstantOf(c.kernel)
	for _, off := range []time.Duration{f.Start.Sub(takeoff), f.End.Sub(last), b.Start.Sub(born), b.End.Sub(last)} {
		if off.Abs() > slack {
			t.Errorf("%s: off by %v, ± %v\n%v is told as %v", c.id, off, slack, c, f.Span)
		}
	}
	return 2 * slack
}

// checkReport compares the final report with the script: its counts, its time up,
// and each of its uptimes.
func (l *life) checkReport(t *testing.T, flights []journal.Flight, now journal.Instant, up, slack time.Duration) {
	r := reports.New(flights, reports.Options{Show: reports.Show{All: true}, Run: reports.Run{Now: now, Zone: berlin(t)}})
	if r.Count != 1 {
		t.Fatalf("%d machines", r.Count)
	}
	var s reports.Summary
	for m := range r.Machines {
		s = m.Summary
	}
	got := [...]int{s.Boots, s.Outages, s.Crashes, s.Shutdowns, s.Stopped}
	n := len(l.chapters)
	if want := [...]int{n, n - 1, l.counts[crashes], l.counts[shutsDown], l.counts[stops]}; got != want {
		t.Errorf("boots, outages, crashes, shutdowns, stopped: %v, want %v", got, want)
	}
	if off := time.Duration(s.Up) - up; off.Abs() > slack {
		t.Errorf("up %v, want %v ± %v", time.Duration(s.Up), up, slack)
	}
	var text strings.Builder
	if err := render.Text(&text, r, render.Look{}); err != nil {
		t.Fatal(err)
	}
	l.checkText(t, text.String())
}

// uptimeLine matches an uptime whose beginning isn't estimated.
var uptimeLine = regexp.MustCompile(`(?m)^UPTIME #(\d+): (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d) => `)

// checkText compares the printed report with the script: summer and winter time
// come and go in it, so that every time carries its offset. It tells the second in
// which an uptime began, give or take one.
func (l *life) checkText(t *testing.T, text string) {
	lines := uptimeLine.FindAllStringSubmatch(text, -1)
	if len(lines) < len(l.chapters)-2*l.offline {
		t.Fatalf("%d uptimes are printed, want most of %d", len(lines), len(l.chapters))
	}
	for _, line := range lines {
		n, _ := strconv.Atoi(line[1])
		told, err := time.Parse("2006-01-02 15:04:05-07:00", line[2])
		if err != nil || n > len(l.chapters) {
			t.Fatalf("%q: %v", line[0], err)
		}
		if want := l.chapters[n-1].kernel; told.Sub(want).Abs() > 2*time.Second {
			t.Errorf("%q: the kernel booted at %v", line[0], want)
		}
	}
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
