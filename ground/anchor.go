package ground

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// An offset maps a boot clock to true time: it is the boot clock plus what the wall
// clock was ahead of it.
type offset struct{ origin journal.Instant }

// through returns the offset by which m is t.
func through(m moment, t journal.Instant) offset { return offset{minus(t, m.at)} }

// time returns the true time of m.
func (l offset) time(m moment) journal.Instant { return l.origin.Add(m.at) }

// An anchorPoint is a moment whose true time is known within err, and the offset that
// serves around it.
type anchorPoint struct {
	moment
	offset
	err time.Duration // forever where nothing bounds it
	of  *flightState
}

// wall returns what the wall clock showed at p.
func (p *anchorPoint) wall() journal.Instant { return p.offset.time(p.moment) }

// error returns how far p's offset may be wrong at m.
func (p *anchorPoint) error(m moment) time.Duration { return add(p.err, p.strayed(m)) }

// known returns p's error, as it bounds others: a clock that is called synchronised and
// doesn't tell its error is off by less than the limit for calling it so.
func (p *anchorPoint) known() time.Duration {
	if p.err == forever {
		return clock.SyncLimit
	}
	return p.err
}

// A segment is the part of a boot between two forward steps.
type segment struct {
	from  time.Duration // the boot clock from which on it holds
	doubt time.Duration // the boot clock from which on the step that ends it may have been
	pause Span          // the pause that ends it; empty for the last one
	risk  time.Duration // how much later than told it is after doubt, if the step was before
	pins  []anchorPoint
}

// differ returns by how much q's offset is later than p's, and whether that is
// more than their errors, and the drift between them, can explain.
func differ(p, q anchorPoint) (by time.Duration, stepped bool) {
	by = q.origin.Sub(p.origin)
	room := add(clock.LineLimit, p.strayed(q.moment))
	for _, err := range []time.Duration{p.err, q.err} {
		if err != forever {
			room = add(room, err)
		}
	}
	return by, apart(by, 0) > room
}

// anchor pins b to the true time line by its believed claims, from the latest to the
// first.
func (b *bootState) anchor() {
	if !b.anchored {
		return
	}
	serves := make([]*claim, 0, len(b.claims)) // believed claims, and strays that may confirm them
	for i := range b.claims {
		if c := &b.claims[i]; c.belief == believed && !c.undone {
			serves = append(serves, c)
		}
	}
	i := len(serves) - 1
	for serves[i].stray {
		i--
	}
	// Strays after the latest claim that counts may still confirm it.
	serving := serves[i].last
	b.segments = append(b.machine.slabs.segments.take(1), segment{from: -forever, doubt: forever, pins: b.machine.slabs.pins.take(2 * len(serves))})
	for _, c := range serves[i+1:] {
		b.confirm(serving, c)
	}
	var steps []anchorStep
	for ; i >= 0; i-- {
		c := serves[i]
		by, stepped := differ(c.last, serving)
		switch {
		case c.stray:
			b.confirm(serving, c)
		case by <= clock.LineLimit:
			serving = b.serve(serving, c)
		default:
			if stepped {
				steps = append(steps, anchorStep{c.last, serving})
			}
			b.splitAtPause(c.last, serving, stepped)
			serving = b.serve(c.last, c)
		}
	}
	b.sortSegments()
	if slow(steps) {
		b.slowDown(steps)
	}
	b.findTails()
}

// confirm uses a claim that agrees with the serving offset and may not move it.
func (b *bootState) confirm(serving anchorPoint, c *claim) {
	if apart(c.last.origin.Sub(serving.origin), 0) <= clock.LineLimit {
		c.of.own = true
		b.serve(serving, c)
	}
}

// serve adds the anchors of c, which lies before serving, and returns the one that
// serves before c. Within a leg's resolution the offset stays the same, so that
// lengths stay those of the boot clock. Two recorders may have seen the same clock at the
// same time: what serves is what is first.
func (b *bootState) serve(serving anchorPoint, c *claim) anchorPoint {
	first := serving
	last := &b.segments[len(b.segments)-1]
	for _, p := range []anchorPoint{c.last, c.first} {
		if off := apart(p.origin.Sub(serving.origin), 0); off <= clock.LineLimit {
			p.offset, p.err = serving.offset, add(p.err, off)
		}
		last.pins = append(last.pins, p)
		if serving = p; p.at < first.at {
			first = p
		}
	}
	return first
}

// splitAtPause opens the segment that ends between old and new, which are the anchors
// on both sides of a forward step. If that is more than errors and drift explain,
// the machine may have stood still in between.
func (b *bootState) splitAtPause(old, new anchorPoint, stepped bool) {
	before, after := stepEdges(old, new)
	length := new.origin.Sub(old.origin)
	e := segment{from: -forever, doubt: -forever, risk: add(length, new.error(old.moment))}
	if stepped {
		m := moment{at: before}
		e.pause = Span{old.time(m), new.time(m)}
	}
	if old.err != forever {
		// A clock's maximum error grows by drift at least, each second, from the moment
		// of its last update: until then it was right.
		e.doubt = sub(old.at, add(times(old.err, 1e6/clock.DriftPPM), time.Second))
	}
	b.segments[len(b.segments)-1].from = after
	b.segments = append(b.segments, e)
}

// stepEdges returns the boot clock at the last fix on old's side of a step and at the
// first on new's.
func stepEdges(old, new anchorPoint) (before, after time.Duration) {
	before, after = old.at, new.at
	middle := old.origin.Add(new.origin.Sub(old.origin) / 2)
	for _, f := range []*flightState{old.of, new.of} {
		for i := range f.Legs {
			for _, fix := range []journal.Fix{f.Legs[i].First, f.Legs[i].Last} {
				switch p := f.anchorPoint(fix); {
				case p.at <= old.at || p.at >= after:
				case p.origin > middle:
					after = p.at
				case p.at > before:
					before = p.at
				}
			}
		}
	}
	return min(before, after), after
}

// sortSegments puts segments and their anchors in order.
func (b *bootState) sortSegments() {
	slices.Reverse(b.segments)
	for _, e := range b.segments {
		slices.SortStableFunc(e.pins, func(p, q anchorPoint) int { return cmp.Compare(p.at, q.at) })
	}
}

// An anchorStep is a forward step between two believed claims.
type anchorStep struct{ old, new anchorPoint }

// slowest is how many times as long as its boot clock says a boot may take: boot clocks at
// half their speed exist, on throttled boards.
const slowest = 3

// slow reports whether steps, the latest first, are what a slow boot clock makes: two or
// more, each of which makes up for about the same part of the time since the one before.
func slow(steps []anchorStep) bool {
	if len(steps) < 2 {
		return false
	}
	least, most := 0.0, 0.0
	for i, s := range steps[:len(steps)-1] {
		ran := sub(s.new.at, steps[i+1].new.at)
		lost := s.new.origin.Sub(s.old.origin)
		if ran <= 0 {
			return false
		}
		ratio := float64(lost) / float64(ran)
		if i == 0 {
			least, most = ratio, ratio
		}
		least, most = min(least, ratio), max(most, ratio)
	}
	first := steps[len(steps)-1]
	return most <= slowest && most <= 1.5*least && float64(first.new.origin.Sub(first.old.origin)) <= 1.5*most*float64(max(0, first.new.at))
}

// slowDown takes the steps of a slow boot clock for what they are: nothing stood still,
// and each moment may be as much later than its line says as the next step makes up for.
func (b *bootState) slowDown(steps []anchorStep) {
	var most time.Duration
	for _, s := range steps {
		most = max(most, s.new.origin.Sub(s.old.origin))
	}
	for i := range b.segments {
		s := &b.segments[i]
		s.pause, s.doubt = Span{}, -forever
		s.risk = max(s.risk, most)
	}
}

// A tail is what follows a forward step of a clock that nobody synchronised: the machine
// may have stood still, for no longer than the step.
type tail struct{ from, late time.Duration }

// findTails finds the tails after b's last anchor.
func (b *bootState) findTails() {
	pins := b.segments[len(b.segments)-1].pins
	anchor := pins[len(pins)-1]
	for _, f := range b.flights {
		for i := range f.Legs {
			leg := &f.Legs[i]
			if leg.First.Sync == clock.SyncSynced {
				continue
			}
			p := f.anchorPoint(leg.First)
			ahead := p.origin.Sub(anchor.origin)
			room := add(add(anchor.known(), anchor.strayed(p.moment)), clock.LooseStepLimit(apart(p.at, anchor.at)))
			if p.at <= anchor.at || ahead <= room {
				continue
			}
			before := anchor.at
			if i > 0 {
				before = max(before, b.moment(f.clock(f.Legs[i-1].Last)).at)
			}
			b.tails = append(b.tails, tail{before, ahead})
		}
	}
	slices.SortFunc(b.tails, func(s, t tail) int { return cmp.Compare(s.from, t.from) })
	for i := 1; i < len(b.tails); i++ {
		b.tails[i].late = max(b.tails[i].late, b.tails[i-1].late)
	}
}

// lateAt returns how much later than told m may be.
func (b *bootState) lateAt(m moment) time.Duration {
	i := sort.Search(len(b.tails), func(i int) bool { return b.tails[i].from >= m.at })
	if i == 0 {
		return 0
	}
	return b.tails[i-1].late
}

// A located is where anchors put a moment.
type located struct {
	time journal.Instant
	err  time.Duration // how far that may be wrong, forever where nothing bounds it
	late time.Duration // how much later it may be in addition
}

// locate returns the place of m. The boot must have an anchor.
func (b *bootState) locate(m moment) (p located) {
	e := &b.segments[b.segmentAt(m)]
	p.time, p.err = e.locate(m)
	if m.at >= e.doubt {
		p.late = e.risk
	}
	p.late = max(p.late, b.lateAt(m))
	return p
}

func (e *segment) locate(m moment) (t journal.Instant, err time.Duration) {
	i := sort.Search(len(e.pins), func(i int) bool { return e.pins[i].at >= m.at })
	switch i {
	case len(e.pins):
		p := &e.pins[i-1]
		return p.offset.time(m), p.error(m)
	case 0:
		p := &e.pins[i]
		return p.offset.time(m), p.error(m)
	}
	//  left   m   right
	left, right := &e.pins[i-1], &e.pins[i]
	p, err := right, right.error(m)
	if other := left.error(m); other < err {
		p, err = left, other
	}
	// The lines may cross between the two, but time doesn't run backward.
	t, err = p.offset.time(m), add(err, apart(right.origin.Sub(left.origin), 0))
	switch {
	case t < left.wall():
		return left.wall(), max(err, left.err)
	case t > right.wall():
		return right.wall(), max(err, right.err)
	}
	return t, err
}

// segmentAt returns the index of the segment in which m lies.
func (b *bootState) segmentAt(m moment) int {
	i := sort.Search(len(b.segments), func(i int) bool { return b.segments[i].from > m.at })
	return max(0, i-1)
}
