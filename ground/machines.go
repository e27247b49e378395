package ground

import (
	"cmp"
	"slices"

	"flightrec/journal"

	"github.com/segmentio/ksuid"
)

// Machine is one machine's flights. Machines share no clock, so each is grounded by
// itself.
type Machine struct {
	Host    string            // its latest name, empty where not known
	ID      string            // journal.Takeoff.Machine of its flights, empty where not known
	Flights []*journal.Flight // in order of takeoff, each once
}

// Machines decides whose the flights are, which may come in any order, from several
// lanes and dumps. It returns the machines in order of their first takeoff. Machines
// are told apart by their IDs, and where those aren't known by their hosts. A flight
// that was read twice, from two dumps of one journal, counts as the longer one tells it.
func Machines(flights []journal.Flight) []Machine {
	type key struct{ machine, host string }
	var (
		sorted   = sortFlights(flights)
		machines []Machine
		index    = make(map[key]int)
	)
	for _, f := range sorted {
		k := key{machine: f.Takeoff.Machine}
		if k.machine == "" {
			k.host = f.Takeoff.Host
		}
		i, ok := index[k]
		if !ok {
			i = len(machines)
			index[k] = i
			machines = append(machines, Machine{ID: f.Takeoff.Machine})
		}
		m := &machines[i]
		m.Flights = append(m.Flights, f)
		m.Host = cmp.Or(f.Takeoff.Host, m.Host)
	}
	return machines
}

// sortFlights returns the flights in order of takeoff, each once.
func sortFlights(flights []journal.Flight) []*journal.Flight {
	sorted := make([]*journal.Flight, len(flights))
	for i := range flights {
		sorted[i] = &flights[i]
	}
	if journal.IsSorted(flights) {
		return sorted
	}
	slices.SortFunc(sorted, compareFlights)
	return slices.CompactFunc(sorted, func(f, g *journal.Flight) bool {
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
