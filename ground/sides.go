package ground

import (
	"sort"
	"time"

	"flightrec/journal/clock"
)

// A row of claims knows only a part of the facts where flights may have been in the air at
// the same time: the order in each lane and what lies between two claims are left out
// there. What is believed of such stages is held against all facts, by the bounds that
// follow from it.

// checkSides disputes the claims of those knots in which claims that are no lies
// contradict each other, and of those that contradict another knot. There are that many
// knots.
func (m *machine) checkSides(knots int) {
	all := func(c *claim) bool { return c.belief != lie || c.against == AgainstOthers }
	stands := func(c *claim) bool { return c.belief != lie }
	wrong := make(map[int]bool)
	find := func(sources, claims func(*claim) bool) {
		for _, c := range m.contradicted(sources, claims) {
			wrong[c.knot] = true
		}
	}
	find(stands, stands)
	// Two knots differ in one bit of their numbers at least.
	for bit := 1; bit < knots; bit <<= 1 {
		zeros := func(c *claim) bool { return all(c) && c.knot&bit == 0 }
		ones := func(c *claim) bool { return all(c) && c.knot&bit != 0 }
		find(zeros, ones)
		find(ones, zeros)
	}
	if len(wrong) > 0 {
		for _, c := range m.contradicted(all, all) {
			if wrong[c.knot] {
				c.belief, c.against = disputed, AgainstOthers
			}
		}
	}
	m.forget()
}

// forget sets what is known of all flights to nothing.
func (m *machine) forget() {
	for _, b := range m.boots {
		b.kernelStart = anywhere
		for _, mark := range b.marks {
			*mark.known = anywhere
		}
	}
}

// contradicted returns those of the claims that can't be true if the sources are, by what
// all facts make of these.
func (m *machine) contradicted(sources, claims func(*claim) bool) (all []*claim) {
	m.forget()
	each := func(counts func(*claim) bool, do func(c *claim, p anchorPoint, slack time.Duration, before, after *boundPoint)) {
		for _, b := range m.boots {
			slack := add(b.setBack(), clock.LineLimit)
			for i := range b.claims {
				c := &b.claims[i]
				if c.stray || c.undone || !counts(c) {
					continue
				}
				for _, p := range []anchorPoint{c.first, c.last} {
					after := sort.Search(len(b.marks), func(i int) bool { return b.marks[i].at >= p.at })
					before := sort.Search(len(b.marks), func(i int) bool { return b.marks[i].at > p.at }) - 1
					if before >= 0 && after < len(b.marks) { // heartbeats lie between takeoff and end
						do(c, p, add(c.known(), slack), &b.marks[before], &b.marks[after])
					}
				}
			}
		}
	}
	each(sources, func(c *claim, p anchorPoint, slack time.Duration, before, after *boundPoint) {
		after.known.raise(later(minus(p.wall(), slack), p.least(after.moment)))
		before.known.lower(sooner(p.wall().Add(slack), before.least(p.moment)))
	})
	m.tighten()
	each(claims, func(c *claim, p anchorPoint, slack time.Duration, before, after *boundPoint) {
		lo, hi := later(before.known.lo, before.least(p.moment)), sooner(after.known.hi, p.least(after.moment))
		if lo > p.wall().Add(slack) || hi < minus(p.wall(), slack) {
			all = append(all, c)
		}
	})
	return all
}

// setBack returns how far b's claims were set back by what the rules within a boot allow.
func (b *bootState) setBack() (by time.Duration) {
	latest := never
	for i := range b.claims {
		if c := &b.claims[i]; c.belief != lie && !c.stray && !c.undone {
			by, latest = max(by, latest.Sub(c.first.origin)), max(latest, c.last.origin)
		}
	}
	return by
}
