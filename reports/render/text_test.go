package render

import (
	"testing"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// The expectations in this file were worked out by hand.

func TestText(t *testing.T) {
	type boots = []ground.Boot
	for _, test := range []struct {
		name  string
		boots boots
		opts  reports.Options
		want  string
	}{
		{name: "empty", want: "no flights recorded\n"},
		{
			name: "the original's lines",
			boots: boots{
				boot("", fly(1, "03:05:05", "03:15:25.586976")),
				boot("", fly(2, "03:16:31.218303", "03:20:00")),
			},
			want: `
DOWNTIME #1: -INF => 2020-06-17 03:05:05 (INF) not recorded

UPTIME #1: 2020-06-17 03:05:05 => 2020-06-17 03:15:25 (0:10:20.586976)
	FLIGHT #1: 2020-06-17 03:05:05 => 2020-06-17 03:15:25 (0:10:20.586976)
DOWNTIME #2: 2020-06-17 03:15:25 => 2020-06-17 03:16:31 (0:01:05.631327) not recorded

UPTIME #2: 2020-06-17 03:16:31 => 2020-06-17 03:20:00 (0:03:28.781697)
	FLIGHT #2: 2020-06-17 03:16:31 => 2020-06-17 03:20:00 (0:03:28.781697)
`,
		},
		{
			name: "how each boot ended",
			boots: boots{
				boot("a", fly(1, "01:00:00", "02:00:00")),
				boot("b", landed(fly(2, "03:00:00", "04:00:00"), journal.ShutdownYes)),
				boot("c", landed(fly(3, "05:00:00", "06:00:00"), journal.ShutdownNo)),
				boot("d", landed(fly(4, "07:00:00", "08:00:00"), journal.ShutdownUnknown)),
				boot("", fly(5, "09:00:00", "10:00:00")),
				boot("", landed(fly(6, "11:00:00", "12:00:00"), journal.ShutdownYes)),
				boot("g", aloft(fly(7, "13:00:00", "14:00:00"))),
			},
			want: `
DOWNTIME #1: -INF => 2020-06-17 01:00:00 (INF) not recorded

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
DOWNTIME #2: 2020-06-17 02:00:00 => 2020-06-17 03:00:00 (1:00:00.000000) crash

UPTIME #2: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000)
	FLIGHT #2: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000)
DOWNTIME #3: 2020-06-17 04:00:00 => 2020-06-17 05:00:00 (1:00:00.000000) shutdown

UPTIME #3: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000)
	FLIGHT #3: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000)
DOWNTIME #4: 2020-06-17 06:00:00 => 2020-06-17 07:00:00 (1:00:00.000000) stopped

UPTIME #4: 2020-06-17 07:00:00 => 2020-06-17 08:00:00 (1:00:00.000000)
	FLIGHT #4: 2020-06-17 07:00:00 => 2020-06-17 08:00:00 (1:00:00.000000)
DOWNTIME #5: 2020-06-17 08:00:00 => 2020-06-17 09:00:00 (1:00:00.000000) not recorded

UPTIME #5: 2020-06-17 09:00:00 => 2020-06-17 10:00:00 (1:00:00.000000)
	FLIGHT #5: 2020-06-17 09:00:00 => 2020-06-17 10:00:00 (1:00:00.000000)
DOWNTIME #6: 2020-06-17 10:00:00 => 2020-06-17 11:00:00 (1:00:00.000000) not recorded

UPTIME #6: 2020-06-17 11:00:00 => 2020-06-17 12:00:00 (1:00:00.000000)
	FLIGHT #6: 2020-06-17 11:00:00 => 2020-06-17 12:00:00 (1:00:00.000000)
DOWNTIME #7: 2020-06-17 12:00:00 => 2020-06-17 13:00:00 (1:00:00.000000) shutdown

UPTIME #7: 2020-06-17 13:00:00 => 2020-06-17 14:00:00 (1:00:00.000000) aloft
	FLIGHT #7: 2020-06-17 13:00:00 => 2020-06-17 14:00:00 (1:00:00.000000) aloft
`,
		},
		{
			name: "one boot: a gap, a pause, flights side by side",
			boots: boots{since("00:59:30", boot("a",
				fly(1, "01:00:00", "02:00:00"),
				fly(2, "01:30:00", "02:10:00"),
				paused(fly(3, "02:10:02.5", "04:00:00"), "03:00:00", "03:20:00"),
				fly(4, "04:00:00", "04:00:00"),
			))},
			want: `
DOWNTIME #1: -INF => 2020-06-17 00:59:30 (INF) not recorded

UPTIME #1: 2020-06-17 00:59:30 => 2020-06-17 04:00:00 (3:00:30.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #2: 2020-06-17 01:30:00 => 2020-06-17 02:10:00 (0:40:00.000000)
	GAP #1: 2020-06-17 02:10:00 => 2020-06-17 02:10:02 (0:00:02.500000) nobody was recording
	FLIGHT #3: 2020-06-17 02:10:02 => 2020-06-17 04:00:00 (1:49:57.500000)
	PAUSE #1: 2020-06-17 03:00:00 => 2020-06-17 03:20:00 (0:20:00.000000) the machine stood still, its clock had been wrong, or its boot clock runs slow
	FLIGHT #4: 2020-06-17 04:00:00 => 2020-06-17 04:00:00 (0:00:00.000000)
`,
		},
		{
			name: "no time between boots, and boots that overlap within their errors",
			boots: boots{
				boot("a", fly(1, "01:00:00", "02:00:00")),
				boot("b", fly(2, "02:00:00", "03:00:00")),
				boot("c", fly(3, "02:59:59.999", "04:00:00")),
			},
			want: `
DOWNTIME #1: -INF => 2020-06-17 01:00:00 (INF) not recorded

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
DOWNTIME #2: 2020-06-17 02:00:00 => 2020-06-17 02:00:00 (0:00:00.000000) crash

UPTIME #2: 2020-06-17 02:00:00 => 2020-06-17 03:00:00 (1:00:00.000000)
	FLIGHT #2: 2020-06-17 02:00:00 => 2020-06-17 03:00:00 (1:00:00.000000)
DOWNTIME #3: 2020-06-17 02:59:59 => 2020-06-17 02:59:59 (0:00:00.000000) crash

UPTIME #3: 2020-06-17 02:59:59 => 2020-06-17 04:00:00 (1:00:00.001000)
	FLIGHT #3: 2020-06-17 02:59:59 => 2020-06-17 04:00:00 (1:00:00.001000)
`,
		},
		{
			name: "days",
			boots: boots{
				boot("a", fly(1, "2020-01-01 00:00:00", "2020-01-02 00:00:01")),
				boot("b", fly(2, "2020-01-04 10:00:01", "2020-01-04 10:00:01.000000999")),
			},
			want: `
DOWNTIME #1: -INF => 2020-01-01 00:00:00 (INF) not recorded

UPTIME #1: 2020-01-01 00:00:00 => 2020-01-02 00:00:01 (1 day, 0:00:01.000000)
	FLIGHT #1: 2020-01-01 00:00:00 => 2020-01-02 00:00:01 (1 day, 0:00:01.000000)
DOWNTIME #2: 2020-01-02 00:00:01 => 2020-01-04 10:00:01 (2 days, 10:00:00.000000) crash

UPTIME #2: 2020-01-04 10:00:01 => 2020-01-04 10:00:01 (0:00:00.000000)
	FLIGHT #2: 2020-01-04 10:00:01 => 2020-01-04 10:00:01 (0:00:00.000000)
`,
		},
		{
			name: "boots without an anchor",
			boots: boots{
				boot("a", fly(1, "01:00:00", "02:00:00")),
				boot("b", adrift(fly(2, "02:00:00", "02:10:00"), ground.GroundingBounded, "02:00:00", "04:40:00")),
				boot("c", adrift(fly(3, "03:00:00", "03:20:00"), ground.GroundingWall, "02:10:00", "05:00:00")),
				boot("d", fly(4, "05:00:00", "06:00:00")),
				boot("e", aloft(adrift(fly(5, "07:00:00", "07:01:00"), ground.GroundingWall, "06:00:00", ""))),
			},
			want: `
DOWNTIME #1: -INF => 2020-06-17 01:00:00 (INF) not recorded

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
DOWNTIME #2: 2020-06-17 02:00:00 => ~2020-06-17 02:00:00 (unknown) crash [1]

UPTIME #2: ~2020-06-17 02:00:00 => ~2020-06-17 02:10:00 (0:10:00.000000) [1]
	FLIGHT #2: ~2020-06-17 02:00:00 => ~2020-06-17 02:10:00 (0:10:00.000000) [1]
DOWNTIME #3: ~2020-06-17 02:10:00 => ~2020-06-17 03:00:00 (~0:50:00.000000) crash [1] [2]

UPTIME #3: ~2020-06-17 03:00:00 => ~2020-06-17 03:20:00 (0:20:00.000000) [2]
	FLIGHT #3: ~2020-06-17 03:00:00 => ~2020-06-17 03:20:00 (0:20:00.000000) [2]
DOWNTIME #4: ~2020-06-17 03:20:00 => 2020-06-17 05:00:00 (~1:40:00.000000) crash [2]

UPTIME #4: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000)
	FLIGHT #4: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000)
DOWNTIME #5: 2020-06-17 06:00:00 => ~2020-06-17 07:00:00 (~1:00:00.000000) crash [3]

UPTIME #5: ~2020-06-17 07:00:00 => ~2020-06-17 07:01:00 (0:01:00.000000) aloft [3]
	FLIGHT #5: ~2020-06-17 07:00:00 => ~2020-06-17 07:01:00 (0:01:00.000000) aloft [3]

[1] UPTIME #2: the clock was not synchronised, and what it said cannot be right. The length is right, the place is a guess: somewhere between 2020-06-17 02:00:00 and 2020-06-17 04:40:00.
[2] UPTIME #3: the clock was not synchronised, so the times are what it said. The length is right, the place is not certain: somewhere between 2020-06-17 02:10:00 and 2020-06-17 05:00:00.
[3] UPTIME #5: the clock was not synchronised, so the times are what it said. The length is right, the place is not certain: somewhere after 2020-06-17 06:00:00. It still goes on, and its times will be known as soon as the clock is synchronised.
`,
		},
		{
			name: "nothing bounds it, or but one side",
			boots: boots{
				boot("a", adrift(fly(1, "01:00:00", "02:00:00"), ground.GroundingWall, "", "")),
				boot("b", adrift(fly(2, "03:00:00", "04:00:00"), ground.GroundingWall, "", "05:00:00")),
			},
			want: `
DOWNTIME #1: -INF => ~2020-06-17 01:00:00 (INF) not recorded [1]

UPTIME #1: ~2020-06-17 01:00:00 => ~2020-06-17 02:00:00 (1:00:00.000000) [1]
	FLIGHT #1: ~2020-06-17 01:00:00 => ~2020-06-17 02:00:00 (1:00:00.000000) [1]
DOWNTIME #2: ~2020-06-17 02:00:00 => ~2020-06-17 03:00:00 (~1:00:00.000000) crash [1] [2]

UPTIME #2: ~2020-06-17 03:00:00 => ~2020-06-17 04:00:00 (1:00:00.000000) [2]
	FLIGHT #2: ~2020-06-17 03:00:00 => ~2020-06-17 04:00:00 (1:00:00.000000) [2]

[1] UPTIME #1: the clock was not synchronised, and nothing else tells when this was. The length is right, the times are what the clock said, moved on where boots would overlap.
[2] UPTIME #2: the clock was not synchronised, so the times are what it said. The length is right, the place is not certain: somewhere before 2020-06-17 05:00:00.
`,
		},
		{
			name: "cut at both ends",
			boots: boots{
				boot("a", fly(1, "00:00:00", "01:00:00")),
				boot("b", fly(2, "02:00:00", "03:00:00"), fly(3, "03:30:00", "04:00:00"), fly(4, "04:30:00", "05:00:00")),
				boot("c", fly(5, "06:00:00", "07:00:00")),
				boot("d", aloft(fly(6, "08:00:00", "09:00:00"))),
			},
			opts: reports.Options{Selection: reports.Selection{Since: ref("03:15:00"), Until: ref("06:30:00")}},
			want: `

UPTIME #1: 2020-06-17 03:15:00 => 2020-06-17 05:00:00 (1:45:00.000000) since 2020-06-17 02:00:00
	GAP #1: 2020-06-17 03:00:00 => 2020-06-17 03:30:00 (0:30:00.000000) nobody was recording
	FLIGHT #1: 2020-06-17 03:30:00 => 2020-06-17 04:00:00 (0:30:00.000000)
	GAP #2: 2020-06-17 04:00:00 => 2020-06-17 04:30:00 (0:30:00.000000) nobody was recording
	FLIGHT #2: 2020-06-17 04:30:00 => 2020-06-17 05:00:00 (0:30:00.000000)
DOWNTIME #1: 2020-06-17 05:00:00 => 2020-06-17 06:00:00 (1:00:00.000000) crash

UPTIME #2: 2020-06-17 06:00:00 => 2020-06-17 06:30:00 (0:30:00.000000) until 2020-06-17 07:00:00
	FLIGHT #3: 2020-06-17 06:00:00 => 2020-06-17 07:00:00 (1:00:00.000000)
`,
		},
		{
			name: "cut within a downtime",
			boots: boots{
				boot("a", fly(1, "00:00:00", "01:00:00")),
				boot("b", fly(2, "05:00:00", "06:00:00")),
			},
			opts: reports.Options{Selection: reports.Selection{Since: ref("02:00:00"), Until: ref("03:00:00")}},
			want: `
DOWNTIME #1: 2020-06-17 02:00:00 => 2020-06-17 03:00:00 (1:00:00.000000) crash since 2020-06-17 01:00:00 until 2020-06-17 05:00:00
`,
		},
		{
			name:  "asked from before the first flight",
			boots: boots{boot("a", fly(1, "01:00:00", "02:00:00"))},
			opts:  reports.Options{Selection: reports.Selection{Since: ref("00:30:00")}},
			want: `
DOWNTIME #1: 2020-06-17 00:30:00 => 2020-06-17 01:00:00 (0:30:00.000000) not recorded

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
`,
		},
		{
			name:  "asked for a time before all flights",
			boots: boots{boot("a", fly(1, "01:00:00", "02:00:00"))},
			opts:  reports.Options{Selection: reports.Selection{Until: ref("00:30:00")}},
			want:  "no flights recorded\n",
		},
		{
			name:  "asked for a time after all flights",
			boots: boots{boot("a", fly(1, "01:00:00", "02:00:00"))},
			opts:  reports.Options{Selection: reports.Selection{Since: ref("02:00:00")}},
			want:  "no flights recorded\n",
		},
		{
			name: "a boot without an anchor, cut",
			boots: boots{
				boot("a", fly(1, "00:00:00", "01:00:00")),
				boot("b", adrift(fly(2, "02:00:00", "04:00:00"), ground.GroundingWall, "01:00:00", "09:00:00")),
			},
			opts: reports.Options{Selection: reports.Selection{Since: ref("03:00:00")}},
			want: `

UPTIME #1: 2020-06-17 03:00:00 => ~2020-06-17 04:00:00 (~1:00:00.000000) since ~2020-06-17 02:00:00 [1]
	FLIGHT #1: ~2020-06-17 02:00:00 => ~2020-06-17 04:00:00 (2:00:00.000000) [1]

[1] UPTIME #1: the clock was not synchronised, so the times are what it said. The length is right, the place is not certain: somewhere between 2020-06-17 01:00:00 and 2020-06-17 09:00:00.
`,
		},
		{
			name: "the same flights, observed",
			boots: boots{
				boot("a", fly(1, "01:00:00", "02:00:00"), fly(2, "02:00:05", "03:00:00")),
				boot("b", fly(3, "03:00:00", "04:00:00")),
			},
			opts: reports.Options{Selection: reports.Selection{Observed: true}},
			want: `
DOWNTIME #1: -INF => 2020-06-17 01:00:00 (INF)

UPTIME #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
	FLIGHT #1: 2020-06-17 01:00:00 => 2020-06-17 02:00:00 (1:00:00.000000)
DOWNTIME #2: 2020-06-17 02:00:00 => 2020-06-17 02:00:05 (0:00:05.000000)

UPTIME #2: 2020-06-17 02:00:05 => 2020-06-17 04:00:00 (1:59:55.000000)
	FLIGHT #2: 2020-06-17 02:00:05 => 2020-06-17 03:00:00 (0:59:55.000000)
	FLIGHT #3: 2020-06-17 03:00:00 => 2020-06-17 04:00:00 (1:00:00.000000)
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) { wantText(t, textOf(t, test.boots, test.opts), test.want) })
	}
}

// paused gives f a pause.
func paused(f *ground.Flight, start, end string) *ground.Flight {
	f.Pauses = append(f.Pauses, ground.Span{Start: at(start), End: at(end)})
	return f
}
