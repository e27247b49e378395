package reports

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/ground/fleet"
	"flightrec/journal"
)

// NewFleet reports on a fleet, group by group: no more of its flights are in memory than
// those of the groups that are being reported on. The machines of a group, which are several
// where one was cloned, follow each other.
func NewFleet(f *fleet.Fleet, opts Options) *Report {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	groups := rollCall(f)
	count := 0
	for _, g := range groups {
		count += g.machines
	}
	return &Report{Options: opts, Count: count, Machines: func(yield func(*Machine) bool) {
		for machines := range inOrder(len(groups), func(i int) []*Machine { return groupMachines(f, groups[i].number, &opts) }) {
			for _, m := range machines {
				if !yield(m) {
					return
				}
			}
		}
	}}
}

// group is a group of a fleet: how many machines it has, and the first of them.
type group struct {
	number, machines int
	host, id         string
}

// rollCall returns the groups in order of their first machines. Where names don't tell
// which these are, the flights are read for it.
func rollCall(f *fleet.Fleet) []group {
	var groups []group
	for g := range inOrder(f.Len(), func(i int) group {
		if host, id, ok := f.Machine(i); ok {
			return group{i, 1, host, id}
		}
		flights, _ := f.Flights(i)
		machines := sortedMachines(flights)
		if len(machines) == 0 {
			return group{number: i} // it can't be read
		}
		return group{i, len(machines), machines[0].Host, machines[0].ID}
	}) {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.host, b.host), cmp.Compare(a.id, b.id), cmp.Compare(a.number, b.number))
	})
	return groups
}

// groupMachines reports on the machines of a group.
func groupMachines(f *fleet.Fleet, number int, opts *Options) (all []*Machine) {
	flights, warnings := f.Flights(number)
	for _, m := range sortedMachines(flights) {
		all = append(all, newMachine(&m, opts))
	}
	if len(all) > 0 {
		all[0].Warnings = append(all[0].Warnings, warnings...)
	}
	return all
}

// sortedMachines returns whose the flights are, in order of host, then of ID.
func sortedMachines(flights []journal.Flight) []ground.Machine {
	machines := ground.Machines(flights)
	slices.SortStableFunc(machines, func(a, b ground.Machine) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.ID, b.ID))
	})
	return machines
}

// newMachine grounds and reports on one machine.
func newMachine(m *ground.Machine, opts *Options) *Machine {
	boots := m.Ground(ground.Options{Observed: opts.Observed, Now: opts.now()})
	r := NewMachine(m.Host, boots, opts)
	r.Warnings = slices.Clone(m.Warnings)
	return r
}

// NowOfFleet is [Now] of a fleet, which comes from dumps.
func NowOfFleet(f *fleet.Fleet, hand Hand) (now journal.Instant, known bool) {
	now = hand.Wall
	if hand.Synced {
		return now, true
	}
	for at := range inOrder(f.Len(), func(i int) journal.Instant {
		flights, _ := f.Flights(i)
		at, _ := Now(flights, hand)
		return at
	}) {
		now = max(now, at)
	}
	return now, false
}

// FleetFlights is [Flights] of a fleet, group by group.
func FleetFlights(f *fleet.Fleet, asked Selection) iter.Seq[[]*ground.Flight] {
	return inOrder(f.Len(), func(i int) []*ground.Flight {
		flights, _ := f.Flights(i)
		return Flights(flights, asked)
	})
}
