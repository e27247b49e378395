package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// outline tells of periods what TestUptimes asks for: their kinds and spans, the boots
// and flights of an uptime, the cause of a downtime.
func outline(periods []Period) string {
	hour := func(i journal.Instant) string { return i.Time().Format("15:04") }
	var parts []string
	for i := range periods {
		p := &periods[i]
		switch {
		case !p.Outage() && !p.Up():
		case p.Up():
			parts = append(parts, fmt.Sprintf("%s-%s %s*%d/%d", hour(p.Start), hour(p.End), p.Boot, p.Boots, len(p.Flights)))
		default:
			parts = append(parts, p.Cause.String())
		}
	}
	return strings.Join(parts, ", ")
}

func TestUptimes(t *testing.T) {
	type boots = []ground.Boot
	lost, yes, no := fly, journal.ShutdownYes, journal.ShutdownNo
	// vague gives a flight an error; two of ten minutes let boots overlap by twenty.
	vague := func(f *ground.Flight, err time.Duration) *ground.Flight { f.Error = err; return f }
	for _, test := range []struct {
		name  string
		boots boots
		want  string
	}{
		{"boots that aren't known and touch", boots{boot("", lost(1, "01:00:00", "02:00:00")), boot("", lost(2, "02:00:00", "03:00:00"))}, "01:00-03:00 *1/2"},
		{"boots that aren't known, nested", boots{boot("", lost(1, "01:00:00", "05:00:00")), boot("", lost(2, "02:00:00", "03:00:00"))}, "01:00-05:00 *1/2"},
		{"one of two isn't known", boots{boot("a", lost(1, "01:00:00", "03:00:00")), boot("", lost(2, "02:00:00", "04:00:00"))}, "01:00-04:00 a*1/2"},
		{"the first of two isn't known", boots{boot("", lost(1, "01:00:00", "03:00:00")), boot("b", lost(2, "02:00:00", "04:00:00"))}, "01:00-04:00 b*1/2"},
		{"not known, and apart", boots{boot("a", lost(1, "01:00:00", "02:00:00")), boot("", lost(2, "03:00:00", "04:00:00"))}, "01:00-02:00 a*1/1, not recorded, 03:00-04:00 *1/1"},
		{"no place on the time line, though they touch", boots{
			boot("", lost(1, "01:00:00", "02:00:00")),
			boot("", adrift(lost(2, "02:00:00", "03:00:00"), ground.GroundingBounded, "02:00:00", "")),
			boot("", adrift(lost(3, "03:00:00", "04:00:00"), ground.GroundingBounded, "02:00:00", "")),
		}, "01:00-02:00 *1/1, not recorded, 02:00-03:00 *1/1, not recorded, 03:00-04:00 *1/1"},
		{"containers that share a journal", boots{
			boot("a", lost(1, "01:00:00", "05:00:00")), boot("b", lost(2, "02:00:00", "03:00:00")),
			boot("c", lost(3, "04:00:00", "06:00:00")), boot("d", lost(4, "07:00:00", "08:00:00")),
		}, "01:00-06:00 a*3/3, crash, 07:00-08:00 d*1/1"},
		{"overlap within the errors", boots{
			boot("a", vague(lost(1, "01:00:00", "02:00:00"), 10*time.Minute)), boot("b", vague(lost(2, "01:40:00", "03:00:00"), 10*time.Minute)),
		}, "01:00-02:00 a*1/1, crash, 01:40-03:00 b*1/1"},
		{"overlap beyond the errors", boots{
			boot("a", vague(lost(1, "01:00:00", "02:00:01"), 10*time.Minute)), boot("b", vague(lost(2, "01:40:00", "03:00:00"), 10*time.Minute)),
		}, "01:00-03:00 a*2/2"},
		{"nothing bounds the error", boots{
			boot("a", vague(lost(1, "01:00:00", "04:00:00"), clock.Unknown)), boot("b", lost(2, "02:00:00", "05:00:00")),
		}, "01:00-04:00 a*1/1, crash, 02:00-05:00 b*1/1"},
		{"the kernel's boot", boots{
			boot("a", landed(lost(1, "01:00:00", "02:00:00"), yes)), since("02:30:00", boot("b", lost(2, "03:00:00", "04:00:00"))),
		}, "01:00-02:00 a*1/1, shutdown, 02:30-04:00 b*1/1"},
		{"the flight that ended last tells the cause", boots{
			boot("a", landed(lost(1, "01:00:00", "02:00:00"), no), lost(2, "01:00:00", "02:10:00")), boot("b", lost(3, "03:00:00", "04:00:00")),
		}, "01:00-02:10 a*1/2, crash, 03:00-04:00 b*1/1"},
		{"one of two was told that the machine was going down", boots{
			boot("a", landed(lost(1, "01:00:00", "02:00:00"), yes), landed(lost(2, "01:00:00", "02:00:01"), no)), boot("b", lost(3, "03:00:00", "04:00:00")),
		}, "01:00-02:00 a*1/2, shutdown, 03:00-04:00 b*1/1"},
		{"it was going down, but somebody thought better of it", boots{
			boot("a", landed(lost(1, "01:00:00", "02:00:00"), yes), lost(2, "02:00:01", "02:10:00")), boot("b", lost(3, "03:00:00", "04:00:00")),
		}, "01:00-02:10 a*1/2, crash, 03:00-04:00 b*1/1"},
		{"of two that ended at once, the later", boots{
			boot("a", lost(1, "01:00:00", "02:00:00"), landed(lost(2, "01:30:00", "02:00:00"), yes)), boot("b", lost(3, "03:00:00", "04:00:00")),
		}, "01:00-02:00 a*1/2, shutdown, 03:00-04:00 b*1/1"},
		{"landed, and then cut off", boots{
			boot("a", landed(lost(1, "01:00:00", "02:00:00"), no), lost(2, "02:30:00", "03:00:00")), boot("b", lost(3, "04:00:00", "05:00:00")),
		}, "01:00-03:00 a*1/2, crash, 04:00-05:00 b*1/1"},
		{"aloft, and yet another boot follows", boots{
			boot("a", aloft(lost(1, "01:00:00", "02:00:00"))), boot("b", lost(2, "03:00:00", "04:00:00")),
		}, "01:00-02:00 a*1/1, not recorded, 03:00-04:00 b*1/1"},
		{"a boot ID that repeats", boots{
			clocked(boot("1", lost(1, "01:00:00", "02:00:00"))), clocked(boot("1", lost(2, "03:00:00", "04:00:00"))),
		}, "01:00-02:00 1*1/1, crash, 03:00-04:00 1*1/1"},
		{"a boot in two parts", boots{boot("1", lost(1, "01:00:00", "02:00:00")), boot("1", lost(2, "03:00:00", "04:00:00"))}, "01:00-04:00 1*1/2"},
		{"not in order of time", boots{boot("a", lost(1, "03:00:00", "04:00:00")), boot("b", lost(2, "01:00:00", "02:00:00"))}, "01:00-02:00 b*1/1, crash, 03:00-04:00 a*1/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := outline(machineOf(test.boots, Options{}).Periods); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// A boot that comes in parts, one of which may have reached beyond the other, has no
// certain end.
func TestPartsOfABoot(t *testing.T) {
	for latest, want := range map[string]bool{"02:00:00": false, "02:30:00": true} {
		m := machineOf([]ground.Boot{
			boot("a", fly(1, "01:00:00", "02:00:00")),
			boot("a", inLane("lane-1", adrift(fly(2, "01:20:00", "01:30:00"), ground.GroundingWall, "01:00:00", latest))),
			boot("b", fly(3, "03:00:00", "04:00:00")),
		}, Options{})
		if up, down := m.Periods[1], m.Periods[2]; up.Estimated() != want || down.Estimated() != want {
			t.Errorf("until %s at the latest: %s, estimated %v, %v", latest, outline(m.Periods), up.Estimated(), down.Estimated())
		}
	}
}

// clocked makes the boot clock of b known.
func clocked(b ground.Boot) ground.Boot {
	for _, f := range b.Flights {
		f.Takeoff.SinceBoot = 0
	}
	return b
}

// A recorder that ended a flight only to go on with another is one run to the reader.
func TestContinuedFlightIsOne(t *testing.T) {
	first, second := landed(fly(1, "01:00:00", "02:00:00"), journal.ShutdownUnknown), fly(2, "02:00:00.001", "03:00:00")
	third, other := aloft(fly(3, "03:00:00.001", "04:00:00")), fly(4, "03:30:00", "03:40:00")
	second.Takeoff.Continues, third.Takeoff.Continues = first.ID, second.ID
	second.Error, third.Grounding = time.Second, ground.GroundingBoot
	boots := []ground.Boot{boot("a", first, second, third, other)}
	for _, observed := range []bool{false, true} {
		m := machineOf(boots, Options{Selection: Selection{Observed: observed}})
		if len(m.Periods) != 2 || len(m.Periods[1].Flights) != 2 || len(m.Periods[1].Gaps) != 0 {
			t.Fatalf("observed %v: periods %s", observed, outline(m.Periods))
		}
		f := m.Periods[1].Flights[0]
		if f.ID != first.ID || f.Span != hull(first.Span, third.Span) || f.Ending != journal.EndingAloft || f.Landing != nil {
			t.Errorf("observed %v: flight %v %v, %v", observed, f.ID, f.Span, f.Ending)
		}
		if f.Error != time.Second || f.Grounding != ground.GroundingBoot {
			t.Errorf("observed %v: grounding %v, error %v", observed, f.Grounding, f.Error)
		}
	}
	if first.Ending != journal.EndingLanded || len(boots[0].Flights) != 4 {
		t.Error("New changed what it was given")
	}
}

// The window of a boot follows from those of its flights, which begin after it.
func TestWindowOfBoot(t *testing.T) {
	b := since("00:50:00", boot("a",
		adrift(fly(1, "01:00:00", "02:00:00"), ground.GroundingBounded, "00:10:00", "05:00:00"),
		adrift(fly(2, "02:30:00", "03:00:00"), ground.GroundingBounded, "01:40:00", "06:00:00"),
	))
	w := windowOf(b)
	if *w.Earliest != at("00:00:00") || *w.Latest != at("06:00:00") {
		t.Errorf("window from %v to %v", w.Earliest.Time(), w.Latest.Time())
	}
	if s := extent(ground.Window{Latest: ref("02:00:00")}, b.Span); s.Start != everything.Start || s.End != b.End {
		t.Errorf("a window that its boot doesn't fit in reaches to %v", s.End.Time())
	}
}

// What New is given stays as it was, even if the same flights are cut twice.
func TestNewChangesNothing(t *testing.T) {
	boots := []ground.Boot{boot("a", fly(1, "01:00:00", "02:00:00"), fly(2, "03:00:00", "04:00:00"), fly(3, "05:00:00", "06:00:00"))}
	flights := slices.Clone(boots[0].Flights)
	before := machineOf(boots, Options{}).Summary
	machineOf(boots, Options{Selection: Selection{Since: ref("03:30:00"), Until: ref("03:40:00")}})
	machineOf(boots, Options{Selection: Selection{Observed: true, Since: ref("05:30:00")}})
	if !slices.Equal(boots[0].Flights, flights) {
		t.Error("the boot's flights changed")
	}
	if got, want := show(machineOf(boots, Options{}).Summary), show(before); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
