package journal

import "fmt"

// maxGathered bounds the memory that flights may take, in bytes: about a million
// flights, as many as a machine has that restarts every five minutes for ten years.
const maxGathered = 1 << 30

// Gathering collects flights of unknown origin, in any order and as often as they
// come, within bounded memory. Its zero value is empty.
type List struct {
	flights []Flight
	weight  int
	left    int  // how many found no room
	unique  bool // they are as Unique has them
}

// gathered returns flights as a gathering.
func gathered(flights []Flight) List {
	g := List{flights: flights}
	g.weigh()
	return g
}

// Add adds a flight, if there is room for it.
func (g *List) Add(f Flight) {
	w := f.weight()
	if g.weight+w > maxGathered {
		g.compact()
	}
	if g.weight+w > maxGathered {
		g.left++
		return
	}
	g.flights = append(g.flights, f)
	g.weight += w
	g.unique = false
}

// join adds what is in h, which belongs to g from then on.
func (g *List) Join(h List) {
	if g.flights == nil && h.weight <= maxGathered {
		*g = h
		return
	}
	for _, f := range h.flights {
		g.Add(f)
	}
}

// compact drops flights that stand there twice, where that may be worth its while.
func (g *List) compact() {
	if g.left > 0 {
		return // it was tried
	}
	g.flights = Unique(g.flights)
	g.weigh()
}

// weigh finds out the weight.
func (g *List) weigh() {
	g.weight = 0
	for i := range g.flights {
		g.weight += g.flights[i].weight()
	}
}

// Flights returns what was added, as [Unique] does, and tells warn if not all of it
// found room.
func (g *List) Flights(warn func(error)) []Flight {
	if g.left > 0 {
		warn(fmt.Errorf("%d flights are left out: there are more than memory is taken for", g.left))
	}
	if g.unique {
		return g.flights
	}
	return Unique(g.flights)
}

// weight is about what a flight takes in memory.
func (f *Flight) weight() int {
	n := 320 + 144*len(f.Legs)
	for i := range f.Legs {
		n += len(f.Legs[i].Source)
	}
	return n + f.textLen()
}

// textLen is the length of all texts but those of the legs.
func (f *Flight) textLen() int {
	t := &f.Takeoff
	n := len(f.Lane) + len(t.Host) + len(t.Machine) + len(t.Boot) + len(t.OS) + len(t.Kernel) + len(t.Recorder)
	if f.Landing != nil {
		n += len(f.Landing.Reason)
	}
	return n
}
