package render

import (
	"strings"
	"testing"

	"flightrec/journal"
	"flightrec/journal/journaltest"
	"flightrec/reports"
)

// whyFlights are a boot that ended by under-voltage, a crash loop, a boot without a black
// box, and one that somebody stopped recording in.
const whyFlights = `
flight 1 boot=a up=10s
	0s..1h  2026-06-01 00:10:10  synced ±1ms
	found power_reset=0x0 memory=total=1000
	at 0s temperature_c=50 undervoltage=0 load_hundredths=20 memory_mib=400
	at 3590s temperature_c=60
	at 3597s temperature_c=61 undervoltage=1 load_hundredths=290 memory_mib=212 append_ms=40 alarm=undervoltage
flight 2 boot=b up=10s
	0s..1m  2026-06-01 02:10:10  synced ±1ms
	found power_reset=0x2 wtmp=boot@5
flight 3 boot=c up=10s
	0s..1m  2026-06-01 02:20:10  synced ±1ms
	found power_reset=0x2
flight 4 boot=d up=10s
	0s..1m  2026-06-01 02:30:10  synced ±1ms
	found power_reset=0x0
flight 5 boot=e up=10s
	0s..1h  2026-06-01 02:40:10  synced ±1ms
	found power_reset=0x2
flight 6 boot=f up=10s
	0s..1h  2026-06-01 05:10:10  synced ±1ms
flight 7 boot=g up=10s landed=SIGTERM shutdown=no
	0s..1h  2026-06-01 07:10:10  synced ±1ms
flight 8 boot=h up=10s aloft
	0s..1h  2026-06-01 09:10:10  synced ±1ms
`

// whyOf returns what is told of the outage before an uptime.
func whyOf(t *testing.T, n int, look Look) string {
	t.Helper()
	at := journaltest.Instant(t, "2026-06-01 10:10:10")
	r := reports.New(journaltest.Flights(t, whyFlights), reports.Options{Run: reports.Run{Now: at, Generated: at, NowKnown: true}})
	var b strings.Builder
	found, err := Why(&b, r, func(p *reports.Period) bool { return p.N == n }, look)
	if err != nil || found != (b.Len() > 0) {
		t.Fatalf("found %v: %v", found, err)
	}
	return b.String()
}

func TestWhy(t *testing.T) {
	for _, tt := range []struct {
		n    int
		want string
	}{
		{2, `went down   Mon 1 Jun 01:10:10, after 1 h: crash, under-voltage (proven)
evidence    the power chip says that it was reset by under-voltage (power_reset
            0x2)
            under-voltage alarm 3 s before the last heartbeat
before      -0 s   61 °C  under-voltage  load 2.9  212 MB free  append 40 ms
            -3 s   61 °C  under-voltage  load 2.9  212 MB free  append 40 ms
            -10 s  60 °C                 load 0.2  400 MB free
            -1 h   50 °C                 load 0.2  400 MB free
came back   Mon 1 Jun 02:10:00, down for 1 h
found then  power_reset 0x2
            wtmp boot@5
`},
		{4, `went down   Mon 1 Jun 02:21:10, after 1 m 10 s: crash
evidence    none: it ended between two heartbeats, and nothing tells why
crash loop  3 boots, 2 to 4, from Mon 1 Jun 02:10 to Mon 1 Jun 02:31: 2
            under-voltage (proven), 1 for no known reason
came back   Mon 1 Jun 02:30:00, down for 8 m 50 s
found then  power_reset 0x0
`},
		{7, `went down   Mon 1 Jun 06:10:10, after 1 h: crash
evidence    nothing was recorded before this version of flightrec
came back   Mon 1 Jun 07:10:00, down for 1 h
`},
		{8, `went down   Mon 1 Jun 08:10:10, after 1 h: stopped
evidence    the recorder had been stopped before, so nobody knows when and how
            the machine went down
came back   Mon 1 Jun 09:10:00; for how long it was down isn't known
`},
		{1, ""},
		{9, ""},
	} {
		if got := whyOf(t, tt.n, Look{Width: 80, UTF8: true}); got != tt.want {
			t.Errorf("uptime %d: got\n%s\nwant\n%s", tt.n, got, tt.want)
		}
	}
}

// TestWhyFits demands that nothing is wider than the terminal.
func TestWhyFits(t *testing.T) {
	for width := 40; width <= 80; width += 10 {
		for n := range 9 {
			for line := range strings.Lines(whyOf(t, n, Look{Width: width})) {
				if w := widthOf(line); w > width {
					t.Errorf("%d columns of %d: %s", w, width, line)
				}
			}
		}
	}
}

// TestReasonsAreWritten demands that a verdict is told alike by the formats that programs
// read.
func TestReasonsAreWritten(t *testing.T) {
	at := journal.Instant(0)
	r := func() *reports.Report {
		return reports.New(journaltest.Flights(t, whyFlights), reports.Options{Run: reports.Run{Now: at}})
	}
	for name, want := range map[string]string{
		"json":  `"cause":"crash","reason":"crash,power,undervoltage","certainty":"proven"`,
		"spans": `"cause":"crash","reason":"crash,power,undervoltage","certainty":"proven"`,
		"csv":   `,down,crash,"crash,power,undervoltage",proven,`,
		"text":  `) crash (under-voltage)`,
		"table": ` 1 h under-voltage`,
	} {
		f, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := f.Write(&b, r(), Look{}); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), want); n == 0 {
			t.Errorf("%s: no %s in\n%s", name, want, &b)
		}
	}
}
