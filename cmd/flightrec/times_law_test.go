package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"flightrec/journal"

	"pgregory.net/rapid"
)

// writtenForms are ways to write a time, and what they leave out of it.
var writtenForms = []struct {
	form string
	unit time.Duration
}{
	{"2006-01-02 15:04:05", time.Second},
	{"2006-01-02T15:04:05", time.Second},
	{"2006-01-02 15:04", time.Minute},
	{"2006-01-02T15:04:05.999999999Z07:00", 1},
	{"2006-01-02 15:04:05 -0700", time.Second},
	{"Mon 2006-01-02 15:04:05", time.Second},
	{"2 Jan 2006 15:04", time.Minute},
	{"2 January 2006 15:04:05", time.Second},
	{"Mon 2 Jan 2006 15:04", time.Minute},
}

// drawMoment returns a point of time since 1941, in a zone. Earlier, zones were off by
// seconds (Berlin's local mean time by 53:28), which no form writes: RFC 3339 has hours
// and minutes alone.
func drawMoment(t *rapid.T) time.Time {
	name := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "Africa/Casablanca"}).Draw(t, "zone")
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(rapid.Int64Range(-9e8, 7e9).Draw(t, "seconds"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).In(zone)
}

// A time that is written in any form is read as one that is written the same; which of two
// hours is meant, when clocks are put back, no form without an offset tells.
func TestWrittenTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawMoment(t)
		from := origin{now: at.Add(time.Duration(rapid.Int64Range(-1e18, 1e18).Draw(t, "later"))), zone: at.Location()}
		for _, w := range writtenForms {
			text := at.Format(w.form)
			got, err := parseTime(text, from)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			again := got.Time().In(at.Location())
			if again.Format(w.form) != text {
				t.Fatalf("%s is read as %v", text, again)
			}
			if off := at.Sub(again); strings.Contains(w.form, "07") && (off < 0 || off >= w.unit) {
				t.Fatalf("%s is read as %v, %v off", text, again, off)
			}
		}
		if got, err := parseTime(fmt.Sprintf("@%d.%09d", at.Unix(), at.Nanosecond()), from); at.Unix() >= 0 && (err != nil || got != journal.InstantOf(at)) {
			t.Fatalf("@%d.%09d is read as %v, %v", at.Unix(), at.Nanosecond(), got.Time(), err)
		}
	})
}

// A span back is years and months, then days of the calendar, then hours and less, in
// whatever words it is written.
func TestWrittenSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := drawMoment(t)
		from := origin{now: now, zone: now.Location()}
		n := func(what string, most int) int { return rapid.IntRange(0, most).Draw(t, what) }
		weeks, days, hours, minutes, seconds := n("weeks", 20), n("days", 400), n("hours", 100), n("minutes", 100), n("seconds", 1000)
		want := journal.InstantOf(now.AddDate(0, 0, -7*weeks-days).Add(-time.Duration(hours)*time.Hour - time.Duration(minutes)*time.Minute - time.Duration(seconds)*time.Second))
		for _, form := range []string{
			"%dw%dd%dh%dm%ds", "-%dw%dd%dh%dm%ds", "%d weeks %d days %d hours %d minutes %d seconds ago", "%d week %d day %dhr %d min %d sec",
		} {
			text := fmt.Sprintf(form, weeks, days, hours, minutes, seconds)
			if got, err := parseTime(text, from); err != nil || got != want {
				t.Fatalf("%s before %v: %v, %v; want %v", text, now, got.Time(), err, want.Time())
			}
		}
	})
}

// Zones by POSIX have the offsets that the C library has for them, which date(1) tells.
func TestPosixZonesOfC(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs GNU date")
	}
	var at []time.Time
	for year := 1999; year < 2037; year++ {
		for day := range 366 { // with hours all around
			at = append(at, time.Date(year, 1, day, (7*day+year)%24, 59, 59, 0, time.UTC))
		}
	}
	var dates bytes.Buffer
	for _, moment := range at {
		fmt.Fprintf(&dates, "@%d\n", moment.Unix())
	}
	for _, tz := range []string{
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"EST5EDT,M3.2.0,M11.1.0",
		"IST-1GMT0,M10.5.0,M3.5.0/1",
		"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
		"AEST-10AEDT,M10.1.0,M4.1.0/3",
		"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45",
		"EST5EDT,J60/2,J300/2:30",
		"AAA3BBB,58/1,299",
		"UTC0",
	} {
		zone, ok := posixZone(tz)
		if !ok {
			t.Errorf("%s isn't read", tz)
			continue
		}
		date := exec.Command("date", "-f", "-", "+%Y-%m-%d %H:%M:%S %z %Z")
		date.Env, date.Stdin = append(os.Environ(), "TZ="+tz), bytes.NewReader(dates.Bytes())
		out, err := date.Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		for i, moment := range at {
			if got := moment.In(zone).Format("2006-01-02 15:04:05 -0700 MST"); got != lines[i] {
				t.Fatalf("%s: %s, and by the C library %s", tz, got, lines[i])
			}
		}
	}
}
