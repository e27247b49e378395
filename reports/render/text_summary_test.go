package render

import (
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// The expectations in this file were worked out by hand.

func TestClosing(t *testing.T) {
	for _, test := range []struct {
		name  string
		boots []ground.Boot
		opts  reports.Options
		want  string // the last lines
	}{
		{
			name:  "always up",
			boots: []ground.Boot{boot("a", fly(1, "01:00:00", "02:00:00.499999999"))},
			want:  "up 100 % (1:00:00), never down\nsilent since 2020-06-17 02:00:00\n",
		},
		{
			name: "a crash, a shutdown, a stop, and one that nothing tells of",
			boots: []ground.Boot{
				boot("a", fly(1, "00:00:00", "02:00:00")),
				boot("b", landed(fly(2, "03:00:00", "04:00:00"), journal.ShutdownYes)),
				boot("c", landed(fly(3, "05:00:00", "06:00:00"), journal.ShutdownNo)),
				boot("d", fly(4, "07:00:00", "08:00:00")),
				boot("", fly(5, "09:00:00", "10:00:00")),
			},
			want: "up 75.00 % of the time that is known (6:00:00), down 2:00:00 in 4 outages (1 crash, 1 shutdown, 1 stopped, 1 of unknown cause), unknown 2:00:00\nsilent since 2020-06-17 10:00:00\n",
		},
		{
			name: "nothing tells what ended any",
			boots: []ground.Boot{
				boot("", fly(1, "01:00:00", "02:00:00")),
				boot("", fly(2, "04:00:00", "05:00:00")),
			},
			want: "up 2:00:00, 1 outage of unknown length, unknown 2:00:00\nsilent since 2020-06-17 05:00:00\n",
		},
		{
			name: "not quite always",
			boots: []ground.Boot{
				boot("a", fly(1, "2020-01-01 00:00:00", "2020-01-03 00:00:00")),
				boot("b", fly(2, "2020-01-03 00:00:01", "2020-01-05 00:00:01")),
			},
			want: "up 99.99 % (4 days, 0:00:00), down 0:00:01 in 1 outage (1 crash)\nsilent since 2020-01-05 00:00:01\n",
		},
		{
			name: "the time since the last heartbeat is left out",
			boots: []ground.Boot{
				boot("a", aloft(fly(1, "01:00:00", "02:00:00"))),
			},
			opts: reports.Options{Run: reports.Run{Now: at("02:00:07")}},
			want: "up 100 % (1:00:00), never down\n",
		},
		{
			name:  "but not where it is asked for",
			boots: []ground.Boot{boot("a", aloft(fly(1, "01:00:00", "02:00:00")))},
			opts:  reports.Options{Selection: reports.Selection{Until: ref("02:00:07")}, Run: reports.Run{Now: at("03:00:00")}},
			want:  "up 100 % of the time that is known (1:00:00), never down, unknown 0:00:07\n",
		},
		{
			name: "10 minutes up somewhere in 2:40:00",
			boots: []ground.Boot{
				boot("a", fly(1, "01:00:00", "02:00:00")),
				boot("b", adrift(fly(2, "02:00:00", "02:10:00"), ground.GroundingBounded, "02:00:00", "04:40:00")),
				boot("c", fly(3, "04:40:00", "05:00:00")),
			},
			want: "up 1:30:00, 2 outages (2 crashes) of unknown length, unknown 2:30:00\nsilent since 2020-06-17 05:00:00\n" +
				"~ marks an estimate: 'flightrec help grounding' explains it\n",
		},
		{
			name:  "asked for nothing but a downtime",
			boots: []ground.Boot{boot("a", fly(1, "00:00:00", "01:00:00")), boot("b", fly(2, "05:00:00", "06:00:00"))},
			opts:  reports.Options{Selection: reports.Selection{Since: ref("02:00:00"), Until: ref("03:00:00")}},
			want:  "up 0.00 % (0:00:00), down 1:00:00 in 1 outage (1 crash)\n",
		},
		{
			name:  "no time at all",
			boots: []ground.Boot{boot("a", fly(1, "00:00:00", "00:00:00"))},
			want:  "up 0:00:00, never down\nsilent since 2020-06-17 00:00:00\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b strings.Builder
			if err := Text(&b, reportOf(test.boots, test.opts), Look{}); err != nil {
				t.Fatal(err)
			}
			_, closing, _ := strings.Cut(b.String(), "\nup ")
			wantText(t, "up "+closing, test.want)
		})
	}
}

func TestNoClosing(t *testing.T) {
	boots := []ground.Boot{boot("a", fly(1, "01:00:00", "02:00:00"))}
	for _, opts := range []reports.Options{{Selection: reports.Selection{Observed: true}}, {Selection: reports.Selection{Since: ref("03:00:00")}}} {
		opts.Now, opts.Zone = at("04:00:00"), time.UTC
		var b strings.Builder
		if err := Text(&b, reportOf(boots, opts), Look{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\nup ") {
			t.Errorf("%+v: got\n%s", opts, &b)
		}
	}
}
