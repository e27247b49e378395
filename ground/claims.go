package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// A claim is what a synchronised leg says of true time: at these points of its boot's
// clock it was that, give or take an error. A claim can be a lie.
type claim struct {
	boot        *bootState
	of          *flightState
	leg         int         // its number in the flight
	first, last anchorPoint // each on its own line
	clocks      Span        // the boot clock at both, as it was read
	stray       bool        // a single heartbeat, in a boot that has claims of more
	single      bool        // a single heartbeat
	told        bool        // by a server that the recorder asked, not by the system
	undone      bool        // a later claim of the same boot contradicts it
	belief      belief
	inBest      bool // in the heaviest set of claims
	weight      time.Duration
	knot        int // that of its row in which it is
	against     Against
}

// belief says what grounding makes of a claim.
type belief uint8

const (
	believed belief = iota
	disputed
	lie
)

// plausible is F6, the floor, for flights that don't tell when their recorder was
// built: the KSUIDs' own epoch begins in 2014, and no flight is older than the IDs
// that name flights.
var plausible = journal.InstantOf(time.Unix(1400000000, 0))

// gatherClaims lists the legs of b in state sync, by their ends on the boot clock.
func (b *bootState) gatherClaims(sync clock.Sync) []claim {
	n := 0
	for _, f := range b.flights {
		for i := range f.Legs {
			if f.Legs[i].Last.Sync == sync {
				n++
			}
		}
	}
	found := b.machine.slabs.claims.take(n)
	for _, f := range b.flights {
		for i := range f.Legs {
			leg := &f.Legs[i]
			if leg.Last.Sync != sync {
				continue
			}
			c := claim{boot: b, of: f, leg: i, first: f.anchorPoint(leg.First), last: f.anchorPoint(leg.Last), told: leg.Source == "sntp"}
			c.single = leg.Beats < 2
			c.stray = c.single
			c.clocks = Span{journal.Instant(f.clock(leg.First)), journal.Instant(f.clock(leg.Last))}
			if leg.First.Sync != sync {
				c.first, c.clocks.Start = c.last, c.clocks.End
			}
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(s, t claim) int { return cmp.Compare(s.last.at, t.last.at) })
	if !slices.ContainsFunc(found, func(c claim) bool { return !c.stray }) {
		for i := range found {
			found[i].stray = false
		}
	}
	return found
}

// anchorPoint returns the anchor that fix makes if its wall clock is right.
func (f *flightState) anchorPoint(fix journal.Fix) anchorPoint {
	m := f.boot.moment(f.clock(fix))
	err := fix.MaxError
	if err < 0 {
		err = forever
	}
	return anchorPoint{m, through(m, fix.Wall), err, f}
}

// makeClaims gathers b's synchronised claims and applies what needs no other boot:
// the floor, now, and the rules between two claims of one boot.
func (b *bootState) makeClaims(now journal.Instant) {
	b.claims = b.gatherClaims(clock.SyncSynced)
	b.doubtImpossible(now)
	if len(b.claims) < 2 {
		return
	}
	if b.shortenSleeps() {
		b.sumDrifts()
		b.measure()
		b.claims = b.gatherClaims(clock.SyncSynced)
		b.doubtImpossible(now)
	}
	b.doubtTold()
	b.undo()
}

// doubtImpossible marks the claims before the floor and after now as lies.
func (b *bootState) doubtImpossible(now journal.Instant) {
	for i := range b.claims {
		c := &b.claims[i]
		floor := max(plausible, c.of.Takeoff.Built)
		if c.of.Takeoff.Recorder == "" {
			floor = never
		}
		switch {
		case c.last.wall() < floor:
			c.belief, c.against = lie, AgainstFloor
		case minus(c.first.wall(), c.first.known()) > now:
			c.belief, c.against = lie, AgainstNow
		}
	}
}

// counted returns the claims of b that may be believed, in order of the boot clock:
// neither lies nor strays nor undone.
func (b *bootState) counted() []*claim {
	var counted []*claim
	for i := range b.claims {
		if c := &b.claims[i]; c.belief != lie && !c.stray && !c.undone {
			counted = append(counted, c)
		}
	}
	return counted
}

// shortenSleeps finds sleeps that were counted too long: of two claims with a sleep in
// between, the later is on an earlier line, by no more than the sleep. It reports
// whether there was one.
func (b *bootState) shortenSleeps() (found bool) {
	var last *claim
	for _, c := range b.counted() {
		if last != nil {
			by, stepped := differ(last.last, c.first)
			if by < -clock.SleepError && stepped && last.last.slept(c.first.moment) &&
				c.first.wall() >= minus(last.last.wall(), add(last.last.known(), c.first.known())) {
				b.shorten(time.Duration(last.clocks.End), time.Duration(c.clocks.Start), -by)
				found = true
			}
		}
		last = c
	}
	return found
}

// doubtTold marks what a server told as a lie if the nearest claim of the system itself
// contradicts it, before or after. The system's time daemon has weighed servers for
// longer than one question takes.
func (b *bootState) doubtTold() {
	if !slices.ContainsFunc(b.claims, func(c claim) bool { return c.told }) {
		return
	}
	check := func(c, system *claim) {
		if system != nil && c.told && c.belief != lie {
			if _, stepped := differ(c.last, system.last); stepped {
				c.belief, c.against = lie, AgainstBoot
			}
		}
	}
	each := func(claims func(yield func(int) bool)) {
		var system *claim
		for i := range claims {
			c := &b.claims[i]
			check(c, system)
			if !c.told && c.belief != lie {
				system = c
			}
		}
	}
	each(func(yield func(int) bool) {
		for i := 0; i < len(b.claims) && yield(i); i++ {
		}
	})
	each(func(yield func(int) bool) {
		for i := len(b.claims) - 1; i >= 0 && yield(i); i-- {
		}
	})
}

// held returns how long a claim held.
func (c *claim) held() time.Duration { return sub(c.last.at, c.first.at) }

// overruled is how many times as long a claim must have held as what contradicts it
// to stand against a step backward.
const overruled = 100

// undo applies the rules for backward steps: the earlier of two claims was wrong, but
// for a second, which is a leap second; unless it held a hundred times as long, or the
// clock came back to the earlier line, for then what lies between was wrong.
func (b *bootState) undo() {
	cs := b.counted()
	if len(cs) < 2 {
		return
	}
	runs := make([]int, len(cs)) // where the run of claims begins that agree each with the next
	for i := 1; i < len(cs); i++ {
		runs[i] = i
		if _, stepped := differ(cs[i-1].last, cs[i].first); !stepped {
			runs[i] = runs[i-1]
		}
	}
	held := make([]time.Duration, len(cs)+1)
	for i, c := range cs {
		held[i+1] = add(held[i], c.held())
	}
	serving, end := len(cs)-1, len(cs) // end is where the run of serving ends
	near := cs[serving].first          // the first point of that run
	serve := func(i int) {
		if serving = i; cs[i].first.at < near.at {
			near = cs[i].first
		}
	}
	for i := len(cs) - 2; i >= 0; i-- {
		c := cs[i]
		by, stepped := differ(c.last, near)
		from := runs[i] // of the run of i
		switch {
		case !stepped:
			serve(i)
			continue
		case from > 0 && cameBack(cs[from-1], near):
			// What lies between two stretches of one line was the lie.
			for j := from; j <= i; j++ {
				cs[j].undone = true
			}
			i = from
			continue
		case by > 0 || leapSecond(by):
			serving, end, near = i, i+1, c.first
			continue
		}
		// A step backward.
		if sub(held[i+1], held[from]) >= times(sub(held[end], held[serving]), overruled) && sub(held[end], held[serving]) > 0 {
			for j := serving; j < end; j++ {
				cs[j].undone = true
			}
			serving, end, near = i, i+1, c.first
			continue
		}
		for j := from; j <= i; j++ {
			cs[j].undone = true
		}
		i = from
	}
	for i := range b.claims {
		if b.claims[i].undone {
			b.claims[i].against = AgainstBoot
		}
	}
}

// cameBack reports whether c, before a claim that contradicts both, is on the line of p.
func cameBack(c *claim, p anchorPoint) bool {
	_, stepped := differ(c.last, p)
	return !stepped
}

// leapSecond reports whether a step is one second back, as an inserted second shows.
func leapSecond(by time.Duration) bool { return apart(by, -time.Second) <= clock.LineLimit }
