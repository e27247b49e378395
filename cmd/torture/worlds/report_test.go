package worlds

import (
	"fmt"
	"io"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
	"flightrec/reports/render"

	"pgregory.net/rapid"
)

// drawOptions draws what a report is asked for.
func (w *world) drawOptions(t *rapid.T) reports.Options {
	first, last := noon.Add(-hour), w.lives[len(w.lives)-1].Now.Add(hour)
	instant := func(name string, from journal.Instant) *journal.Instant {
		if rapid.Bool().Draw(t, name+" is given") {
			at := journal.Instant(rapid.Int64Range(int64(from), int64(last)).Draw(t, name))
			return &at
		}
		return nil
	}
	opts := reports.Options{Run: reports.Run{Now: last}}
	if opts.Since = instant("since", first); opts.Since != nil {
		first = *opts.Since
	}
	opts.Until = instant("until", first)
	return opts
}

// report returns where the report contradicts the truth, or "".
func (w *world) report(boots []ground.Boot, opts reports.Options) string {
	r := reports.New(w.flights, opts)
	if err := render.Text(io.Discard, r, render.Look{}); err != nil {
		return err.Error()
	}
	for m := range r.Machines {
		own := slices.DeleteFunc(slices.Clone(boots), func(b ground.Boot) bool { return b.Machine != m.ID })
		if msg := w.machine(m, own, opts); msg != "" {
			return m.ID + ": " + msg
		}
	}
	return ""
}

func (w *world) machine(m *reports.Machine, boots []ground.Boot, opts reports.Options) string {
	asked := ground.Span{Start: boots[0].Start, End: opts.Now}
	for _, b := range boots {
		asked.Start, asked.End = min(asked.Start, b.Start), max(asked.End, b.End)
	}
	if opts.Since != nil {
		asked.Start = *opts.Since
	}
	if opts.Until != nil {
		asked.End = *opts.Until
	}
	asked.End = max(asked.Start, asked.End)
	s := &m.Summary
	whole := reports.Length(asked.End - asked.Start)
	if s.Up+s.Down+s.Unknown != whole || max(s.Up, s.Down, s.Unknown) > whole {
		return fmt.Sprintf("up %d, down %d and unknown %d are not %d", s.Up, s.Down, s.Unknown, whole)
	}
	board := slices.Index(boards, m.ID)
	if w.vague(board, w.shared()) {
		return ""
	}
	var slack time.Duration
	for _, b := range boots {
		slack += w.slack(b.Flights)
	}
	// What is asked for without a limit begins where the first boot is drawn, or ends
	// where the last one is; in truth that may be anywhere.
	up, seen := w.up(board)
	truth := ground.Span{Start: up[0].Start, End: up[len(up)-1].End}
	if opts.Since != nil {
		truth.Start = max(truth.Start, *opts.Since)
	}
	if opts.Until != nil {
		truth.End = min(truth.End, *opts.Until)
	}
	truth.End = max(truth.Start, truth.End)
	// A boot without an anchor may lie elsewhere, so that what cuts its window may cut
	// the wrong part of it.
	cut := opts.Since != nil || opts.Until != nil
	if was := overlap(truth, up); !cut && time.Duration(s.Up) > was+slack {
		return fmt.Sprintf("up for %v, but in truth for %v, give or take %v", time.Duration(s.Up), was, slack)
	}
	if was := truth.End.Sub(truth.Start) - overlap(truth, seen); time.Duration(s.Down) > was+slack {
		return fmt.Sprintf("down for %v, but in truth for %v at most, give or take %v", time.Duration(s.Down), was, slack)
	}
	for i := range m.Periods {
		if msg := w.period(m.Periods, i, up, seen); msg != "" {
			return fmt.Sprintf("period %d: %s", i, msg)
		}
	}
	return ""
}

// period returns where the i-th period contradicts the truth, or "".
func (w *world) period(periods []reports.Period, i int, up, seen []ground.Span) string {
	p := &periods[i]
	length := p.End.Sub(p.Start)
	switch {
	case p.Estimated() || p.Open:
	case p.Up():
		if off, slack := length-overlap(p.Span, up), w.slack(recorded(p)); off > slack {
			return fmt.Sprintf("up from %v to %v, but for %v of that it was down, give or take %v", p.Start.Time(), p.End.Time(), off, slack)
		}
	case p.Cause == reports.CauseCrash || p.Cause == reports.CauseShutdown:
		var slack time.Duration
		for _, side := range []int{i - 1, i + 1} {
			if side >= 0 && side < len(periods) {
				slack += w.slack(recorded(&periods[side]))
			}
		}
		if off := overlap(p.Span, seen); off > slack && i > 0 && i < len(periods)-1 {
			return fmt.Sprintf("down from %v to %v, but for %v of that it was up, give or take %v", p.Start.Time(), p.End.Time(), off, slack)
		}
	}
	if i == 0 || i == len(periods)-1 || p.Up() || periods[i-1].Boots != 1 || len(periods[i-1].Flights) == 0 {
		return "" // --since may cut the flights off
	}
	if !w.named {
		if p.Cause != reports.CauseNotRecorded && p.Cause != reports.CauseShutdown {
			return fmt.Sprintf("it began by %v, though no boot is known", p.Cause)
		}
		return "" // an uptime may hold the flights of several boots
	}
	before := periods[i-1].Flights[0]
	l := w.records[before.ID].life
	if want, decided := l.ended(); decided && p.Cause != want {
		return fmt.Sprintf("%s ended by %v, but the evidence says %v", l.boot, p.Cause, want)
	}
	if p.Cause == reports.CauseShutdown && !l.down {
		return fmt.Sprintf("%s ended by %v, but it crashed", l.boot, p.Cause)
	}
	return ""
}

// recorded returns the flights of an uptime.
func recorded(p *reports.Period) (flights []*ground.Flight) {
	for _, f := range p.Flights {
		flights = append(flights, f.Flight)
	}
	return flights
}

// ended returns what the evidence says that ended a boot with an ID, if it decides
// that.
func (l *life) ended() (reports.Cause, bool) {
	if !l.w.shared() && len(l.flights) > 1 {
		return reports.CauseNotRecorded, false
	}
	end := slices.MaxFunc(l.flights, func(a, b *record) int { return int(max(-1, min(1, a.span().End-b.span().End))) }).span().End
	if l.goesDown() {
		return reports.CauseShutdown, true
	}
	var landed, cut, killed int
	for _, r := range l.flights {
		switch {
		case r.span().End < end.Add(-noise):
		case r.landing != nil:
			landed++
		case r.off >= l.Now && !l.down:
			cut++
		default:
			killed++ // whether the machine went down with it nothing tells
		}
	}
	switch {
	case landed > 0 && cut+killed == 0:
		return reports.CauseStopped, true
	case cut > 0 && landed+killed == 0:
		return reports.CauseCrash, true
	}
	return reports.CauseNotRecorded, false
}

// goesDown reports whether a flight was told that the machine was going down, and
// none took off after that.
func (l *life) goesDown() bool {
	return slices.ContainsFunc(l.flights, func(r *record) bool {
		later := func(other *record) bool { return other.span().Start > r.span().End }
		return r.landing != nil && r.landing.Shutdown == journal.ShutdownYes && !slices.ContainsFunc(l.flights, later)
	})
}

// up returns when a board was up, and how much of that must not be called down: what
// a crash or a shutdown takes is seen only up to the last sign of life.
func (w *world) up(board int) (up, seen []ground.Span) {
	for _, l := range w.lives {
		if l.board != board {
			continue
		}
		up = append(up, l.span())
		if len(l.flights) == 0 {
			continue
		}
		s := l.span()
		last := l.flights[0]
		for _, r := range l.flights {
			if r.span().End >= last.span().End {
				last = r
			}
		}
		if last.landing == nil || l.goesDown() {
			s.End = last.span().End
		}
		if first := l.flights[0].span().Start; !w.since || l.Stood(first) {
			s.Start = first // nothing tells of the kernel's boot, or of what came after it
		}
		seen = append(seen, s)
	}
	return up, seen
}

// overlap returns how much of s is in any of the others, which don't overlap.
func overlap(s ground.Span, others []ground.Span) (sum time.Duration) {
	for _, o := range others {
		sum += max(0, min(s.End, o.End).Sub(max(s.Start, o.Start)))
	}
	return sum
}

// slack returns how far both ends of a boot may be off by its stated errors, and by
// drift from its kernel's boot on; a boot without an anchor, and one that somebody
// set right, may be longer or shorter by drift.
func (w *world) slack(flights []*ground.Flight) time.Duration {
	slack := 2 * noise
	for _, f := range flights {
		l := w.records[f.ID].life
		slack += 2 * (f.End.Sub(f.Start) + max(0, f.Takeoff.SinceBoot)) / 1e6 * drift
		switch {
		case f.Grounding == ground.GroundingWeak:
			slack += 2 * weakSlack(l)
		case f.Error != clock.Unknown:
			slack += 2 * min(f.Error, 10000*time.Hour)
		}
		if f.Takeoff.SinceBoot > 0 && l.Asleep(f.Takeoff.SinceBoot) {
			slack += time.Second
		}
	}
	return slack
}
