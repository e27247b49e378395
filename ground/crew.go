package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"

	"github.com/segmentio/ksuid"
)

// inOrder returns the flights in order of takeoff, none placed yet and each once: a
// flight that was read twice, from two dumps of one journal, counts as the longer one
// tells it.
func inOrder(flights []journal.Flight) []Flight {
	sorted := make([]Flight, len(flights))
	for i := range flights {
		sorted[i].Flight = &flights[i]
	}
	if journal.Ascend(flights) {
		return sorted
	}
	slices.SortFunc(sorted, func(f, g Flight) int { return compareFlights(f.Flight, g.Flight) })
	return slices.CompactFunc(sorted, func(f, g Flight) bool {
		return f.ID == g.ID && f.ID != ksuid.Nil && f.Takeoff.Machine == g.Takeoff.Machine
	})
}

// compareFlights orders flights by takeoff. What stands after the ID only makes
// the answer independent of the order of the input.
func compareFlights(f, g *journal.Flight) int {
	if c := ksuid.Compare(f.ID, g.ID); c != 0 {
		return c
	}
	return cmp.Or(
		cmp.Compare(f.Takeoff.Machine, g.Takeoff.Machine),
		cmp.Compare(g.Beats(), f.Beats()),
		cmp.Compare(f.Takeoff.Boot, g.Takeoff.Boot),
		cmp.Compare(f.Lane, g.Lane),
		cmp.Compare(f.Takeoff.SinceBoot, g.Takeoff.SinceBoot),
		ksuid.Compare(f.Takeoff.Continues, g.Takeoff.Continues),
		slices.CompareFunc(f.Legs, g.Legs, compareLegs),
	)
}

func compareLegs(l, m journal.Leg) int {
	return cmp.Or(cmp.Compare(l.Cause, m.Cause), cmp.Compare(l.Beats, m.Beats), cmp.Compare(l.Source, m.Source),
		compareFixes(l.First, m.First), compareFixes(l.Last, m.Last))
}

func compareFixes(p, q journal.Fix) int {
	return cmp.Or(cmp.Compare(p.Elapsed, q.Elapsed), cmp.Compare(p.Awake, q.Awake), cmp.Compare(p.Raw, q.Raw),
		cmp.Compare(p.Wall, q.Wall), cmp.Compare(p.Sync, q.Sync), cmp.Compare(p.MaxError, q.MaxError))
}

// A machine is one machine's flights and boots, in order of takeoff.
type machine struct {
	opts    Options
	flights []*flown
	bodies  []*body
	loose   []*body // those that no anchor has placed
	lanes   int     // how many lanes they were recorded in
}

// crew groups flights, given in order of takeoff, into machines, in order of their
// first takeoff, and boots, in that order within each machine. The boots are empty
// yet.
func crew(sorted []Flight, opts Options) (machines []*machine, boots []Boot) {
	boots = make([]Boot, 0, len(sorted)) // the bodies point into it
	var (
		work  = make([]flown, len(sorted))
		named = make(map[string]*machine)
		m     *machine
	)
	for i := range sorted {
		f := &sorted[i]
		if i == 0 || f.Takeoff.Machine != sorted[i-1].Takeoff.Machine {
			m = named[f.Takeoff.Machine]
		}
		if m == nil {
			m = &machine{opts: opts}
			if i == 0 {
				m.flights = make([]*flown, 0, len(sorted)) // nearly always there is one machine
			}
			named[f.Takeoff.Machine] = m
			machines = append(machines, m)
		}
		work[i] = flown{Flight: f, start: anywhere, end: anywhere}
		m.flights = append(m.flights, &work[i])
	}
	for _, m := range machines {
		boots = m.group(boots)
	}
	return machines, boots
}

// clockEnd returns the boot clock at f's last heartbeat, as it was read.
func (f *flown) clockEnd() time.Duration {
	end := max(0, f.Takeoff.SinceBoot)
	for i := range f.Legs {
		end = max(end, f.clock(f.Legs[i].Last))
	}
	return end
}

// result fills in what is known of b, once it is placed, and appends its flights to
// all.
func (b *body) result(all []*Flight) []*Flight {
	r, at := b.out, len(all)
	r.End = b.flights[0].End
	for _, f := range b.flights {
		all = append(all, f.Flight)
		r.Start, r.End = min(r.Start, f.Start), max(r.End, f.End)
	}
	r.Flights = all[at:len(all):len(all)]
	return all
}

// latest is the latest flight of each lane, as they come in order of takeoff.
type latest struct {
	others map[string]*flown
	lane   string
	flight *flown // of lane
}

// next returns the flight before f in its lane, and puts f in its place.
func (l *latest) next(f *flown) *flown {
	if f.Lane != l.lane {
		l.put()
		l.lane, l.flight = f.Lane, l.others[f.Lane]
	}
	before := l.flight
	l.flight = f
	return before
}

// put puts the flight at hand among the others.
func (l *latest) put() {
	if l.others == nil {
		l.others = make(map[string]*flown)
	}
	if l.flight != nil {
		l.others[l.lane] = l.flight
	}
}

// group makes the machine's boots out of its flights, and appends them.
func (m *machine) group(out []Boot) []Boot {
	boots := make(map[string]*body, len(m.flights))
	m.bodies = make([]*body, 0, len(m.flights))
	bodies := make([]body, len(m.flights))
	var lanes latest
	for i, f := range m.flights {
		b := boots[f.Takeoff.Boot]
		prev := lanes.next(f)
		if f.Takeoff.Boot == "" && prev != nil && f.Takeoff.Continues == prev.ID && f.Takeoff.Continues != ksuid.Nil {
			b = prev.body
		}
		if b == nil || !b.takes(f, prev) {
			out = append(out, Boot{Machine: f.Takeoff.Machine, ID: f.Takeoff.Boot})
			b = &bodies[len(m.bodies)]
			*b = body{machine: m, out: &out[len(out)-1], born: anywhere}
			m.bodies = append(m.bodies, b)
			if f.Takeoff.Boot != "" {
				boots[f.Takeoff.Boot] = b
			}
		}
		f.body = b
		if n := len(b.flights); n == 0 || n <= i && b.flights[0] == m.flights[i-n] {
			b.flights = m.flights[i-n : i+1 : i+1] // nobody else took off in between
		} else {
			b.flights = append(b.flights, f)
		}
	}
	lanes.put()
	m.lanes = len(lanes.others)
	return out
}

// simultaneous is how far two recorders that start at the same time may take off
// in an order other than that of their readings of the boot clock.
const simultaneous = time.Minute

// takes reports whether f, which took off after b's flights, belongs to b; prev
// is the flight before it in its lane. Some systems repeat a boot ID: their boot
// clock tells, since it only runs forward.
func (b *body) takes(f, prev *flown) bool {
	last := b.flights[len(b.flights)-1]
	switch {
	case b.machine.opts.Observed, f.Takeoff.SinceBoot < 0, last.Takeoff.SinceBoot < 0:
		return false
	case f.Takeoff.SinceBoot < sub(last.Takeoff.SinceBoot, simultaneous):
		return false
	case prev != nil && prev.body == b:
		return f.Takeoff.SinceBoot >= sub(prev.clockEnd(), time.Second)
	}
	return true
}
