package reports

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"

	"pgregory.net/rapid"
)

// hours returns n hours as a Length.
func hours(n float64) Length { return Length(n * float64(time.Hour)) }

func TestSummary(t *testing.T) {
	type boots = []ground.Boot
	h := func(n float64) *Length { l := hours(n); return &l }
	known := boots{ // up 1 h, crash, down 2 h, up 3 h, shutdown, down 4 h, up 1 h
		boot("a", fly(1, "00:00:00", "01:00:00")),
		boot("b", landed(fly(2, "03:00:00", "06:00:00"), journal.ShutdownYes)),
		boot("c", aloft(fly(3, "10:00:00", "11:00:00"))),
	}
	adrifts := boots{ // as above, but nobody knows where in the 9 hours from 1 to 10 the second boot lies
		known[0],
		boot("b", adrift(fly(2, "03:00:00", "06:00:00"), ground.GroundingBounded, "01:00:00", "10:00:00")),
		known[2],
	}
	for _, test := range []struct {
		name  string
		boots boots
		opts  Options
		want  Summary
	}{
		{"known", known, Options{Run: Run{Now: at("11:00:00")}}, Summary{
			Up: hours(5), Down: hours(6), Boots: 3, Outages: 2, Crashes: 1, Shutdowns: 1,
			LongestUptime: h(3), LongestDowntime: h(4), MeanDowntime: h(3),
		}},
		{"until now nothing is known", known, Options{Run: Run{Now: at("12:30:00")}}, Summary{
			Up: hours(5), Down: hours(6), Unknown: hours(1.5), Boots: 3, Outages: 2, Crashes: 1, Shutdowns: 1,
			LongestUptime: h(3), LongestDowntime: h(4), MeanDowntime: h(3),
		}},
		{"a report from before the flights", known, Options{Run: Run{Now: at("1970-01-01 00:00:00")}}, Summary{
			Up: hours(5), Down: hours(6), Boots: 3, Outages: 2, Crashes: 1, Shutdowns: 1,
			LongestUptime: h(3), LongestDowntime: h(4), MeanDowntime: h(3),
		}},
		{"cut", known, Options{Selection: Selection{Since: ref("02:00:00"), Until: ref("05:00:00")}}, Summary{
			Up: hours(2), Down: hours(1), Boots: 1, Outages: 1, Crashes: 1,
			LongestUptime: h(2), LongestDowntime: h(1), MeanDowntime: h(1),
		}},
		{"from before the first flight to after the last", known, Options{Selection: Selection{Since: ref("2020-06-16 20:00:00"), Until: ref("23:00:00")}}, Summary{
			Up: hours(5), Down: hours(6), Unknown: hours(4 + 12), Boots: 3, Outages: 2, Crashes: 1, Shutdowns: 1,
			LongestUptime: h(3), LongestDowntime: h(4), MeanDowntime: h(3),
		}},
		{"nothing asked for", known, Options{Selection: Selection{Since: ref("05:00:00"), Until: ref("05:00:00")}}, Summary{}},
		{"after all flights", known, Options{Selection: Selection{Since: ref("20:00:00"), Until: ref("22:00:00")}}, Summary{Unknown: hours(2)}},
		{"before all flights", known, Options{Selection: Selection{Since: ref("2020-06-16 20:00:00"), Until: ref("2020-06-16 21:00:00")}}, Summary{Unknown: hours(1)}},
		{"three centuries", known, Options{Selection: Selection{Since: ref("1700-01-01 00:00:00"), Until: ref("2262-01-01 00:00:00")}}, Summary{
			Up: hours(5), Down: hours(6), Unknown: Length(*ref("2262-01-01 00:00:00")-*ref("1700-01-01 00:00:00")) - hours(11),
			Boots: 3, Outages: 2, Crashes: 1, Shutdowns: 1, LongestUptime: h(3), LongestDowntime: h(4), MeanDowntime: h(3),
		}},
		{"without an anchor", adrifts, Options{Run: Run{Now: at("11:00:00")}}, Summary{
			Up: hours(5), Unknown: hours(6), Boots: 3, Outages: 2, Crashes: 2, LongestUptime: h(3),
		}},
		{"cut before it", adrifts, Options{Selection: Selection{Since: ref("03:00:00"), Until: ref("11:00:00")}}, Summary{
			// It is drawn whole in what was asked for.
			Up: hours(1 + 3), Unknown: hours(4), Boots: 2, Outages: 1, Crashes: 1, LongestUptime: h(3),
		}},
		{"cut after it", adrifts, Options{Selection: Selection{Until: ref("08:00:00")}}, Summary{
			Up: hours(1 + 3), Unknown: hours(4), Boots: 2, Outages: 2, Crashes: 2, LongestUptime: h(3),
		}},
		{"cut at both ends", adrifts, Options{Selection: Selection{Since: ref("04:00:00"), Until: ref("05:00:00")}}, Summary{
			Up: hours(1), Boots: 1,
		}},
		{"two at once whose boots aren't known", boots{
			boot("", adrift(fly(1, "00:00:00", "03:00:00"), ground.GroundingWall, "00:00:00", "03:30:00")),
			boot("", adrift(fly(2, "00:30:00", "03:30:00"), ground.GroundingWall, "00:00:00", "03:30:00")),
		}, Options{}, Summary{Up: hours(3.5), Boots: 1, LongestUptime: h(3.5)}},
		{"two at once whose boot clock isn't known, and nothing bounds them", boots{
			boot("a", adrift(fly(1, "00:00:00", "03:00:00"), ground.GroundingWall, "", "")),
			boot("a", inLane("lane-1", adrift(fly(2, "00:00:00", "03:00:00"), ground.GroundingWall, "", ""))),
		}, Options{}, Summary{Up: hours(3), Boots: 1, LongestUptime: h(3)}},
		{"nobody was recording for an hour of a boot whose clock isn't known", boots{
			boot("a", fly(1, "00:00:00", "01:00:00")), boot("a", fly(2, "02:00:00", "03:00:00")),
		}, Options{}, Summary{Up: hours(3), Boots: 1, LongestUptime: h(3)}},
		{"how they ended", boots{
			boot("a", landed(fly(1, "00:00:00", "01:00:00"), journal.ShutdownNo)),
			boot("b", fly(2, "02:00:00", "03:00:00")),
			boot("", fly(3, "04:00:00", "05:00:00")),
			boot("d", fly(4, "06:00:00", "07:00:00")),
			boot("e", fly(5, "08:00:00", "09:00:00")),
		}, Options{}, Summary{
			// Only of the crash before e it is known that the machine was down.
			Up: hours(5), Down: hours(1), Unknown: hours(3), Boots: 5, Outages: 4, Crashes: 1, Stopped: 1,
			LongestUptime: h(1), LongestDowntime: h(1), MeanDowntime: h(1),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := machineOf(test.boots, test.opts).Summary
			if g, w := show(got), show(test.want); g != w {
				t.Errorf("got  %s\nwant %s", g, w)
			}
		})
	}
}

// inLane moves f to a lane.
func inLane(lane string, f *ground.Flight) *ground.Flight {
	f.Lane = lane
	return f
}

// show writes s for people.
func show(s Summary) string {
	length := func(l *Length) string {
		if l == nil {
			return "-"
		}
		return time.Duration(*l).String()
	}
	return fmt.Sprintf("up %s down %s unknown %s, boots %d, outages %d: %d %d %d, longest %s %s, mean %s",
		length(&s.Up), length(&s.Down), length(&s.Unknown), s.Boots, s.Outages, s.Crashes, s.Shutdowns, s.Stopped,
		length(s.LongestUptime), length(s.LongestDowntime), length(s.MeanDowntime))
}

func TestRates(t *testing.T) {
	var none Summary
	if a, ok := none.Availability(); ok {
		t.Errorf("availability of no time is %v", a)
	}
	if l, ok := none.BetweenFailures(); ok {
		t.Errorf("%v between no failures", l)
	}
	some := Summary{Up: hours(9), Down: hours(1), Unknown: hours(90), Crashes: 2}
	if a, ok := some.Availability(); a != 0.9 || !ok {
		t.Errorf("availability = %v, %v, want 0.9", a, ok)
	}
	if l, ok := some.BetweenFailures(); l != hours(4.5) || !ok {
		t.Errorf("between failures = %v, %v, want 4.5 h", l, ok)
	}
}

// A world is a machine's true history on a small scale, and what is known of it.
type world struct {
	boots  []ground.Boot
	adrift []int // which of the boots have no anchor
}

// drawWorld draws boots one after the other, some of them without an anchor. Their
// windows are as narrow as their neighbours allow, and the report draws them anywhere in
// these.
func drawWorld(t *rapid.T, openEnds bool) world {
	var w world
	end := journal.Instant(0)
	for n := range rapid.IntRange(1, 5).Draw(t, "boots") {
		start := end + journal.Instant(rapid.IntRange(0, 4).Draw(t, "down"))
		end = start + journal.Instant(rapid.IntRange(0, 5).Draw(t, "up"))
		w.boots = append(w.boots, boot(fmt.Sprint(n), flySpan(n, ground.Span{Start: start, End: end})))
		edge := !openEnds && (n == 0)
		if !edge && rapid.Bool().Draw(t, "adrift") {
			w.adrift = append(w.adrift, n)
		}
	}
	if last := len(w.boots) - 1; !openEnds {
		w.adrift = slices.DeleteFunc(w.adrift, func(n int) bool { return n == last })
	}
	windows := make(map[int]ground.Window)
	for _, n := range w.adrift {
		windows[n] = ground.Window{Earliest: w.bound(n, -1), Latest: w.bound(n, 1)}
	}
	for _, n := range w.adrift {
		w.release(t, n, windows[n])
	}
	return w
}

// bound returns how far in the direction given boot n can reach: to the next boot with
// an anchor, less the lengths of those in between.
func (w world) bound(n, direction int) *journal.Instant {
	var between journal.Instant
	for i := n + direction; i >= 0 && i < len(w.boots); i += direction {
		b := w.boots[i]
		switch {
		case slices.Contains(w.adrift, i):
			between += b.End - b.Start
		case direction < 0:
			edge := b.End + between
			return &edge
		default:
			edge := b.Start - between
			return &edge
		}
	}
	return nil
}

// release takes boot n's anchor away, and draws it somewhere in its window.
func (w world) release(t *rapid.T, n int, window ground.Window) {
	b := &w.boots[n]
	length := b.End - b.Start
	lo, hi := int(b.Start), int(b.Start)
	if window.Earliest != nil {
		lo = int(*window.Earliest)
	}
	if window.Latest != nil {
		hi = int(*window.Latest - length)
	}
	start := journal.Instant(rapid.IntRange(lo, hi).Draw(t, "drawn"))
	f := b.Flights[0]
	f.Grounding, f.Error, f.Window = ground.GroundingBounded, -1, window
	f.Span = ground.Span{Start: start, End: start + length}
	b.Span = f.Span
}

// histories calls each with every true history, as the boots' spans, that goes with
// what is known. What nothing bounds is tried as far out as from -20 to 100.
func (w world) histories(each func([]ground.Span)) {
	truth := make([]ground.Span, len(w.boots))
	for i, b := range w.boots {
		truth[i] = b.Span
	}
	var place func(k int)
	place = func(k int) {
		if k == len(w.adrift) {
			each(truth)
			return
		}
		n := w.adrift[k]
		b := w.boots[n]
		length := b.End - b.Start
		window := extent(b.Flights[0].Window, b.Span)
		lo, hi := max(window.Start, -20), min(window.End, 100)-length
		if k > 0 && w.adrift[k-1] == n-1 {
			lo = max(lo, truth[n-1].End)
		}
		for start := lo; start <= hi; start++ {
			truth[n] = ground.Span{Start: start, End: start + length}
			place(k + 1)
		}
	}
	place(0)
}

// Whatever is true of all that goes with the evidence: the machine was down for at least
// Down in any time asked for; and up for Up, where nothing was cut.
func TestLineNeverContradictsTheTruth(t *testing.T) {
	checks(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t, rapid.Bool().Draw(t, "open ends"))
		if len(w.adrift) > 2 {
			t.Skip("too many histories to try them all")
		}
		since := journal.Instant(rapid.IntRange(-5, 40).Draw(t, "since"))
		until := since + journal.Instant(rapid.IntRange(0, 40).Draw(t, "length"))
		asked := ground.Span{Start: since, End: until}
		s := machineOf(w.boots, Options{Selection: Selection{Since: &since, Until: &until}}).Summary
		all := machineOf(w.boots, Options{}).Summary
		w.histories(func(truth []ground.Span) {
			var up, within Length
			for _, span := range truth {
				up += LengthOf(span)
				within += LengthOf(common(span, asked))
			}
			if down := LengthOf(asked) - within; s.Down > down {
				t.Fatalf("down %d of %v; in truth %v: %d", s.Down, asked, truth, down)
			}
			// Boots that are drawn over each other have less in common with the time line.
			if all.Up > up {
				t.Fatalf("up %d; in truth %v: %d", all.Up, truth, up)
			}
		})
	})
}

// However odd the boots, and whatever is asked for, the sums are right.
func TestLineAddsUp(t *testing.T) {
	checks(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		instant := rapid.Custom(func(t *rapid.T) journal.Instant {
			if rapid.IntRange(0, 9).Draw(t, "far") == 0 {
				return journal.Instant(rapid.Int64().Draw(t, "instant"))
			}
			return journal.Instant(rapid.IntRange(0, 30).Draw(t, "instant"))
		})
		bound := rapid.Ptr(instant, true)
		var boots []ground.Boot
		for n := range rapid.IntRange(1, 8).Draw(t, "boots") {
			start, end := instant.Draw(t, "start"), instant.Draw(t, "end")
			f := flySpan(n, ground.Span{Start: min(start, end), End: max(start, end)})
			if f.Grounding = ground.Grounding(rapid.IntRange(0, 4).Draw(t, "grounding")); f.Estimated() {
				f.Window = ground.Window{Earliest: bound.Draw(t, "earliest"), Latest: bound.Draw(t, "latest")}
			}
			boots = append(boots, boot(rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "boot"), f))
		}
		opts := Options{Selection: Selection{Since: bound.Draw(t, "since"), Until: bound.Draw(t, "until"), Observed: rapid.Bool().Draw(t, "observed")}, Run: Run{Now: instant.Draw(t, "now")}}
		m := machineOf(boots, opts)
		period := accountedOf(boots, &opts)
		at, sums := period.Start, [3]Length{}
		for _, span := range m.Line {
			if span.Start != at || span.End <= at {
				t.Fatalf("line %v has a hole or an empty span", m.Line)
			}
			if (span.State == StateUp) != (span.Cause == CauseNone) || span.State == StateUp && !span.Period.Up() {
				t.Fatalf("span %+v is not what it says", span)
			}
			at = span.End
			sums[span.State] += LengthOf(span.Span)
		}
		if at != period.End {
			t.Fatalf("line %v is not %v", m.Line, period)
		}
		if s := m.Summary; s.Up != sums[StateUp] || s.Down != sums[StateDown] || s.Unknown != sums[StateUnknown] {
			t.Fatalf("%s are not the sums of %v", show(s), m.Line)
		}
		whole := opts
		whole.Since, whole.Until = nil, nil
		if got, want := statesIn(m.Line, period), statesIn(machineOf(boots, whole).Line, period); !slices.Equal(got, want) {
			t.Fatalf("cut to %v the line is %v, not %v", period, got, want)
		}
		for i := range m.Periods {
			p := &m.Periods[i]
			if i > 0 && p.Up() == m.Periods[i-1].Up() {
				t.Fatalf("periods %d and %d are alike", i-1, i)
			}
			if common(p.Span, opts.asked()) != p.Span || p.End < p.Start {
				t.Fatalf("period %d is %v, asked for was %v", i, p.Span, opts.asked())
			}
		}
	})
}

// accountedOf returns the time that a report on boots accounts for.
func accountedOf(boots []ground.Boot, opts *Options) ground.Span {
	period, last := opts.asked(), opts.Now
	if opts.Since == nil {
		period.Start = everything.End
	}
	for _, b := range boots {
		if opts.Since == nil {
			period.Start = min(period.Start, b.Start)
		}
		last = max(last, b.End)
	}
	if opts.Until == nil {
		period.End = last
	}
	period.End = max(period.Start, period.End)
	return period
}

// statesIn returns what a line says of the time s, without who says it and, since a cut
// may give way to the time before or after everything, without the causes of unknown.
func statesIn(line []Span, s ground.Span) (states []Span) {
	for _, span := range line {
		span.Span, span.Period = common(span.Span, s), nil
		if span.State == StateUnknown {
			span.Cause = CauseNone
		}
		last := len(states) - 1
		switch {
		case span.Start >= span.End || span.State == StateUnknown && last < 0:
		case last >= 0 && states[last].State == StateUnknown && span.State == StateUnknown:
			states[last].End = span.End
		default:
			states = append(states, span)
		}
	}
	if last := len(states) - 1; last >= 0 && states[last].State == StateUnknown {
		states = states[:last]
	}
	return states
}
