package ground

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// groups joins flights that belong together: a forest of disjoint sets.
type groups struct {
	flights  []*journal.Flight // in order of takeoff
	parent   []int
	hardware []string // of the group whose root this is, empty where not known
}

func newGroups(flights []*journal.Flight) *groups {
	g := &groups{flights: flights, parent: make([]int, len(flights)), hardware: make([]string, len(flights))}
	for i, f := range flights {
		g.parent[i], g.hardware[i] = i, f.Takeoff.Hardware
	}
	return g
}

// root returns the flight that stands for i's group.
func (g *groups) root(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

// unite makes the groups of i and j one, unless their hardware differs.
func (g *groups) unite(i, j int) {
	i, j = g.root(i), g.root(j)
	h, k := g.hardware[i], g.hardware[j]
	if i == j || h != "" && k != "" && h != k {
		return
	}
	i, j = min(i, j), max(i, j)
	g.parent[j], g.hardware[i] = i, cmp.Or(h, k)
}

// join unites the flights whose key is the same. An empty key says nothing.
func (g *groups) join(key func(*journal.Flight) string) {
	type known struct{ key, hardware string }
	latest := make(map[known]int)
	for i, f := range g.flights {
		k := known{key: key(f)}
		if k.key == "" {
			continue
		}
		if i > 0 && k.key == key(g.flights[i-1]) && g.hardware[g.root(i)] == g.hardware[g.root(i-1)] {
			g.unite(i-1, i) // nearly always, and without a map
			continue
		}
		if j, ok := latest[k]; ok {
			g.unite(j, i)
		}
		latest[k] = i
		// Where two boards share the key, each flight goes with its own.
		if k.hardware = g.hardware[g.root(i)]; k.hardware != "" {
			if j, ok := latest[k]; ok {
				g.unite(j, i)
			}
			latest[k] = i
		}
	}
}

// joinBoots unites the flights of one boot ID whose clocks prove that they are of one
// boot: a machine ID can be made anew in flight.
func (g *groups) joinBoots() {
	if g.one() {
		return
	}
	latest := make(map[string]int, len(g.flights))
	for i, f := range g.flights {
		if f.Takeoff.Boot == "" {
			continue
		}
		if j, ok := latest[f.Takeoff.Boot]; ok && g.root(i) != g.root(j) && oneBoot(g.flights[j], f) {
			g.unite(j, i)
		}
		latest[f.Takeoff.Boot] = i
	}
}

// one reports whether all flights are in one group.
func (g *groups) one() bool {
	for i := range g.flights {
		if g.root(i) != g.root(0) {
			return false
		}
	}
	return true
}

// oneBoot reports whether two flights of one boot ID, f first, were on one boot clock: it
// went on, and their wall clocks were on one line, synchronised or the same to within a
// millisecond. A line within a minute of 1970 proves nothing.
func oneBoot(f, g *journal.Flight) bool {
	if f.Takeoff.SinceBoot < 0 || g.Takeoff.SinceBoot < sub(f.Takeoff.SinceBoot, simultaneous) {
		return false
	}
	for i := range slices.Backward(f.Legs) {
		p := f.Legs[i].Last
		at := add(f.Takeoff.SinceBoot, p.Elapsed)
		for j := range g.Legs {
			q := g.Legs[j].First
			passed := sub(add(g.Takeoff.SinceBoot, q.Elapsed), at)
			off := apart(q.Wall.Sub(p.Wall), passed)
			switch {
			case p.Sync != q.Sync:
				continue
			case p.Sync == clock.SyncSynced:
				return off <= add(add(clock.LineLimit, ppm(passed, clock.DriftPPM)), add(max(0, p.MaxError), max(0, q.MaxError)))
			}
			return off <= time.Millisecond && apart(minus(p.Wall, at).Sub(0), 0) > time.Minute
		}
	}
	return false
}

// machines returns the groups as machines, in order of their first takeoff.
func (g *groups) machines() []Machine {
	members := make(map[int][]*journal.Flight)
	var roots []int
	for i, f := range g.flights {
		r := g.root(i)
		if members[r] == nil {
			roots = append(roots, r)
		}
		members[r] = append(members[r], f)
	}
	machines := make([]Machine, len(roots))
	for i, r := range roots {
		machines[i] = newMachine(members[r])
	}
	return machines
}

// fewestIDs is how many machine IDs of one boot each tell that a machine makes a new one
// at each boot, as one with a read-only root does.
const fewestIDs = 3

// joinHosts makes one machine of those with one host that have a single boot each, three
// or more of them, if these boots don't overlap.
func joinHosts(machines []Machine) []Machine {
	hosts := make(map[string][]int)
	for i, m := range machines {
		if m.Host != "" && m.ID != "" && m.single() {
			hosts[m.Host] = append(hosts[m.Host], i)
		}
	}
	gone := make(map[int]bool)
	for _, those := range hosts {
		if len(those) < fewestIDs {
			continue
		}
		var flights []*journal.Flight
		for _, i := range those {
			flights = append(flights, machines[i].Flights...)
		}
		slices.SortStableFunc(flights, compareFlights)
		if contradicted(flights) {
			continue
		}
		machines[those[0]] = newMachine(flights)
		for _, i := range those[1:] {
			gone[i] = true
		}
	}
	kept := machines[:0]
	for i, m := range machines {
		if !gone[i] {
			kept = append(kept, m)
		}
	}
	return kept
}

// single reports whether m has one boot, and nothing that names it for longer.
func (m *Machine) single() bool {
	for _, f := range m.Flights {
		if f.Takeoff.Hardware != "" || journalOf(f) != "" || f.Takeoff.Boot == "" || f.Takeoff.Boot != m.Flights[0].Takeoff.Boot || f.Takeoff.Host != m.Host {
			return false
		}
	}
	return true
}

// split splits a machine by journal or host if its boots contradict each other and those
// of each part don't: the card, or the machine ID on it, was copied.
func split(m Machine) []Machine {
	for _, by := range []struct {
		name string
		key  func(*journal.Flight) string
	}{
		{"journals", journalOf},
		{"hosts", func(f *journal.Flight) string { return f.Takeoff.Host }},
	} {
		first := by.key(m.Flights[0])
		if !slices.ContainsFunc(m.Flights, func(f *journal.Flight) bool { return by.key(f) != first }) {
			continue
		}
		parts := make(map[string][]*journal.Flight)
		var keys []string
		for _, f := range m.Flights {
			k := by.key(f)
			if parts[k] == nil {
				keys = append(keys, k)
			}
			parts[k] = append(parts[k], f)
		}
		if parts[""] != nil || !contradicted(m.Flights) {
			continue
		}
		var machines []Machine
		for _, k := range keys {
			if !contradicted(parts[k]) {
				machines = append(machines, newMachine(parts[k]))
			}
		}
		if len(machines) < len(keys) {
			continue
		}
		slices.SortStableFunc(keys, cmp.Compare)
		machines[0].Warnings = append(machines[0].Warnings, fmt.Sprintf(
			"machine %s: its boots contradict each other, and those of each of its %s (%q) don't: the card or the machine ID was copied, and each is a machine of its own", m.ID, by.name, keys))
		return machines
	}
	return []Machine{m}
}

// contradicted reports whether boots among flights contradict each other.
func contradicted(flights []*journal.Flight) bool {
	m := groupBoots(flights, Options{})
	m.decide()
	for _, b := range m.boots {
		if b.exposed() || b.disputed {
			return true
		}
	}
	return false
}
