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
	Host     string            // its latest name, empty where not known
	ID       string            // the latest journal.Takeoff.Machine of its flights, empty where not known
	Flights  []*journal.Flight // in order of takeoff, each once
	Warnings []string          // what makes it doubtful that they are one machine's
}

// Machines decides whose the flights are, which may come in any order, from several
// lanes and dumps. It returns the machines in order of their first takeoff. A flight
// that was read twice, from two dumps of one journal, counts as the longer one tells it.
//
// Identities are, from strong to weak: the hardware, the journal, the boot ID on one boot
// clock, the machine ID, and the host where there is no machine ID. What isn't known
// never separates; hardware that differs always does.
func Machines(flights []journal.Flight) []Machine {
	g := newGroups(sortFlights(flights))
	g.join(func(f *journal.Flight) string { return f.Takeoff.Hardware })
	g.join(journalOf)
	g.joinBoots()
	g.join(func(f *journal.Flight) string { return f.Takeoff.Machine })
	g.join(func(f *journal.Flight) string {
		if f.Takeoff.Machine != "" || f.Takeoff.Hardware != "" {
			return ""
		}
		return "host " + f.Takeoff.Host
	})
	var machines []Machine
	for _, m := range joinHosts(g.machines()) {
		machines = append(machines, split(m)...)
	}
	return machines
}

// journalOf returns the ID of f's journal, empty where not known.
func journalOf(f *journal.Flight) string { return f.Takeoff.Journal }

// newMachine returns the machine of flights, in order of takeoff.
func newMachine(flights []*journal.Flight) Machine {
	m := Machine{Flights: flights}
	for _, f := range flights {
		m.Host, m.ID = cmp.Or(f.Takeoff.Host, m.Host), cmp.Or(f.Takeoff.Machine, m.ID)
	}
	return m
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
