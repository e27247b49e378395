package worlds

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

// certain reports whether a report states the place of f as a fact.
func certain(f *ground.Flight) bool {
	return f.Grounding >= ground.GroundingBoot && f.Error != clock.Unknown && f.Error <= time.Minute
}

// grounded is a machine and what is made of it.
type grounded struct {
	host  string
	boots []ground.Boot
}

// ground grounds flights.
func (w *world) ground(flights []journal.Flight) (all []grounded) {
	for _, m := range ground.Machines(flights) {
		all = append(all, grounded{m.Host, m.Ground(ground.Options{Now: w.reported()})})
	}
	return all
}

// reported returns when reports are made.
func (w *world) reported() journal.Instant { return w.now.Add(time.Hour) }

// bootsOf returns the boots of all machines.
func bootsOf(all []grounded) (boots []ground.Boot) {
	for _, m := range all {
		boots = append(boots, m.boots...)
	}
	return boots
}

// oracle returns where what is made of flights contradicts the truth, or "". It goes by
// what happened alone, whatever the rules of grounding are.
func (w *world) oracle(flights []journal.Flight, machines []grounded) string {
	if msg := w.owners(flights); msg != "" {
		return msg
	}
	n := 0
	for _, b := range bootsOf(machines) {
		n += len(b.Flights)
		for i, f := range b.Flights {
			r := w.records[f.ID]
			if msg := w.fact(f); msg != "" {
				return fmt.Sprintf("flight %v of %s: %s", f.ID, r.life.boot, msg)
			}
			if first := w.records[b.Flights[0].ID]; i > 0 && !r.life.isBoot(first.life) {
				return fmt.Sprintf("flights of %s and %s are no boot", first.life.boot, r.life.boot)
			}
		}
	}
	if want := len(journal.Unique(slices.Clone(flights))); n != want {
		return fmt.Sprintf("%d flights became %d", want, n)
	}
	for _, m := range machines {
		opts := reports.Options{Show: reports.Show{Clock: true}, Run: reports.Run{Now: w.reported()}}
		r := reports.NewMachine(m.host, m.boots, &opts)
		msg := w.timeLine(r)
		if msg == "" {
			msg = w.clockLogs(m.boots, r)
		}
		if msg != "" {
			return fmt.Sprintf("%s %s: %s", r.Host, r.ID, msg)
		}
	}
	return ""
}

// isBoot reports whether two lives are one boot: one of them may be a container on the
// other's kernel.
func (l *life) isBoot(other *life) bool {
	if l.boot == other.boot {
		return l.board == other.board
	}
	return (l.inside == nil) != (other.inside == nil) && l.Start() == other.Start() && l.board == other.board
}

// owners returns which flights are said to be another board's, or "".
func (w *world) owners(flights []journal.Flight) string {
	of := map[int]int{} // the machine of each board
	for i, m := range ground.Machines(flights) {
		for _, f := range m.Flights {
			board := w.records[f.ID].life.board
			if before, ok := of[board]; ok && before != i {
				return fmt.Sprintf("%s became two machines, one with flight %v", boards[board], f.ID)
			}
			of[board] = i
			if other := w.records[m.Flights[0].ID].life.board; other != board {
				return fmt.Sprintf("%s and %s became one machine", boards[other], boards[board])
			}
		}
	}
	return ""
}

// fact returns what is wrong about the place of f, or "".
func (w *world) fact(f *ground.Flight) string {
	truth := w.records[f.ID].span()
	off := max(f.Start.Sub(truth.Start).Abs(), f.End.Sub(truth.End).Abs())
	if f.Grounding >= ground.GroundingBoot && f.Error != clock.Unknown && off > f.Error+2*noise {
		return fmt.Sprintf("off by %v, error %v", off, f.Error)
	}
	if certain(f) {
		return ""
	}
	lo, hi := f.Window.Earliest, f.Window.Latest
	switch {
	case lo != nil && truth.Start.Add(noise) < *lo:
		return fmt.Sprintf("it started %v before its window", lo.Sub(truth.Start))
	case hi != nil && truth.End > hi.Add(noise):
		return fmt.Sprintf("it ended %v after its window", truth.End.Sub(*hi))
	case lo != nil && f.Start < *lo:
		return fmt.Sprintf("it is drawn %v before its window", lo.Sub(f.Start))
	case hi != nil && f.End > *hi:
		return fmt.Sprintf("it is drawn %v after its window", f.End.Sub(*hi))
	}
	return ""
}

// timeLine returns where the time line of a machine contradicts the truth or itself, or
// "".
func (w *world) timeLine(m *reports.Machine) string {
	now, periods := w.reported(), m.Periods
	var up, seen []ground.Span // in truth, and that of it which heartbeats tell of
	for i := range periods {
		p := &periods[i]
		if i > 0 && p.Start != periods[i-1].End {
			return fmt.Sprintf("period %d ends at %v, and the next begins at %v", i-1, periods[i-1].End.Time(), p.Start.Time())
		}
		if p.Start > p.End || p.End > now {
			return fmt.Sprintf("period %d is from %v to %v, and now is %v", i, p.Start.Time(), p.End.Time(), now.Time())
		}
		for _, f := range flightsOf(p) {
			if l := w.records[f.ID].life; !slices.Contains(up, l.lived()) {
				up = append(up, l.lived())
				seen = append(seen, l.seen())
			}
		}
	}
	up, seen = union(up), union(seen)
	s := &m.Summary
	var sum time.Duration
	for i := range periods {
		p := &periods[i]
		if i > 0 {
			sum += p.End.Sub(p.Start)
		}
		slack := w.edges(p)
		if i > 0 {
			slack += w.edges(&periods[i-1])
		}
		if i < len(periods)-1 {
			slack += w.edges(&periods[i+1])
		}
		length := p.End.Sub(p.Start)
		switch {
		case p.Estimated() || p.Open || i == 0:
		case p.Up():
			if off := length - overlap(p.Span, up); off > slack {
				return fmt.Sprintf("up from %v to %v, but for %v of that it was down, give or take %v", p.Start.Time(), p.End.Time(), off, slack)
			}
		case p.State == reports.StateDown:
			if off := overlap(p.Span, seen); off > slack {
				return fmt.Sprintf("down from %v to %v, but for %v of that it was up, give or take %v", p.Start.Time(), p.End.Time(), off, slack)
			}
		}
	}
	end := m.Line[0].Start
	for _, part := range m.Line {
		if part.Start != end || part.End <= part.Start {
			return fmt.Sprintf("a span from %v to %v follows one that ends at %v", part.Start.Time(), part.End.Time(), end.Time())
		}
		end = part.End
	}
	if all := time.Duration(s.Up + s.Down + s.Unknown); all != end.Sub(m.Line[0].Start) || sum > all {
		return fmt.Sprintf("up, down and unknown are %v together, its periods %v", all, sum)
	}
	if was := overlap(ground.Span{Start: 0, End: now}, up); time.Duration(s.Up) > was+w.allEdges(periods) {
		return fmt.Sprintf("up for %v, but in truth for %v, give or take %v", time.Duration(s.Up), was, w.allEdges(periods))
	}
	return ""
}

// union merges spans that touch.
func union(spans []ground.Span) (all []ground.Span) {
	slices.SortFunc(spans, func(a, b ground.Span) int { return cmp.Compare(a.Start, b.Start) })
	for _, s := range spans {
		if n := len(all); n > 0 && s.Start <= all[n-1].End {
			all[n-1].End = max(all[n-1].End, s.End)
			continue
		}
		all = append(all, s)
	}
	return all
}

// flightsOf returns the flights of an uptime.
func flightsOf(p *reports.Period) (all []*ground.Flight) {
	if !p.Up() {
		return nil
	}
	for _, f := range p.Flights {
		all = append(all, f.Flight)
	}
	return all
}

// lived returns when the boot, or the container, was there.
func (l *life) lived() ground.Span {
	if l.inside != nil {
		return *l.inside
	}
	return ground.Span{Start: l.UTC(l.Start()), End: l.UTC(l.Now)}
}

// seen returns of that what lies before the last heartbeat of its own, and for a
// container behind the first.
func (l *life) seen() ground.Span {
	s := l.lived()
	if l.inside != nil {
		s.Start = l.flights[0].span().Start
	}
	s.End = s.Start
	for _, r := range l.flights {
		s.End = max(s.End, r.span().End)
	}
	return s
}

// edges returns how far the edges of a period may be off by the errors of its flights,
// and by what lies before the recorder's takeoff.
func (w *world) edges(p *reports.Period) (slack time.Duration) {
	for _, f := range flightsOf(p) {
		slack = max(slack, 2*max(0, f.Error)+2*noise+500*time.Millisecond)
		if l := w.records[f.ID].life; l.inside == nil {
			slack += max(0, f.Takeoff.SinceBoot) / 1e6 * drift
			if l.Asleep(f.Takeoff.SinceBoot) {
				slack += 2 * time.Second
			}
		}
	}
	return slack
}

func (w *world) allEdges(periods []reports.Period) (slack time.Duration) {
	for i := range periods {
		slack += w.edges(&periods[i])
		for _, f := range flightsOf(&periods[i]) {
			if !certain(f) {
				slack += f.End.Sub(f.Start)/1e6*drift + max(0, f.Error)
			}
		}
	}
	return slack
}

// tight demands that a boot that began anew is known to lie after all flights of the
// one before it, and before the one after it.
func tight(w *world, boots []ground.Boot) string {
	i := slices.Index(w.lives, w.odd)
	for _, b := range boots {
		for _, f := range b.Flights {
			if w.records[f.ID].life != w.odd || certain(f) {
				continue
			}
			ended := w.lives[i-1].Now.Add(-2*w.interval - time.Second)
			if lo := f.Window.Earliest; lo == nil || *lo < ended {
				return fmt.Sprintf("flight %v may begin at %v, but another boot was up until %v", f.ID, lo, ended.Time())
			}
			if hi := f.Window.Latest; i+1 < len(w.lives) && (hi == nil || *hi > w.lives[i+1].Start().Add(time.Second)) {
				return fmt.Sprintf("flight %v may end at %v, but another boot began at %v", f.ID, hi, w.lives[i+1].Start().Time())
			}
		}
	}
	return ""
}
