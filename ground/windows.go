package ground

import (
	"slices"
	"sort"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// vague is the error from which on a place is an estimate.
const vague = time.Minute

// bindAnchored sets where its anchors put an anchored boot, each point within its error.
func (b *bootState) bindAnchored() {
	for i, f := range b.flights {
		from, to := b.ends[i].from, b.ends[i].to
		f.from, f.to = b.locate(from), b.locate(to)
		f.start, f.end = b.boundsAt(from, f.from), b.boundsAt(to, f.to)
	}
	if b.flights[0].Takeoff.SinceBoot >= 0 {
		b.kernelStart = b.boundsAt(moment{}, b.locate(moment{}))
	}
}

// boundsAt returns where m can lie by b's anchors, which put it at p.
func (b *bootState) boundsAt(m moment, p located) bounds {
	if p.err == forever {
		p.err = clock.SyncLimit
	}
	p = b.spreadByDisputed(m, p)
	return bounds{minus(p.time, p.err), p.time.Add(max(p.err, p.late))}
}

// placeAnchored writes down where their anchors put the anchored boots, within what the
// facts leave, and none over the one before it where its error leaves room.
func (m *machine) placeAnchored() {
	for _, o := range m.orders {
		floor := o.floor(func(f *flightState) journal.Instant {
			if f.boot.fixed {
				return f.End
			}
			return f.end.lo
		})
		for _, s := range o.stages {
			now := floor(s)
			for _, b := range s.boots {
				if b.anchored && !b.fixed {
					b.placeByAnchors(now)
				}
			}
		}
	}
}

// placeByAnchors writes down where its anchors put b, from floor on.
func (b *bootState) placeByAnchors(floor journal.Instant) {
	b.fixed = true
	for i, f := range b.flights {
		from, to := b.ends[i].from, b.ends[i].to
		free := floor
		if f.prev != nil && f.prev.boot != b && f.prev.boot.fixed {
			free = max(free, f.prev.End)
		}
		start, startErr := b.placeAt(from, f.from, f.start, free)
		end, endErr := b.placeAt(to, f.to, f.end, never)
		f.Span = Span{start, max(start, end)}
		f.Grounding = GroundingBoot
		if f.own {
			f.Grounding = GroundingNTP
		}
		f.Error = clock.Unknown
		if startErr != forever && endErr != forever {
			f.Error = max(startErr, endErr)
		}
		f.VagueStart, f.VagueEnd = startErr > vague && startErr != forever, endErr > vague && endErr != forever
		if f.Estimated() {
			f.Window = Window{bound(min(start, f.start.lo), never), bound(max(f.End, f.end.hi), always)}
		}
		for _, e := range b.segments[b.segmentAt(from):b.segmentAt(to)] {
			if e.pause.Start < e.pause.End {
				f.Pauses = append(f.Pauses, e.pause)
			}
		}
		f.mapLegs()
	}
	b.out.Start = max(min(floor, b.flights[0].Start), minus(b.flights[0].Start, b.lead))
	if b.kernel {
		start, err := b.placeAt(moment{}, b.locate(moment{}), b.kernelStart, floor)
		b.out.Start = min(start, b.out.Start)
		b.out.VagueStart = err > vague && err != forever
	}
}

// placeAt returns where m lies by b's anchors, which put it at p, as near as known and
// floor allow, and how far that may be wrong: forever where the anchor doesn't tell.
func (b *bootState) placeAt(m moment, p located, known bounds, floor journal.Instant) (t journal.Instant, err time.Duration) {
	t = max(known.hold(p.time), min(floor, known.hi))
	if p.err == forever {
		return t, p.err
	}
	p = b.spreadByDisputed(m, p)
	return t, min(max(p.err, p.late), max(t.Sub(known.lo), known.hi.Sub(t)))
}

// spreadByDisputed returns p, where anchors put m, with what a disputed claim adds to its
// errors if it is nearer to m than any believed one.
func (b *bootState) spreadByDisputed(m moment, p located) located {
	if !b.disputed {
		return p
	}
	at := p.time
	i := sort.Search(len(b.claims), func(i int) bool { return b.claims[i].last.at >= m.at })
	near := func(i, step int) *claim {
		for ; i >= 0 && i < len(b.claims); i += step {
			if c := &b.claims[i]; c.belief != lie && !c.stray {
				return c
			}
		}
		return nil
	}
	for _, c := range []*claim{near(i-1, -1), near(i, 1)} {
		if c == nil || c.belief != disputed {
			continue
		}
		if by := c.last.offset.time(m).Sub(at); by > 0 {
			p.late = max(p.late, by)
		} else {
			p.err = max(p.err, -by)
		}
	}
	return p
}

// mapLegs writes down when f's legs were, each fix by the anchors nearest to it.
func (f *flightState) mapLegs() {
	f.Times = f.boot.machine.slabs.spans.take(len(f.Legs))[:len(f.Legs)]
	for i := range f.Legs {
		from, to := f.from, f.to
		if i > 0 {
			from = f.boot.locate(f.boot.moment(f.clock(f.Legs[i].First)))
		}
		if i < len(f.Legs)-1 {
			to = f.boot.locate(f.boot.moment(f.clock(f.Legs[i].Last)))
		}
		start := max(f.Start, min(from.time, f.End))
		f.Times[i] = Span{start, max(start, min(to.time, f.End))}
	}
}

// maxRounds bounds how often the bounds are passed along. One round is enough
// unless boots interleave, as containers that share a journal do.
const maxRounds = 8

// tighten passes all bounds along: from each takeoff to the next, from each end
// to the next takeoff in the same lane, from each stage to the next, and through each
// boot by its clock.
func (m *machine) tighten() {
	for range maxRounds {
		changed := m.sweepUp(func(*bootState) {})
		changed = m.sweepDown() || changed
		if !changed {
			break
		}
	}
}

// floor returns a function to be called with each stage in turn, which tells when all
// flights that were over before that stage had ended, as end tells it.
func (o *order) floor(end func(*flightState) journal.Instant) func(*stage) journal.Instant {
	boots, floor := o.boots, never
	return func(s *stage) journal.Instant {
		for len(boots) > 0 && boots[0].flights[0].index <= s.over {
			for _, f := range boots[0].flights {
				if f.stage.journal == s.journal {
					floor = max(floor, end(f))
				}
			}
			boots = boots[1:]
		}
		return floor
	}
}

// sweepUp passes lower bounds along in order of takeoff, and calls do with each boot
// that isn't placed once its own are known. It reports whether that told anything new.
func (m *machine) sweepUp(do func(*bootState)) (changed bool) {
	for _, o := range m.orders {
		floor := o.floor(func(f *flightState) journal.Instant { return f.end.lo })
		for _, s := range o.stages {
			now := floor(s)
			for _, b := range s.boots {
				if !b.fixed {
					changed = b.raise(s, now) || changed
					do(b)
				}
			}
		}
	}
	return changed
}

// sweepDown passes upper bounds along, from the last takeoff to the first.
func (m *machine) sweepDown() (changed bool) {
	for _, o := range m.orders {
		ceiling := o.now
		for _, s := range slices.Backward(o.stages) {
			for _, b := range slices.Backward(s.boots) {
				if !b.fixed {
					changed = b.lower(s) || changed
				}
				if b.startsIn(s) {
					ceiling = min(ceiling, b.kernelStart.hi)
				}
			}
			for _, f := range s.flights {
				ceiling = min(ceiling, f.start.hi)
			}
			s.ceiling = ceiling
		}
	}
	return changed
}

// startsIn reports whether b's boot clock is known to have begun after the stages
// before s.
func (b *bootState) startsIn(s *stage) bool {
	return b.flights[0].stage == s && b.flights[0].Takeoff.SinceBoot >= 0
}

// raise passes lower bounds to b from its neighbours, and from the stages before s,
// which were over at floor. It reports whether that told anything new.
func (b *bootState) raise(s *stage, floor journal.Instant) (changed bool) {
	if b.startsIn(s) {
		changed = b.raiseTo(&b.kernelStart, floor)
	}
	for _, f := range b.flights {
		if f.stage == s {
			changed = b.raiseTo(&f.start, floor) || changed
		}
		if f.before != nil {
			changed = b.raiseTo(&f.start, later(f.before.start.lo, f.wentOn(f.before.Takeoff.SinceBoot))) || changed
		}
		if f.prev != nil && f.prev.boot != b {
			changed = b.raiseTo(&f.start, later(f.prev.end.lo, f.wentOn(f.prev.ended))) || changed
		}
	}
	at, lo := moment{}, b.kernelStart.lo
	for _, mark := range b.marks {
		changed = b.raiseTo(mark.known, later(lo, b.least(at, mark.moment))) || changed
		at, lo = mark.moment, mark.known.lo
	}
	for i := len(b.marks) - 1; i > 0; i-- {
		if b.marks[i-1].at == b.marks[i].at {
			changed = b.raiseTo(b.marks[i-1].known, b.marks[i].known.lo) || changed
		}
	}
	return changed
}

// wentOn returns the least time from when the boot clock of another boot, which came
// before f's in its journal, stood at since, to f's takeoff: either that clock went on, or
// f's began anew after that boot was over. Before a boot that is drawn others keep off what
// is drawn of it.
func (f *flightState) wentOn(since time.Duration) time.Duration {
	if since < 0 || since >= f.Takeoff.SinceBoot || f.boot.machine.opts.Observed {
		return 0
	}
	if f.boot.fixed && f.number == 0 {
		return f.boot.ranSince(since)
	}
	return f.boot.least(f.boot.moment(since), f.boot.moment(f.Takeoff.SinceBoot))
}

// raiseTo raises the lower bound of one of b's points. An anchor stands: what it
// excludes was derived from others that are wrong.
func (b *bootState) raiseTo(point *bounds, lo journal.Instant) bool {
	return (!b.anchored || lo <= point.hi) && point.raise(lo)
}

// lowerTo is the mirror image of raiseTo.
func (b *bootState) lowerTo(point *bounds, hi journal.Instant) bool {
	return (!b.anchored || hi >= point.lo) && point.lower(hi)
}

// lower is the mirror image of raise.
func (b *bootState) lower(s *stage) (changed bool) {
	ceiling := b.machine.orders[s.journal].now
	if s.journal < len(b.until) && b.until[s.journal] != nil {
		ceiling = b.until[s.journal].ceiling
	}
	for _, f := range b.flights {
		if f.stage == s {
			changed = b.lowerTo(&f.end, ceiling) || changed
		}
		if f.after != nil {
			changed = b.lowerTo(&f.start, sooner(f.after.start.hi, f.after.wentOn(f.Takeoff.SinceBoot))) || changed
		}
		if f.next != nil && f.next.boot != b {
			changed = b.lowerTo(&f.end, sooner(f.next.start.hi, f.next.wentOn(f.ended))) || changed
		}
	}
	at, hi := moment{}, always
	for i, mark := range slices.Backward(b.marks) {
		if i < len(b.marks)-1 {
			hi = sooner(hi, b.least(mark.moment, at))
		}
		changed = b.lowerTo(mark.known, hi) || changed
		at, hi = mark.moment, mark.known.hi
	}
	for i := 1; i < len(b.marks); i++ {
		if b.marks[i-1].at == b.marks[i].at {
			changed = b.lowerTo(b.marks[i].known, b.marks[i-1].known.hi) || changed
		}
	}
	if b.flights[0].Takeoff.SinceBoot >= 0 {
		changed = b.lowerTo(&b.kernelStart, sooner(hi, b.least(moment{}, at))) || changed
	}
	return changed
}

// writeWindows writes down the windows of the flights that have no anchor. Where the
// bounds contradict each other there is none.
func (m *machine) writeWindows() {
	for _, b := range m.loose {
		consistent := b.consistent()
		for _, f := range b.flights {
			f.Error = clock.Unknown
			f.VagueStart, f.VagueEnd = true, true
			if consistent {
				f.Window = Window{bound(f.start.lo, never), bound(f.end.hi, always)}
			}
		}
		b.out.VagueStart = true
	}
}

// consistent reports whether b can be anywhere.
func (b *bootState) consistent() bool {
	return !slices.ContainsFunc(b.marks, func(k boundPoint) bool { return k.known.lo > k.known.hi })
}

// bound returns a pointer to t, or nil if t is none.
func bound(t, none journal.Instant) *journal.Instant {
	if t == none {
		return nil
	}
	return &t
}
