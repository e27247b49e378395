package journal

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/segmentio/ksuid"
)

// List collects flights in any order and as often as they come. Its zero value is
// empty.
type List struct {
	full     [][]Flight // before those in flights
	flights  []Flight
	weight   int
	unsorted bool          // some flight isn't newer than the one before it
	twins    []ksuid.KSUID // of flights that ended in two ways
}

// chunk is how many flights share a slice of a long list. One slice that grows would take
// five times the memory of the flights.
const chunk = 1024

// Add adds a flight.
func (l *List) Add(f Flight) {
	if n := len(l.flights); n > 0 && ksuid.Compare(l.flights[n-1].ID, f.ID) >= 0 {
		l.unsorted = true
	}
	if n := len(l.flights); n >= chunk && n == cap(l.flights) {
		l.full, l.flights = append(l.full, l.flights), make([]Flight, 0, chunk)
	}
	l.flights = append(l.flights, f)
	l.weight += f.weight()
}

// Grow makes room for about n flights, of which none was added yet, so that they stand in
// one slice from the first on. Room for more than 64 chunks isn't made beforehand: n may
// come from a file that is damaged.
func (l *List) Grow(n int) {
	if l.flights == nil && n > 0 {
		l.flights = slices.Grow(l.flights, min(n, 64*chunk))
	}
}

// all makes all that was added one slice, and returns it.
func (l *List) all() []Flight {
	if l.full != nil {
		l.flights, l.full = slices.Concat(append(l.full, l.flights)...), nil
	}
	return l.flights
}

// Join adds flights. An empty list takes over their slice.
func (l *List) Join(flights []Flight) {
	if l.flights == nil {
		*l = List{flights: flights, unsorted: !IsSorted(flights)}
		for i := range flights {
			l.weight += flights[i].weight()
		}
		return
	}
	for _, f := range flights {
		l.Add(f)
	}
}

// Taken returns what was added as it was added, and empties the list.
func (l *List) Taken() []Flight {
	flights := l.all()
	*l = List{}
	return flights
}

// Weight returns about how many bytes of memory the flights take.
func (l *List) Weight() int { return l.weight }

// drop takes note of a flight that is dropped for another with the same ID.
func (l *List) drop(kept, dropped *Flight) {
	if !dropped.earlier(kept) && !slices.Contains(l.twins, kept.ID) {
		l.twins = append(l.twins, kept.ID)
	}
}

// Flights returns what was added, as [Unique] does, and tells warn if a flight ended in
// two ways.
func (l *List) Flights(warn func(error)) []Flight {
	flights := l.all()
	if l.unsorted {
		flights = unique(flights, l.drop)
	}
	for _, id := range l.twins {
		warn(fmt.Errorf("flight %v ended in two ways, as when a machine is cloned while it runs; only the longer one is told", id))
	}
	return flights
}

// weight is about what a flight takes in memory.
func (f *Flight) weight() int {
	n := 360 + 144*len(f.Legs) + 32*len(f.Evidence)
	for i := range f.Legs {
		n += len(f.Legs[i].Source)
	}
	return n + f.textLen() + len(f.Vitals.log)
}

// textLen is the length of all texts but those of the legs.
func (f *Flight) textLen() int {
	t := &f.Takeoff
	n := len(f.Lane) + len(t.Host) + len(t.Machine) + len(t.Boot) + len(t.OS) + len(t.Kernel) + len(t.Recorder) + len(t.Journal) + len(t.Hardware) + len(t.Container)
	if f.Landing != nil {
		n += len(f.Landing.Reason) + len(f.Landing.To)
	}
	for _, c := range f.Evidence {
		n += len(c.Source) + len(c.Value)
	}
	return n
}

// Unique sorts flights by their IDs, which is the order of takeoff, and keeps one
// of those that share an ID: the one that tells most, since a flight that was
// dumped twice had gone on in between.
func Unique(flights []Flight) []Flight { return unique(flights, func(kept, dropped *Flight) {}) }

// unique is [Unique]. It calls drop with each flight that it doesn't keep, and the one
// that it keeps instead.
func unique(flights []Flight, drop func(kept, dropped *Flight)) []Flight {
	if IsSorted(flights) {
		return flights
	}
	slices.SortStableFunc(flights, func(a, b Flight) int {
		if c := ksuid.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(b.Beats(), a.Beats()), cmp.Compare(b.Ending.certainty(), a.Ending.certainty()))
	})
	kept := flights[:0]
	for i := range flights {
		if n := len(kept); n > 0 && kept[n-1].ID == flights[i].ID {
			drop(&kept[n-1], &flights[i])
			continue
		}
		kept = append(kept, flights[i])
	}
	clear(flights[len(kept):])
	return kept
}

// earlier reports whether f may be what was read of g at an earlier time: if g went on, f was
// aloft then, or its recorder gave up the lane and took the flight to another one; the legs
// of f begin as those of g do, and g went on in the last of them, or after it.
func (f *Flight) earlier(g *Flight) bool {
	moved := f.Ending == EndingLost && f.Lane != g.Lane
	if f.Ending != EndingAloft && !moved && f.Beats() != g.Beats() || f.Landing != nil && (g.Landing == nil || *f.Landing != *g.Landing) || len(f.Legs) > len(g.Legs) {
		return false
	}
	same := func(p, q *Fix) bool { return p.Elapsed == q.Elapsed && p.Wall == q.Wall }
	for i := range f.Legs {
		l, m := &f.Legs[i], &g.Legs[i]
		switch last := i == len(f.Legs)-1; {
		case !same(&l.First, &m.First), l.Beats > m.Beats:
			return false
		case !last || l.Beats == m.Beats:
			if !same(&l.Last, &m.Last) || l.Beats != m.Beats {
				return false
			}
		case l.Last.Elapsed > m.Last.Elapsed:
			return false
		}
	}
	return true
}

// IsSorted reports whether flights are sorted by their IDs, and no two share one.
func IsSorted(flights []Flight) bool {
	for i := 1; i < len(flights); i++ {
		if ksuid.Compare(flights[i-1].ID, flights[i].ID) >= 0 {
			return false
		}
	}
	return true
}

// certainty orders endings by how much they tell: a flight that was aloft at one
// look is lost at the next, or has landed.
func (e Ending) certainty() int {
	return [...]int{EndingLost: 1, EndingLanded: 2, EndingAloft: 0}[e]
}
