package ground

import (
	"slices"
	"time"

	"flightrec/journal"
)

// plausible is when the KSUIDs' own epoch begins: no flight is older than the
// IDs that name flights.
var plausible = journal.InstantOf(time.Unix(1400000000, 0))

// estimate places the boots that have no anchor: where a weak fix puts them, or
// where their wall clock puts them, if that fits with all that is better known,
// else anywhere it fits.
func (m *machine) estimate() {
	weak := func(b *bootState) bool { return b.weak != nil }
	anchored := len(m.loose) < len(m.boots) || slices.ContainsFunc(m.loose, weak)
	for _, b := range m.boots {
		b.freeze()
	}
	m.tighten()
	m.makeRigid()
	m.drawRow((*bootState).byWeak, GroundingWeak)
	m.drawRow((*bootState).byWall, GroundingWall)
	for _, b := range m.loose {
		if b.fixed {
			continue
		}
		b.raise()
		if zero, ok := b.byWeak(); ok {
			b.put(zero, GroundingWeak)
			continue
		}
		if zero, ok := b.byWall(); ok {
			b.put(zero, GroundingWall)
			continue
		}
		grounding := GroundingBounded
		if !anchored {
			grounding = GroundingWall
		}
		b.put(b.somewhere(b.room()), grounding)
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

// drawRow places those boots for which claim has a place and which agree, as
// many as can, with the order of takeoff.
func (m *machine) drawRow(claim func(*bootState) (zero journal.Instant, ok bool), by Grounding) {
	type claimed struct {
		zero journal.Instant
		ok   bool
	}
	claims := make([]claimed, len(m.loose))
	for i, b := range m.loose {
		if !b.fixed {
			claims[i].zero, claims[i].ok = claim(b)
		}
	}
	var items []item
	var row []int // whose they are
	for i, c := range claims {
		if !c.ok {
			continue
		}
		b := m.loose[i]
		first := b.marks[0].at
		if b.kernel {
			first = 0
		}
		items = append(items, item{c.zero.Add(first), c.zero.Add(b.marks[len(b.marks)-1].at)})
		row = append(row, i)
	}
	for i, chosen := range longestRow(items) {
		claims[row[i]].ok = chosen
	}
	for i, b := range m.loose {
		b.raise()
		if c := claims[i]; c.ok {
			if zero, ok := b.fit(b.room(), c.zero); ok {
				b.put(zero, by)
			}
		}
	}
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

// byWeak returns where b's weak fix puts the zero of its boot clock, if there is
// room.
func (b *bootState) byWeak() (zero journal.Instant, ok bool) {
	if b.weak == nil {
		return 0, false
	}
	return b.fit(b.room(), b.weak.origin)
}

// byWall returns where b's wall clock puts the zero of its boot clock, by its
// latest leg for which there is room.
func (b *bootState) byWall() (zero journal.Instant, ok bool) {
	var at time.Duration
	room := b.room()
	for _, f := range b.flights {
		for i := range f.Legs {
			p := f.pin(f.Legs[i].Last)
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
			if p := f.pin(f.Legs[i].Last); p.at >= latest.at {
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
		if by == GroundingWeak {
			f.Window = Window{}
		}
	}
	b.out.Start = b.flights[0].Start
	switch {
	case b.kernel:
		b.out.Start = min(b.out.Start, max(b.kernelStart.lo, zero))
		b.kernelStart = bounds{b.out.Start, b.out.Start}
	case by == GroundingWeak && b.flights[0].Takeoff.SinceBoot >= 0 && !b.machine.opts.Observed:
		// Without a boot ID that bounds nobody, but the boot is told from there.
		b.out.Start = min(b.out.Start, zero)
	}
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
