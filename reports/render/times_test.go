package render

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// loopingBoots are an hour's boot, n of ten seconds, one each minute, and one that
// goes on.
func loopingBoots(n int) []ground.Boot {
	boots := []ground.Boot{boot("first", fly(1, "01:00:00", "02:00:00"))}
	for i := range n {
		start := at("02:01:00").Add(time.Duration(i) * time.Minute)
		boots = append(boots, boot(fmt.Sprint("loop", i), flySpan(2+i, ground.Span{Start: start, End: start.Add(10 * time.Second)})))
	}
	return append(boots, boot("last", aloft(fly(2+n, "03:00:00", "04:00:00"))))
}

func TestCrashLoop(t *testing.T) {
	wantText(t, textOf(t, loopingBoots(5), reports.Options{}), `
DOWNTIME #1: -INF => 2020-06-17 01:00:00 (INF) not recorded

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
DOWNTIME #2: 2020-06-17 02:00:00 => 2020-06-17 02:01:00 (0:01:00.000000) crash

CRASH LOOP #1: 2020-06-17 02:01:00 => 2020-06-17 02:05:10 (0:04:10.000000) 5 boots, each under 5 minutes and ended by a crash: UPTIME #2 to #6 (--all lists them)
DOWNTIME #7: 2020-06-17 02:05:10 => 2020-06-17 03:00:00 (0:54:50.000000) crash

UPTIME #7: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000) aloft
	FLIGHT #7: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000) aloft
`)
	for _, test := range []struct {
		name  string
		boots []ground.Boot
		opts  reports.Options
		loops int
	}{
		{"three boots", loopingBoots(3), reports.Options{}, 1},
		{"two boots are none", loopingBoots(2), reports.Options{}, 0},
		{"all", loopingBoots(5), reports.Options{Show: reports.Show{All: true}}, 0},
		{"observed boots have no cause", loopingBoots(5), reports.Options{Selection: reports.Selection{Observed: true}}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := textOf(t, test.boots, test.opts)
			if n := strings.Count(text, "CRASH LOOP"); n != test.loops {
				t.Errorf("%d crash loops, want %d:\n%s", n, test.loops, text)
			}
			if test.loops == 0 && strings.Count(text, "\nUPTIME #") != len(test.boots) {
				t.Errorf("not every boot is listed:\n%s", text)
			}
		})
	}
	t.Run("a shutdown or a long boot parts loops", func(t *testing.T) {
		boots := loopingBoots(8)
		landed(boots[4].Flights[0], journal.ShutdownYes)
		text := textOf(t, boots, reports.Options{})
		if !strings.Contains(text, "UPTIME #2 to #4 ") || !strings.Contains(text, "UPTIME #6 to #9 ") {
			t.Errorf("loops not parted:\n%s", text)
		}
	})
	t.Run("without anchors", func(t *testing.T) {
		boots := loopingBoots(3)
		for _, b := range boots[1:4] {
			adrift(b.Flights[0], ground.GroundingBounded, "02:00:00", "03:00:00")
		}
		text := textOf(t, boots, reports.Options{})
		for _, want := range []string{
			"DOWNTIME #2: 2020-06-17 02:00:00 => ~2020-06-17 02:01:00 (~0:01:00.000000) crash [1]\n",
			"CRASH LOOP #1: ~2020-06-17 02:01:00 => ~2020-06-17 02:03:10 (~0:02:10.000000) 3 boots, ",
			"(--all lists them) [1]\nDOWNTIME #5: ~2020-06-17 02:03:10 => 2020-06-17 03:00:00 (~0:56:50.000000) crash [1]\n",
			"\n[1] CRASH LOOP #1: the clock was not synchronised, ",
			"somewhere between 2020-06-17 02:00:00 and 2020-06-17 03:00:00.\n",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in:\n%s", want, text)
			}
		}
	})
}

func TestOffsetsWhereTheyChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := []ground.Boot{
		boot("", fly(1, "2026-10-25 00:40:00", "2026-10-25 00:50:00")),
		boot("", fly(2, "2026-10-25 01:10:00", "2026-10-25 01:20:00")),
	}
	wantText(t, textOf(t, night, reports.Options{Run: reports.Run{Zone: berlin}}), `
DOWNTIME #1: -INF => 2026-10-25 02:40:00+02:00 (INF) not recorded

UPTIME #1: 2026-10-25 02:40:00+02:00 => 2026-10-25 02:50:00+02:00 (0:10:00.000000)
	FLIGHT #1: 2026-10-25 02:40:00+02:00 => 2026-10-25 02:50:00+02:00 (0:10:00.000000)
DOWNTIME #2: 2026-10-25 02:50:00+02:00 => 2026-10-25 02:10:00+01:00 (0:20:00.000000) not recorded

UPTIME #2: 2026-10-25 02:10:00+01:00 => 2026-10-25 02:20:00+01:00 (0:10:00.000000)
	FLIGHT #2: 2026-10-25 02:10:00+01:00 => 2026-10-25 02:20:00+01:00 (0:10:00.000000)
`)
	for _, test := range []struct {
		name       string
		start, end string
		zone       *time.Location
		want       bool
	}{
		{"summer", "2026-06-01 00:00:00", "2026-08-01 00:00:00", berlin, false},
		{"summer to summer", "2025-06-01 00:00:00", "2026-06-01 00:00:00", berlin, true},
		{"up to the change", "2026-10-25 00:00:00", "2026-10-25 00:59:59.999999999", berlin, false},
		{"the change itself", "2026-10-25 00:00:00", "2026-10-25 01:00:00", berlin, true},
		{"from the change on", "2026-10-25 01:00:00", "2027-01-01 00:00:00", berlin, false},
		{"a zone without summer", "1970-01-01 00:00:00", "2026-06-01 00:00:00", time.UTC, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := textOf(t, []ground.Boot{boot("a", fly(1, test.start, test.end))}, reports.Options{Run: reports.Run{Zone: test.zone}})
			if got := strings.Contains(text, "+0"); got != test.want {
				t.Errorf("offsets are shown: %v, want %v\n%s", got, test.want, text)
			}
		})
	}
}

func TestMachinesAndWarnings(t *testing.T) {
	kitchen := boot("a", fly(1, "01:00:00", "02:00:00"))
	attic := boot("b", fly(2, "03:00:00", "04:00:00"))
	attic.Machine, attic.Flights[0].Takeoff.Host = "", "attic\x1b[2J\n\u202e\xff"
	renamed := boot("c", fly(3, "05:00:00", "06:00:00"))
	renamed.Flights[0].Takeoff.Host = "kitchen"
	warnings := []string{"lane-1: table 7: bad \x07checksum"}
	wantText(t, textOf(t, []ground.Boot{attic, kitchen, renamed}, reports.Options{Run: reports.Run{Warnings: warnings}}), `
MACHINE attic\x1b[2J\n\u202e\xff
DOWNTIME #1: -INF => 2020-06-17 03:00:00 (INF) not recorded

UPTIME #1: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000)

MACHINE kitchen m
DOWNTIME #1: -INF => 2020-06-17 01:00:00 (INF) not recorded

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
DOWNTIME #2: 2020-06-17 02:00:00 => 2020-06-17 05:00:00 (3:00:00.000000) crash

UPTIME #2: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000)
	FLIGHT #2: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000)

warning: lane-1: table 7: bad \achecksum
`)
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                   "",
		"raspberry":          "raspberry",
		"Küche 台所":           "Küche 台所",
		`say "hi" \ bye`:     `say "hi" \ bye`,
		"a\tb\nc\rd":         `a\tb\nc\rd`,
		"\x1b]0;title\x07":   `\x1b]0;title\a`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"\xff\xfe":           `\xff\xfe`,
		"\u009bCSI \u00a0nb": `\u009bCSI \u00a0nb`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// A reader who has gone away is told to the caller, whatever was being written.
func TestWritersError(t *testing.T) {
	gone := errors.New("gone")
	r := reportOf(loopingBoots(100), reports.Options{Show: reports.Show{All: true}})
	for name, write := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return Text(w, r, Look{}) },
		"json": func(w io.Writer) error { return JSON(w, r, Look{}) },
		"dump": func(w io.Writer) error { return Dump(w, flightsOf(loopingBoots(100))) },
	} {
		if err := write(brokenPipe{gone}); err != gone {
			t.Errorf("%s: error %v, want that of the writer", name, err)
		}
	}
}

// A brokenPipe is a writer that nobody reads from.
type brokenPipe struct{ error }

func (p brokenPipe) Write([]byte) (int, error) { return 0, p.error }
