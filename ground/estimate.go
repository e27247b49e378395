package ground

import (
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// estimate places the boots that have no anchor: where a disputed claim or a weak fix
// puts them, or where their wall clock puts them, if that fits with all that is better
// known, else anywhere it fits.
func (m *machine) estimate() {
	if len(m.loose) == 0 {
		return
	}
	anchored := false
	for _, b := range m.boots {
		b.freeze()
		b.findGuess()
		anchored = anchored || b.anchored || b.guess != nil
	}
	m.tighten()
	m.makeRigid()
	m.drawRow(func(b *bootState) (journal.Instant, bool) { return b.byGuess(GroundingNTP) }, GroundingNTP)
	m.drawRow(func(b *bootState) (journal.Instant, bool) { return b.byGuess(GroundingWeak) }, GroundingWeak)
	m.drawRow((*bootState).byWall, GroundingWall)
	m.sweepUp(func(b *bootState) {
		for _, by := range []Grounding{GroundingNTP, GroundingWeak} {
			if zero, ok := b.byGuess(by); ok {
				b.put(zero, by)
				return
			}
		}
		if zero, ok := b.byWall(); ok {
			b.put(zero, GroundingWall)
			return
		}
		grounding := GroundingBounded
		if !anchored {
			grounding = GroundingWall
		}
		b.put(b.somewhere(b.room()), grounding)
	})
}

// findGuess finds where a disputed claim in the heaviest set would put b, or else its
// latest weak fix.
func (b *bootState) findGuess() {
	if b.anchored {
		return
	}
	for i := range b.claims {
		if c := &b.claims[i]; c.belief == disputed && c.inBest {
			b.guess, b.by = &c.last.offset, GroundingNTP
		}
	}
	if b.guess != nil {
		return
	}
	if weak := b.gatherClaims(clock.SyncWeak); len(weak) > 0 {
		b.guess, b.by = &weak[len(weak)-1].last.offset, GroundingWeak
	}
}

// makeRigid narrows what is left to the boots without an anchor to where all of them
// can be drawn as long as their boot clocks say: a clock may be fast, but nobody
// knows that. Boots that are too crowded for it stay as they are.
func (m *machine) makeRigid() {
	var loose []*bootState
	var before []bounds
	for _, b := range m.loose {
		if !b.consistent() {
			continue
		}
		loose, b.rigid = append(loose, b), true
		before = append(before, b.kernelStart)
		for _, mark := range b.marks {
			before = append(before, *mark.known)
		}
	}
	if len(loose) == 0 {
		return
	}
	m.tighten()
	for _, b := range loose {
		was := before[:1+len(b.marks)]
		before = before[len(was):]
		if b.rigid = b.consistent(); !b.rigid {
			b.kernelStart = was[0]
			for i, mark := range b.marks {
				*mark.known = was[i+1]
			}
			continue
		}
		for i, mark := range b.marks {
			b.narrowed = max(b.narrowed, mark.known.lo.Sub(was[i+1].lo), was[i+1].hi.Sub(mark.known.hi))
		}
	}
}

// drawRow places those boots for which claim has a place: the heaviest set that agrees
// with the order of takeoff.
func (m *machine) drawRow(claim func(*bootState) (zero journal.Instant, ok bool), by Grounding) {
	var items []item
	var row []*bootState // whose they are
	places := make(map[*bootState]journal.Instant)
	for i, b := range m.loose {
		if b.fixed {
			continue
		}
		zero, ok := claim(b)
		if !ok {
			continue
		}
		first, last := sub(b.marks[0].at, b.lead), b.marks[len(b.marks)-1].at
		if b.kernel {
			first = 0
		}
		// Whether a clock held for minutes or seconds tells nothing: those that restart at
		// the same time are late, never early.
		held := min(sub(last, b.marks[0].at), time.Hour).Truncate(time.Hour)
		items = append(items, item{group: i, from: zero.Add(first), to: zero.Add(last), counts: true, held: held})
		row = append(row, b)
		places[b] = zero
	}
	if len(items) == 0 {
		return
	}
	chosen := make(map[*bootState]bool)
	for _, i := range heaviest(items) {
		chosen[row[i]] = true
	}
	m.sweepUp(func(b *bootState) {
		if chosen[b] {
			if zero, ok := b.fit(b.room(), places[b]); ok {
				b.put(zero, by)
			}
		}
	})
	m.tighten()
}

// room returns where the boot clock of b may have been zero, if it went right.
func (b *bootState) room() bounds {
	r := anywhere
	if b.kernel {
		r = b.kernelStart
	}
	for _, mark := range b.marks {
		r.raise(earlier(mark.known.lo, mark.at))
		r.lower(sooner(mark.known.hi, mark.at))
	}
	return r
}

// holds reports whether t lies in r.
func (r bounds) holds(t journal.Instant) bool { return r.lo <= t && t <= r.hi }

// byGuess returns where b's guess puts the zero of its boot clock, if it has one of
// that grounding and there is room.
func (b *bootState) byGuess(by Grounding) (zero journal.Instant, ok bool) {
	if b.guess == nil || b.by != by {
		return 0, false
	}
	return b.fit(b.room(), b.guess.origin)
}

// byWall returns where b's wall clock puts the zero of its boot clock, by its
// latest leg for which there is room.
func (b *bootState) byWall() (zero journal.Instant, ok bool) {
	var at time.Duration
	room := b.room()
	for _, f := range b.flights {
		for i := range f.Legs {
			p := f.anchorPoint(f.Legs[i].Last)
			if f.Legs[i].Last.Sync == clock.SyncSynced {
				continue // not believed, or else there were an anchor
			}
			if fits, there := b.fit(room, p.origin); there && p.wall() >= plausible && (!ok || p.at >= at) {
				zero, at, ok = fits, p.at, true
			}
		}
	}
	return zero, ok
}

// fit returns the place in room that is nearest to zero, and reports whether that is
// as near as drift allows.
func (b *bootState) fit(room bounds, zero journal.Instant) (journal.Instant, bool) {
	if b.rigid && room.lo <= room.hi {
		near := max(room.lo, min(zero, room.hi))
		return near, near.Sub(zero).Abs() <= b.narrowed
	}
	return zero, room.holds(zero)
}

// somewhere returns a place in room for the zero of b's boot clock.
func (b *bootState) somewhere(room bounds) journal.Instant {
	switch {
	case room.lo != never && room.hi != always:
		return room.lo.Add(max(0, room.hi.Sub(room.lo)) / 2)
	case room.lo != never:
		return room.lo
	case room.hi != always:
		return room.hi
	}
	// Nothing tells anything but the wall clock.
	var latest anchorPoint
	for _, f := range b.flights {
		for i := range f.Legs {
			if p := f.anchorPoint(f.Legs[i].Last); p.at >= latest.at {
				latest = p
			}
		}
	}
	return latest.origin
}

// put draws b with the zero of its boot clock at zero, within its bounds.
func (b *bootState) put(zero journal.Instant, by Grounding) {
	b.fixed = true
	for _, mark := range b.marks {
		t := zero.Add(mark.at)
		if mark.known.lo <= mark.known.hi {
			t = max(mark.known.lo, min(t, mark.known.hi))
		}
		*mark.known = bounds{t, t}
	}
	for _, f := range b.flights {
		f.Grounding = by
		f.Span = Span{f.Window.hold(f.start.lo), f.Window.hold(max(f.start.lo, f.end.lo))}
		f.Times = make([]Span, len(f.Legs))
		for i := range f.Legs {
			f.Times[i] = Span{f.within(zero, f.Legs[i].First), f.within(zero, f.Legs[i].Last)}
		}
	}
	b.out.Start = minus(b.flights[0].Start, b.lead)
	switch {
	case b.kernel:
		b.out.Start = min(b.out.Start, max(b.kernelStart.lo, zero))
		b.kernelStart = bounds{b.out.Start, b.out.Start}
	case by == GroundingWeak && b.flights[0].Takeoff.SinceBoot >= 0 && !b.machine.opts.Observed:
		// Without a boot ID that bounds nobody, but the boot is told from there.
		b.out.Start = min(b.out.Start, zero)
	}
}

// within returns when fix was, if the boot clock was zero at zero, within f's span.
func (f *flightState) within(zero journal.Instant, fix journal.Fix) journal.Instant {
	return max(f.Start, min(zero.Add(f.boot.moment(f.clock(fix)).at), f.End))
}

// hold returns the instant of w that is nearest to t.
func (w Window) hold(t journal.Instant) journal.Instant {
	if w.Earliest != nil {
		t = max(t, *w.Earliest)
	}
	if w.Latest != nil {
		t = min(t, *w.Latest)
	}
	return t
}

// freeze makes what is known of a placed boot what is drawn of it, so that
// nothing is drawn over it, if there is a choice.
func (b *bootState) freeze() {
	if !b.fixed {
		return
	}
	for _, f := range b.flights {
		f.start, f.end = around(f.Start, 0), around(f.End, 0)
	}
	if b.kernel {
		b.kernelStart = around(b.out.Start, 0)
	}
}
