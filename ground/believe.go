package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// believe decides which claims are believed: the heaviest set that agrees with the
// order of each journal and with itself.
func (m *machine) believe() {
	knots := 0
	for _, o := range m.orders {
		row := o.layOut()
		knots = tie(row, knots)
		believeRow(row)
	}
	if slices.ContainsFunc(m.flights, func(f *flightState) bool { return f.side }) {
		m.checkSides(knots + 1)
	}
	for _, b := range m.boots {
		for i := range b.claims {
			switch c := &b.claims[i]; {
			case c.stray:
			case c.belief == believed:
				b.anchored, c.of.own = true, true
			case c.belief == disputed:
				b.disputed = true
			}
		}
	}
}

// layOut returns the claims of a journal in a row whose order is known. An item's
// from and to are the claim's true time less the least time that must have passed
// since the first takeoff until then, so that claims agree if they don't decrease.
func (o *order) layOut() (row []item) {
	n := 0
	for _, b := range o.boots {
		n += len(b.claims)
	}
	row = make([]item, 0, n)
	var passed time.Duration // the least time since the first takeoff
	group := 0
	for rest := o.stages; len(rest) > 0; {
		n := 1 // stages up to one before which all others were over
		for n < len(rest) && !o.sure(rest[n]) {
			n++
		}
		if n == 1 && (len(rest[0].boots) == 1 || rest[0].lanes == 1) {
			passed = rest[0].lay(passed, len(rest) < len(o.stages))
		} else {
			// Flights may have been in the air at the same time: only takeoffs are ordered.
			for _, s := range rest[:n] {
				for _, f := range s.flights {
					from, _ := f.moments()
					f.base, f.side = sub(passed, from.floor), true
				}
			}
		}
		for _, s := range rest[:n] {
			row = s.list(row, &group)
		}
		rest = rest[n:]
	}
	return row
}

// tie numbers the knots of a row, from knot on: between two of them everything before can
// stand before everything after. It returns the next number.
func tie(row []item, knot int) int {
	after := make([]journal.Instant, len(row)+1) // the least from of the claims from there on
	after[len(row)] = always
	for i := range slices.Backward(row) {
		after[i] = min(after[i+1], row[i].from)
	}
	to := never
	for i := range row {
		row[i].knot = knot
		if to = max(to, row[i].to); to <= after[i+1] {
			knot, to = knot+1, never
		}
	}
	return knot
}

// sure reports whether all that took off before s is known to have been over.
func (o *order) sure(s *stage) bool { return o.lastUpTo(s.flights[0].index-1) <= s.over }

// lay sets for each flight of s what must have passed since the journal's first takeoff
// when its boot clock was zero, and returns what must have when all of s was over. A fresh
// stage began with a boot clock, when passed had passed.
func (s *stage) lay(passed time.Duration, fresh bool) (end time.Duration) {
	end = passed
	for i, f := range s.flights {
		from, to := f.moments()
		switch {
		case i == 0 && fresh:
			f.base = passed
		case i == 0:
			f.base = sub(passed, from.floor)
		case s.flights[i-1].boot == f.boot:
			f.base = s.flights[i-1].base
		default:
			p := s.flights[i-1]
			_, ended := p.moments()
			f.base = sub(max(end, add(add(p.base, ended.floor), f.wentOn(p.ended))), from.floor)
			if fresh {
				f.base = max(f.base, passed) // its clock is that of the stage, or a later one
			}
		}
		end = max(end, add(f.base, to.floor))
	}
	return end
}

// list appends the claims of s to a row: those of one boot as its clock orders them, those
// of several in order of takeoff.
func (s *stage) list(row []item, group *int) []item {
	for _, f := range s.flights {
		f.claims = f.claims[:0]
	}
	for _, b := range s.boots {
		b.group = *group
		*group++
		b.weigh()
		for i := range b.claims {
			c := &b.claims[i]
			switch {
			case c.of.stage != s || c.belief == lie || c.stray:
			case len(s.boots) == 1:
				row = append(row, c.place(row))
			default:
				c.of.claims = append(c.of.claims, c)
			}
		}
	}
	for _, f := range s.flights {
		for _, c := range f.claims {
			row = append(row, c.place(row))
		}
	}
	return row
}

// place returns c as the next item of a row.
func (c *claim) place(row []item) item {
	from, slack := c.first, add(c.known(), clock.LineLimit)
	if n := len(row); n > 0 && row[n-1].boot == c.boot && row[n-1].last.at > from.at {
		// Two recorders saw it at the same time: what matters is what lies after.
		from.moment = row[n-1].last.moment
	}
	passed := func(p anchorPoint) journal.Instant { return minus(p.wall(), add(c.of.base, p.floor)) }
	it := item{claim: c, group: c.boot.group, from: passed(from).Add(slack), to: minus(passed(c.last), slack), counts: !c.single, held: c.weight}
	if c.of.side {
		// Only takeoffs are ordered: the claim puts that of its flight as early as this.
		start, _ := c.of.moments()
		ran := add(sub(c.first.at, start.at), c.first.strayed(start))
		it.to = minus(minus(c.first.wall(), add(add(c.of.base, start.floor), ran)), slack)
	}
	if n := len(row); n > 0 && row[n-1].boot == c.boot && !row[n-1].undone && !c.undone {
		it.from = max(it.from, row[n-1].to) // the rules within a boot let both stand
		it.to = max(it.to, row[n-1].to)
		if c.of.side && row[n-1].of == c.of {
			it.to = row[n-1].to // a machine that stood still in between didn't take off later
		}
	}
	return it
}

// known returns the claim's error, as it bounds others.
func (c *claim) known() time.Duration { return max(c.first.known(), c.last.known()) }

// weigh sets how much each of b's claims weighs: how long it held, but all that are on
// one line at most an hour.
func (b *bootState) weigh() {
	if len(b.claims) == 1 {
		b.claims[0].weight = min(b.claims[0].held(), time.Hour)
		return
	}
	sorted := make([]*claim, len(b.claims))
	for i := range b.claims {
		sorted[i] = &b.claims[i]
	}
	slices.SortStableFunc(sorted, func(c, d *claim) int { return cmp.Compare(c.last.origin, d.last.origin) })
	for len(sorted) > 0 {
		n, held := 1, sorted[0].held()
		for n < len(sorted) && sorted[n].last.origin.Sub(sorted[n-1].last.origin) <= clock.LineLimit {
			held = add(held, sorted[n].held())
			n++
		}
		for _, c := range sorted[:n] {
			c.weight = c.held()
			if held > time.Hour {
				c.weight = share(time.Hour, c.held(), held)
			}
		}
		sorted = sorted[n:]
	}
}

// believeRow judges the claims of a row: first those of the system, then those that a
// server told, as far as they agree with the heaviest set of the others.
func believeRow(row []item) {
	if !slices.ContainsFunc(row, func(c item) bool { return c.told }) {
		decide(row)
		return
	}
	decide(filter(row, func(c *item) bool { return !c.told }))
	before, after := make([]journal.Instant, len(row)), make([]journal.Instant, len(row))
	to, from := never, always
	for i := range row {
		before[i] = to
		if c := &row[i]; !c.told && c.inBest {
			to = max(to, c.to)
		}
	}
	for i := range slices.Backward(row) {
		after[i] = from
		if c := &row[i]; !c.told && c.inBest {
			from = min(from, c.from)
		}
	}
	for i := range row {
		if c := &row[i]; c.told && (c.from < before[i] || c.to > after[i]) {
			c.belief, c.against = lie, AgainstOthers
		}
	}
	decide(filter(row, func(c *item) bool { return c.told && c.belief != lie }))
}

// decide judges claims of one strength. It uses row up. Where a claim that its own boot
// contradicts is not in all of the sets that may be right, it is a lie, and the others are
// judged without it; where it is, the two rules disagree.
func decide(row []item) {
	judge(row)
	for i := range row {
		if c := &row[i]; c.undone && c.member != inAll {
			c.belief = lie
		}
	}
	row = slices.DeleteFunc(row, func(c item) bool { return c.belief == lie })
	judge(row)
	for i := range row {
		c := &row[i]
		c.inBest = c.best
		switch c.member {
		case inNone:
			c.belief, c.against = lie, AgainstOthers
		case inSome:
			c.belief, c.against = disputed, AgainstOthers
		}
	}
	exposed := make(map[*bootState]bool)
	for i := range row {
		if c := &row[i]; c.undone && c.belief == believed {
			c.belief = lie
			lied, known := exposed[c.boot]
			if !known {
				lied = c.boot.exposed()
				exposed[c.boot] = lied
			}
			if lied {
				c.belief = disputed // what contradicts it is a lie itself
			}
		}
	}
}

// exposed reports whether others have shown one of b's claims to be a lie.
func (b *bootState) exposed() bool {
	return slices.ContainsFunc(b.claims, func(c claim) bool { return c.belief == lie && c.against == AgainstOthers })
}

// filter returns a copy of the items to keep.
func filter(row []item, keep func(*item) bool) []item {
	kept := make([]item, 0, len(row))
	for i := range row {
		if keep(&row[i]) {
			kept = append(kept, row[i])
		}
	}
	return kept
}
