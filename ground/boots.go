package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// bootState is one boot while it is being placed. Its flights share a boot clock, so
// they move together.
type bootState struct {
	out      *Boot
	machine  *machine
	flights  []*flightState // in order of takeoff
	stages   []*stage       // in which it has flights
	until    []*stage       // of each journal, the first stage before which it was over
	ends     []end          // of the flights
	marks    []boundPoint   // takeoffs and ends, in order of the boot clock
	drifts   []driftSpan    // where the boot clock went wrong, in its order
	claims   []claim        // in order of the boot clock
	segments []segment      // in order of the boot clock; none without an anchor
	tails    []tail         // in order of the boot clock
	guess    *offset        // where a disputed claim or a weak fix would put the boot
	by       Grounding      // what guess is

	rate        rate          // of its boot clock
	rateKnown   bool          // its own flights show it
	anew        int           // the last flight in a lane of its own after which its clock is known to have begun, -1 for none
	group       int           // its number in a row of claims
	anchored    bool          // it has a believed claim
	disputed    bool          // it has a disputed claim
	fixed       bool          // placed: it bounds others, and they don't move it
	rigid       bool          // drawn no shorter than its boot clock says
	kernel      bool          // its uptime begins where its boot clock does
	lead        time.Duration // its uptime begins no later than so long before its takeoff
	kernelStart bounds        // when the boot clock was zero
	narrowed    time.Duration // how much room being rigid has taken from it
}

// An end is both ends of a flight: takeoff and last heartbeat.
type end struct{ from, to moment }

// flightState is a flight while it is being placed.
type flightState struct {
	*Flight
	boot       *bootState
	index      int    // in its machine
	number     int    // in its boot
	journal    string // what tells its journal from the machine's others
	stage      *stage
	prev, next *flightState  // before and after it in its lane
	before     *flightState  // the takeoff before it in its journal, if that was another boot's
	after      *flightState  // the takeoff after it in its journal, if that was another boot's
	start, end bounds        // what is known of both
	from, to   located       // where anchors put both
	base       time.Duration // what must have passed since the journal's first takeoff when the boot clock was zero
	ended      time.Duration // the boot clock at the last heartbeat, as it was read
	side       bool          // it may have been in the air at the same time as others
	claims     []*claim
	own        bool // it has a synchronised leg that is believed
}

// A boundPoint is the takeoff or the end of a flight.
type boundPoint struct {
	moment
	known *bounds
}

// groupBoots groups a machine's flights, given in order of takeoff, into boots, in
// order of their first takeoff.
func groupBoots(flights []*journal.Flight, opts Options) *machine {
	m := &machine{opts: opts, now: opts.Now, flights: make([]*flightState, 0, len(flights)), lanes: make(map[laneKey]*flightState)}
	if m.now == 0 {
		m.now = always
	}
	latest := make(map[string]*flightState, len(flights)) // of each boot ID
	states, placed := make([]flightState, len(flights)), make([]Flight, len(flights))
	var host hostClock
	for i, recorded := range flights {
		f := &states[i]
		placed[i].Flight = recorded
		*f = flightState{Flight: &placed[i], start: anywhere, end: anywhere}
		var same *bootState
		if before := latest[f.Takeoff.Boot]; before != nil && f.Takeoff.Boot != "" {
			same = before.boot
		}
		var prev *flightState
		f.journal, prev = m.journalOf(f, same)
		b := same
		if b == nil && f.Takeoff.Boot == "" && prev != nil && f.Takeoff.Continues == prev.ID && f.Takeoff.Continues != ksuid.Nil {
			b = prev.boot
		}
		if b == nil || !b.takes(f, prev) {
			if b = host.bootOf(f, prev); b == nil || opts.Observed {
				b = m.slabs.boots.one()
				b.machine, b.kernelStart, b.flights = m, anywhere, m.slabs.inBoots.take(1)
				m.boots = append(m.boots, b)
			}
		}
		f.boot, f.ended = b, f.clockEnd()
		host.add(f)
		f.index, f.number = len(m.flights), len(b.flights)
		b.flights = append(b.flights, f)
		if prev != nil {
			f.prev, prev.next = prev, f
		}
		m.flights = append(m.flights, f)
		m.lanes[laneKey{f.journal, f.Lane}], latest[f.Takeoff.Boot] = f, f
	}
	return m
}

// A hostClock is the boot clock of the latest kernel whose own boot ID was recorded.
// Containers with boot IDs of their own may be on it.
type hostClock struct {
	boot  *bootState
	since time.Duration // its latest reading at a takeoff
}

// bootOf returns the boot of whose flights f, in a container, is one: that of the kernel
// on whose boot clock it is, nil if none is known. The clock went on if f's shows no less
// than it did.
func (h *hostClock) bootOf(f, prev *flightState) *bootState {
	since := f.Takeoff.SinceBoot
	if h.boot == nil || f.Takeoff.BootOrigin != clock.BootOriginContainer || since < sub(h.since, simultaneous) ||
		prev != nil && since < sub(prev.ended, clock.OriginError) {
		return nil
	}
	return h.boot
}

// add takes note of the next takeoff.
func (h *hostClock) add(f *flightState) {
	switch {
	case f.kernelsOwn() && f.Takeoff.SinceBoot >= 0:
		if h.boot != f.boot {
			*h = hostClock{boot: f.boot}
		}
		h.since = max(h.since, f.Takeoff.SinceBoot)
	case h.boot != nil && f.boot == h.boot:
		h.since = max(h.since, f.Takeoff.SinceBoot)
	case f.Takeoff.SinceBoot >= 0 && f.Takeoff.SinceBoot < sub(h.since, simultaneous):
		h.boot = nil // another kernel
	}
}

// A laneKey names a lane: lanes of two journals have nothing to do with each other.
type laneKey struct{ journal, lane string }

// journalOf returns what tells f's journal from others, and the flight before f in its
// lane. Flights that don't tell their journal share one, until a flight of the boot
// same took off before the one before it in its lane ended, and their clocks prove
// that it is one boot: then there are two.
func (m *machine) journalOf(f *flightState, same *bootState) (id string, prev *flightState) {
	id = f.journalID()
	prev = m.lanes[laneKey{id, f.Lane}]
	if same == nil || id != "" || f.Takeoff.SinceBoot < 0 || m.opts.Observed || prev == nil {
		return id, prev
	}
	overlaps := func(p *flightState) bool { return p != nil && f.Takeoff.SinceBoot < sub(p.ended, clock.OriginError) }
	if p := same.lastIn(id, f.Lane); !overlaps(p) || !agreeingWalls(p, f) || overlaps(same.lastIn("second", f.Lane)) {
		return id, prev
	}
	return "second", m.lanes[laneKey{"second", f.Lane}]
}

// mostLanes is how many of a boot's flights are looked at for the last one in a lane. No
// machine has as many recorders at the same time.
const mostLanes = 64

// lastIn returns b's last flight in a lane, nil if there is none. Its key may lie before
// those of other boots: keys of two journals are ordered by clocks that may be wrong.
func (b *bootState) lastIn(journal, lane string) *flightState {
	for i := len(b.flights) - 1; i >= max(0, len(b.flights)-mostLanes); i-- {
		if f := b.flights[i]; f.journal == journal && f.Lane == lane {
			return f
		}
	}
	return nil
}

// journalID returns the ID of f's journal, empty where not known.
func (f *flightState) journalID() string { return f.Takeoff.Journal }

// agreeingWalls reports whether two flights of one boot ID saw the same wall clock in
// the same sync state at the same point of the boot clock, within a millisecond: that
// proves one boot. A clock within a minute of 1970 at the boot proves nothing, since all
// boards without a clock begin there.
func agreeingWalls(f, g *flightState) bool {
	for p, q := f.Legs, g.Legs; len(p) > 0 && len(q) > 0; {
		zero := minus(p[0].First.Wall, f.clock(p[0].First))
		off := zero.Sub(minus(q[0].First.Wall, g.clock(q[0].First)))
		overlap := f.clock(p[0].First) <= g.clock(q[0].Last) && g.clock(q[0].First) <= f.clock(p[0].Last)
		if overlap && p[0].First.Sync == q[0].First.Sync && apart(off, 0) <= time.Millisecond && apart(zero.Sub(0), 0) > time.Minute {
			return true
		}
		if f.clock(p[0].Last) <= g.clock(q[0].Last) {
			p = p[1:]
		} else {
			q = q[1:]
		}
	}
	return false
}

// simultaneous is how far two recorders that start at the same time may take off
// in an order other than that of their readings of the boot clock.
const simultaneous = time.Minute

// takes reports whether f, which took off after b's flights, belongs to b; prev
// is the flight before f in its lane. Some systems repeat a boot ID: a boot clock
// only runs forward, so a smaller reading is another boot's.
func (b *bootState) takes(f, prev *flightState) bool {
	last := b.flights[len(b.flights)-1]
	switch {
	case b.machine.opts.Observed, f.Takeoff.SinceBoot < 0, last.Takeoff.SinceBoot < 0:
		return false
	case prev != nil && prev.boot == b:
		if f.Takeoff.SinceBoot < sub(prev.ended, clock.OriginError) {
			return false
		}
	}
	return f.Takeoff.SinceBoot >= sub(last.Takeoff.SinceBoot, simultaneous) || f.journal != last.journal && agreeingWalls(last, f)
}

// clockEnd returns the boot clock at f's last heartbeat, as it was read, clock.Unknown
// where it isn't known.
func (f *flightState) clockEnd() time.Duration {
	if f.Takeoff.SinceBoot < 0 {
		return clock.Unknown
	}
	end := f.Takeoff.SinceBoot
	for i := range f.Legs {
		end = max(end, f.clock(f.Legs[i].Last))
	}
	return end
}

// least returns the least time from m to n for which b leaves room.
func (b *bootState) least(m, n moment) time.Duration {
	if b.rigid {
		return max(0, sub(n.at, m.at))
	}
	return m.least(n)
}

// begin makes out b's boot.
func (b *bootState) begin(out *Boot) {
	*out = Boot{ID: b.flights[0].Takeoff.Boot, Flights: b.machine.slabs.placed.take(len(b.flights))}
	b.out = out
	for _, f := range b.flights {
		b.out.Flights = append(b.out.Flights, f.Flight)
	}
}

// tellDoubts writes down which of b's claims are not believed.
func (b *bootState) tellDoubts() {
	for i := range b.claims {
		if c := &b.claims[i]; c.belief != believed && !c.stray {
			c.of.Doubts = append(c.of.Doubts, Doubt{c.leg, Span{c.first.wall(), c.last.wall()}, c.belief == disputed, c.against})
		}
	}
}

// finish sets the ends of b's boot, once its flights have found their places.
func (b *bootState) finish() {
	b.tellDoubts()
	r := b.out
	r.End = b.flights[0].End
	for _, f := range b.flights {
		r.Start, r.End = min(r.Start, f.Start), max(r.End, f.End)
	}
}

// measure lays b's flights out on the boot clock.
func (b *bootState) measure() {
	if b.ends == nil {
		b.ends, b.marks = b.machine.slabs.ends.take(len(b.flights)), b.machine.slabs.marks.take(2*len(b.flights))
	}
	b.ends, b.marks = b.ends[:0], b.marks[:0]
	for _, f := range b.flights {
		e := end{from: b.moment(max(0, f.Takeoff.SinceBoot))}
		if len(f.Legs) > 0 {
			e.from = b.moment(f.clock(f.Legs[0].First))
		}
		e.to = e.from
		for i := range f.Legs {
			if at := b.moment(f.clock(f.Legs[i].Last)); at.at > e.to.at {
				e.to = at
			}
		}
		b.ends = append(b.ends, e)
		b.marks = append(b.marks, boundPoint{e.from, &f.start}, boundPoint{e.to, &f.end})
	}
	slices.SortStableFunc(b.marks, func(m, n boundPoint) int { return cmp.Compare(m.at, n.at) })
}

// moments returns f's takeoff and its end on the boot clock.
func (f *flightState) moments() (from, to moment) {
	return f.boot.ends[f.number].from, f.boot.ends[f.number].to
}
