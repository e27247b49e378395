package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// step is what wall clock and boot clock may differ within one leg.
const step = 100 * time.Millisecond

// century is the year 2000. A synchronised clock that showed less and jumped to
// more had not been synchronised.
var century = journal.InstantOf(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))

// An offset maps a boot clock to true time: it is the boot clock plus what the wall
// clock was ahead of it.
type offset struct{ origin journal.Instant }

// through returns the line on which m is t.
func through(m moment, t journal.Instant) offset { return offset{minus(t, m.at)} }

// time returns the true time of m.
func (l offset) time(m moment) journal.Instant { return l.origin.Add(m.at) }

// An anchorPoint is a moment whose true time is known within err, and the line that
// serves around it.
type anchorPoint struct {
	moment
	offset
	err time.Duration // forever where nothing bounds it
	of  *flightState
}

// error returns how far p's line may be wrong at m.
func (p anchorPoint) error(m moment) time.Duration { return add(p.err, p.strayed(m)) }

// A segment is the part of a boot between two pauses.
type segment struct {
	from  time.Duration // the boot clock from which on it holds
	doubt time.Duration // the boot clock from which on the pause that ends it may have been
	pause Span          // the pause that ends it; empty for the last one
	risk  time.Duration // how much later than told it is there, if the pause had been
	pins  []anchorPoint
}

// A candidate is a leg that may serve as an anchor.
type candidate struct {
	first, last anchorPoint // each on its own line
	stray       bool        // a single heartbeat
	told        bool        // by a server that the recorder asked, not by the system
}

// candidates returns the legs of b in state sync, by their ends on the boot clock.
func (b *bootState) candidates(sync clock.Sync) []candidate {
	var found []candidate
	for _, f := range b.flights {
		for i := range f.Legs {
			leg := &f.Legs[i]
			if leg.Last.Sync == sync {
				found = append(found, candidate{f.pin(leg.First), f.pin(leg.Last), leg.Beats < 2, leg.Source == "sntp"})
				if leg.First.Sync != sync {
					found[len(found)-1].first = found[len(found)-1].last
				}
			}
		}
	}
	if slices.ContainsFunc(found, func(s candidate) bool { return s.told }) {
		all := slices.Clone(found)
		found = slices.DeleteFunc(found, func(s candidate) bool { return s.told && contradicted(s, all) })
	}
	slices.SortStableFunc(found, func(s, t candidate) int { return cmp.Compare(s.last.at, t.last.at) })
	if !slices.ContainsFunc(found, func(s candidate) bool { return !s.stray }) {
		for i := range found {
			found[i].stray = false
		}
	}
	return found
}

// contradicted reports whether the system's own word in the same boot speaks against
// what a server told. The system is believed then: its time daemon has weighed
// servers for longer than one question takes. So a lie into the past isn't taken for
// a pause, which is what a step forward between two right times would be.
func contradicted(told candidate, all []candidate) bool {
	return slices.ContainsFunc(all, func(s candidate) bool {
		_, stepped := differ(told.last, s.last)
		return !s.told && stepped
	})
}

// pin returns the pin that fix makes if its wall clock is right.
func (f *flightState) pin(fix journal.Fix) anchorPoint {
	m := f.boot.moment(f.clock(fix))
	err := fix.MaxError
	if err < 0 {
		err = forever
	}
	return anchorPoint{m, through(m, fix.Wall), err, f}
}

// differ returns by how much q's line is later than p's, and whether that is
// more than their errors, and the drift between them, can explain.
func differ(p, q anchorPoint) (by time.Duration, stepped bool) {
	by = q.origin.Sub(p.origin)
	room := add(step, p.strayed(q.moment))
	for _, err := range []time.Duration{p.err, q.err} {
		if err != forever {
			room = add(room, err)
		}
	}
	return by, apart(by, 0) > room
}

// anchor pins b to the true time line, by its synchronised legs, from the latest
// to the first; without any it notes where a weak one would put it.
func (b *bootState) anchor() {
	sights := b.candidates(clock.SyncSynced)
	if len(sights) == 0 {
		if weak := b.candidates(clock.SyncWeak); len(weak) > 0 {
			latest := weak[len(weak)-1].last.offset
			b.weak = &latest
		}
		return
	}
	i := len(sights) - 1
	for sights[i].stray {
		i--
	}
	// Strays after the latest leg that counts may still confirm it.
	serving := sights[i].last
	b.segments = append(b.segments, segment{from: -forever, doubt: forever})
	for _, s := range sights[i+1:] {
		b.confirm(serving, s)
	}
	for ; i >= 0; i-- {
		s := sights[i]
		by, stepped := differ(s.last, serving)
		switch {
		case s.stray:
			b.confirm(serving, s)
		case by < 0 && stepped:
			// A backward step: the earlier leg was wrong.
		case by <= step:
			serving = b.serve(serving, s)
		case s.last.wall() < century && serving.wall() >= century:
			// No pause lasts from before the century.
		default:
			if j := b.liar(sights, i, serving); stepped && j < i {
				i = j + 1 // the loop goes on with j
				continue
			}
			b.splitAtPause(s.last, serving, stepped)
			serving = b.serve(s.last, s)
		}
	}
	b.sortSegments()
}

// wall returns what the wall clock showed at p.
func (p anchorPoint) wall() journal.Instant { return p.offset.time(p.moment) }

// confirm uses a leg that agrees with the serving line and may not move it.
func (b *bootState) confirm(serving anchorPoint, s candidate) {
	if apart(s.last.origin.Sub(serving.origin), 0) <= step {
		b.serve(serving, s)
	}
}

// serve adds the pins of s, which lies before serving, and returns the pin that
// serves before s. Within a leg's resolution the line stays the same, so that
// lengths stay those of the boot clock.
func (b *bootState) serve(serving anchorPoint, s candidate) anchorPoint {
	s.last.of.own = true
	last := &b.segments[len(b.segments)-1]
	for _, p := range []anchorPoint{s.last, s.first} {
		if off := apart(p.origin.Sub(serving.origin), 0); off <= step {
			p.offset, p.err = serving.offset, add(p.err, off)
		}
		last.pins = append(last.pins, p)
		serving = p
	}
	return serving
}

// liar returns the index of the leg before sights[i], if that agrees with the
// serving line and those after it don't: then one wrong stretch explains what
// else takes a wrong leg and a pause. It returns i if there is none.
func (b *bootState) liar(sights []candidate, i int, serving anchorPoint) int {
	for j := i - 1; j >= 0; j-- {
		if sights[j].stray {
			continue
		}
		if _, stepped := differ(sights[j].last, sights[i].last); !stepped {
			continue
		}
		if _, stepped := differ(sights[j].last, serving); !stepped {
			return j
		}
		break
	}
	return i
}

// splitAtPause opens the segment that ends between old and new, which are the anchors on
// both sides of a forward step. If that is more than errors and drift explain,
// the machine stood still in between.
func (b *bootState) splitAtPause(old, new anchorPoint, paused bool) {
	before, after := stepEdges(old, new)
	length := new.origin.Sub(old.origin)
	e := segment{from: -forever, doubt: -forever, risk: add(length, new.error(old.moment))}
	if paused {
		start := old.offset.time(moment{at: before})
		e.pause = Span{start, start.Add(length)}
	}
	if old.err < hour {
		// A clock's maximum error grows by drift at least, each second, from the moment
		// at which it was last found right. Whatever leapt did so after that.
		e.doubt = sub(old.at, add(times(old.err, 1e6/drift), time.Second))
	}
	b.segments[len(b.segments)-1].from = after
	b.segments = append(b.segments, e)
}

// hour is more than any clock that is called synchronised may be wrong.
const hour = time.Hour

// stepEdges returns the boot clock at the last fix on old's side of a step and at the
// first on new's.
func stepEdges(old, new anchorPoint) (before, after time.Duration) {
	before, after = old.at, new.at
	middle := old.origin.Add(new.origin.Sub(old.origin) / 2)
	for _, f := range []*flightState{old.of, new.of} {
		for i := range f.Legs {
			for _, fix := range []journal.Fix{f.Legs[i].First, f.Legs[i].Last} {
				switch p := f.pin(fix); {
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

// locate returns the true time of m and how far it may be wrong: forever where
// nothing bounds that. The boot must have an anchor.
func (b *bootState) locate(m moment) (t journal.Instant, err time.Duration) {
	e := &b.segments[b.segmentAt(m)]
	t, err = e.locate(m)
	if m.at >= e.doubt {
		err = add(err, e.risk)
	}
	return t, err
}

func (e *segment) locate(m moment) (t journal.Instant, err time.Duration) {
	i, _ := slices.BinarySearchFunc(e.pins, m.at, func(p anchorPoint, at time.Duration) int { return cmp.Compare(p.at, at) })
	switch {
	case i == len(e.pins):
		p := e.pins[i-1]
		return p.offset.time(m), p.error(m)
	case i == 0 || e.pins[i].error(m) <= e.pins[i-1].error(m) && e.pins[i].offset == e.pins[i-1].offset:
		p := e.pins[i]
		return p.offset.time(m), p.error(m)
	}
	//  left   m   right
	left, right := e.pins[i-1], e.pins[i]
	p := right
	if left.error(m) < right.error(m) {
		p = left
	}
	// The lines may cross between the two, but time doesn't run backward.
	t, err = p.offset.time(m), add(p.error(m), apart(right.origin.Sub(left.origin), 0))
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
	i, _ := slices.BinarySearchFunc(b.segments, m.at, func(e segment, at time.Duration) int {
		if e.from <= at {
			return -1
		}
		return 1
	})
	return max(0, i-1)
}
