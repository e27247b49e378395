package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"

	"github.com/segmentio/ksuid"
)

// bootState is one boot while it is being placed. Its flights share a boot clock, so
// they move together.
type bootState struct {
	out      *Boot
	machine  *machine
	flights  []*flightState // in order of takeoff
	ends     []end          // of the flights
	marks    []boundPoint   // takeoffs and ends, in order of the boot clock; none with an anchor
	drifts   []driftSpan    // where the boot clock went wrong, in its order
	segments []segment      // in order of the boot clock; none without an anchor
	weak     *offset        // where a weak fix would put the boot

	fixed       bool          // placed: it bounds others, and they don't move it
	rigid       bool          // drawn no shorter than its boot clock says
	kernel      bool          // the boot clock began with this boot
	kernelStart bounds        // when that was
	narrowed    time.Duration // how much room being rigid has taken from it
}

// An end is both ends of a flight: takeoff and last heartbeat.
type end struct{ from, to moment }

// flightState is a flight while it is being placed.
type flightState struct {
	*Flight
	boot       *bootState
	prev, next *flightState // before and after it in its lane
	start, end bounds       // what is known of both
	before     *flightState // the takeoff before it, if that was another boot's
	after      *flightState // the takeoff after it, if that was another boot's
	own        bool         // it has a synchronised leg that serves
	fresh      bool         // its boot clock began after prev ended; set where either has no anchor
}

// A boundPoint is the takeoff or the end of a flight.
type boundPoint struct {
	moment
	known *bounds
}

// groupBoots groups a machine's flights, given in order of takeoff, into boots, in
// order of their first takeoff.
func groupBoots(flights []*journal.Flight, opts Options) *machine {
	m := &machine{opts: opts, flights: make([]*flightState, len(flights))}
	latest := make(map[string]*flightState) // of each boot ID
	m.lanes = make(map[string]*flightState)
	for i, recorded := range flights {
		f := &flightState{Flight: &Flight{Flight: recorded}, start: anywhere, end: anywhere}
		prev, same := m.lanes[f.Lane], latest[f.Takeoff.Boot]
		var b *bootState
		switch {
		case f.Takeoff.Boot != "" && same != nil:
			b = same.boot
		case f.Takeoff.Boot == "" && prev != nil && f.Takeoff.Continues == prev.ID && f.Takeoff.Continues != ksuid.Nil:
			b = prev.boot
		}
		if b == nil || !b.takes(f, prev) {
			b = &bootState{machine: m, kernelStart: anywhere}
			m.boots = append(m.boots, b)
		}
		f.boot = b
		b.flights = append(b.flights, f)
		m.flights[i] = f
		m.lanes[f.Lane], latest[f.Takeoff.Boot] = f, f
	}
	return m
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
	case f.Takeoff.SinceBoot < sub(last.Takeoff.SinceBoot, simultaneous):
		return false
	case prev != nil && prev.boot == b:
		return f.Takeoff.SinceBoot >= sub(prev.clockEnd(), time.Second)
	}
	return true
}

// clockEnd returns the boot clock at f's last heartbeat, as it was read.
func (f *flightState) clockEnd() time.Duration {
	end := max(0, f.Takeoff.SinceBoot)
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

// begin makes b's boot.
func (b *bootState) begin() {
	t := &b.flights[0].Takeoff
	b.out = &Boot{Machine: t.Machine, ID: t.Boot}
	for _, f := range b.flights {
		b.out.Flights = append(b.out.Flights, f.Flight)
	}
}

// finish sets the ends of b's boot, once its flights have found their places.
func (b *bootState) finish() {
	r := b.out
	r.End = b.flights[0].End
	for _, f := range b.flights {
		r.Start, r.End = min(r.Start, f.Start), max(r.End, f.End)
	}
}

// measure lays b's flights out on the boot clock.
func (b *bootState) measure() {
	b.findDriftSpans()
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
	}
}

// mark makes the marks of b.
func (b *bootState) mark() {
	for i, f := range b.flights {
		b.marks = append(b.marks, boundPoint{b.ends[i].from, &f.start}, boundPoint{b.ends[i].to, &f.end})
	}
	slices.SortStableFunc(b.marks, func(m, n boundPoint) int { return cmp.Compare(m.at, n.at) })
}
