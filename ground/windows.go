package ground

import (
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// assumed is how far a synchronised clock that doesn't tell its error is taken to
// be off, where others are bounded by it: no clock that may be further off is
// called synchronised.
const assumed = 16 * time.Second

// placeByAnchors writes down where its anchors put b.
func (b *bootState) placeByAnchors() {
	b.fixed = true
	for i, f := range b.flights {
		from, to := b.ends[i].from, b.ends[i].to
		start, startErr := b.locate(from)
		end, endErr := b.locate(to)
		f.Span = Span{start, max(start, end)}
		f.start, f.end = known(f.Start, startErr), known(f.End, endErr)
		f.Error = max(startErr, endErr)
		if f.Error == forever {
			f.Error = clock.Unknown
		}
		f.Grounding = GroundingBoot
		if f.own {
			f.Grounding = GroundingNTP
		}
		for _, e := range b.segments[b.segmentAt(from):b.segmentAt(to)] {
			if e.pause.Start < e.pause.End {
				f.Pauses = append(f.Pauses, e.pause)
			}
		}
	}
	b.out.Start = b.flights[0].Start
	if b.kernel {
		start, err := b.locate(moment{})
		b.kernelStart = known(start, err)
		b.out.Start = min(start, b.out.Start)
	}
}

// known returns the reach of t with an error.
func known(t journal.Instant, err time.Duration) bounds {
	if err == forever {
		err = assumed
	}
	return around(t, err)
}

// disputed returns which of m's bodies take no part in bounding. Those that have an
// anchor do if their order by anchors is that of takeoff, as far as the most of
// them can agree. Where they don't, the anchor is the proof, and stands; but it
// proves nothing about others.
func (m *machine) disputed() map[*bootState]bool {
	if m.inRow() {
		return nil // as with all but the worst of journals
	}
	var items []item
	var anchored []*bootState
	for _, b := range m.boots {
		if b.fixed {
			items, anchored = append(items, m.item(b)), append(anchored, b)
		}
	}
	outside := make(map[*bootState]bool)
	for i, agrees := range undisputed(items) {
		if !agrees {
			outside[anchored[i]] = true
		}
	}
	return outside
}

// item returns where its anchors have put b.
func (m *machine) item(b *bootState) item {
	first := b.flights[0].start
	it := item{from: first.hi, to: first.lo}
	if len(m.lanes) == 1 {
		for _, f := range b.flights {
			it.to = max(it.to, f.end.lo)
		}
	}
	return it
}

// inRow reports whether all bodies with an anchor stand each after the one before it.
func (m *machine) inRow() bool {
	last := item{to: never}
	for _, b := range m.boots {
		if !b.fixed {
			continue
		}
		it := m.item(b)
		if it.from < last.to {
			return false
		}
		last = it
	}
	return true
}

// link ties each flight to its neighbours in its lane and in order of takeoff,
// but for the flights of the bodies outside.
func (m *machine) link(outside map[*bootState]bool) {
	lanes := make(map[string]*flightState)
	var last *flightState
	for _, f := range m.flights {
		if outside[f.boot] {
			continue
		}
		if prev := lanes[f.Lane]; prev != nil {
			f.prev, prev.next = prev, f
		}
		lanes[f.Lane] = f
		if last != nil && last.boot != f.boot {
			f.before, last.after = last, f
		}
		last = f
		f.boot.checkKernel(f)
	}
}

// checkKernel drops the kernel's boot from what is known of b if it lies before
// the end of the flight before f: containers can have boot IDs of their own, on
// the boot clock of their host.
func (b *bootState) checkKernel(f *flightState) {
	if f.prev != nil && f.prev.boot.fixed && b.fixed && b.kernelStart.hi < f.prev.end.lo && freshBoot(f.prev, f) {
		b.kernel = false
		b.out.Start = b.flights[0].Start
	}
}

// markFresh tells of which flights the boot clock began after the flight before them in
// their lane, as far as that bounds a boot that no anchor has placed.
func (m *machine) markFresh() {
	for _, b := range m.loose {
		for _, f := range b.flights {
			for _, g := range []*flightState{f, f.next} {
				if g != nil && g.prev != nil {
					g.fresh = freshBoot(g.prev, g)
				}
			}
		}
	}
}

// freshBoot reports whether g's boot clock is known to have begun after f ended.
func freshBoot(f, g *flightState) bool {
	if f.boot == g.boot || !g.boot.kernel {
		return false
	}
	return f.boot.out.ID != "" && g.boot.out.ID != "" ||
		f.Takeoff.SinceBoot >= 0 && g.Takeoff.SinceBoot < sub(f.clockEnd(), time.Second)
}

// maxRounds bounds how often the bounds are passed along. One round is enough
// unless boots interleave, as containers that share a journal do.
const maxRounds = 8

// tighten passes all bounds along: from each takeoff to the next, from each end
// to the next takeoff in the same lane, and through each boot by its clock.
func (m *machine) tighten() {
	for range maxRounds {
		changed := false
		for _, b := range m.loose {
			changed = b.raise() || changed
		}
		for _, b := range slices.Backward(m.loose) {
			changed = b.lower() || changed
		}
		if !changed {
			break
		}
	}
}

// raise passes lower bounds from b's neighbours to b, and reports whether that
// told anything new.
func (b *bootState) raise() (changed bool) {
	if b.fixed {
		return false
	}
	for _, f := range b.flights {
		if f.before != nil {
			changed = f.start.raise(f.before.start.lo) || changed
		}
		switch prev := f.prev; {
		case prev == nil || prev.boot == b:
		case f.fresh:
			changed = b.kernelStart.raise(prev.end.lo) || changed
		default:
			changed = f.start.raise(prev.end.lo) || changed
		}
	}
	at, lo := moment{}, b.kernelStart.lo
	for _, mark := range b.marks {
		changed = mark.known.raise(later(lo, b.least(at, mark.moment))) || changed
		at, lo = mark.moment, mark.known.lo
	}
	for i := len(b.marks) - 1; i > 0; i-- {
		if b.marks[i-1].at == b.marks[i].at {
			changed = b.marks[i-1].known.raise(b.marks[i].known.lo) || changed
		}
	}
	return changed
}

// lower is the mirror image of raise.
func (b *bootState) lower() (changed bool) {
	if b.fixed {
		return false
	}
	for _, f := range b.flights {
		if f.after != nil {
			changed = f.start.lower(f.after.start.hi) || changed
		}
		switch next := f.next; {
		case next == nil || next.boot == b:
		case next.fresh:
			changed = f.end.lower(next.boot.kernelStart.hi) || changed
		default:
			changed = f.end.lower(next.start.hi) || changed
		}
	}
	at, hi := moment{}, always
	for i, mark := range slices.Backward(b.marks) {
		if i < len(b.marks)-1 {
			hi = sooner(hi, b.least(mark.moment, at))
		}
		changed = mark.known.lower(hi) || changed
		at, hi = mark.moment, mark.known.hi
	}
	for i := 1; i < len(b.marks); i++ {
		if b.marks[i-1].at == b.marks[i].at {
			changed = b.marks[i].known.lower(b.marks[i-1].known.hi) || changed
		}
	}
	if b.kernel {
		changed = b.kernelStart.lower(sooner(hi, b.least(moment{}, at))) || changed
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
			if consistent {
				f.Window = Window{bound(f.start.lo, never), bound(f.end.hi, always)}
			}
		}
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
