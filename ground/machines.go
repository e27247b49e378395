package ground

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"flightrec/journal"

	"github.com/segmentio/ksuid"
)

// inOrder returns the flights in order of takeoff, none placed yet and each once: a
// flight that was read twice, from two dumps of one journal, counts as the longer one
// tells it.
func inOrder(flights []journal.Flight) []Flight {
	sorted := make([]Flight, len(flights))
	var mixed atomic.Bool
	atOnce(len(sorted), func(from, to int) {
		for i := from; i < to; i++ {
			sorted[i].Flight = &flights[i]
		}
		if !journal.Ascend(flights[max(0, from-1):to]) {
			mixed.Store(true)
		}
	})
	if !mixed.Load() {
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
	flights []*flightState
	boots   []*bootState
	loose   []*bootState // those that no anchor has placed
	latest  lastInLane   // when all have been added, it knows all lanes
}

// crew groups flights, given in order of takeoff, into machines, in order of their
// first takeoff, and boots, in that order within each machine.
func groupBoots(sorted []Flight, opts Options) (machines []*machine) {
	var (
		work     = make([]flightState, len(sorted))
		bodies   = make([]bootState, len(sorted)) // the first of them are used
		before   []int32
		relating sync.WaitGroup
		named    = make(map[string]*machine)
		m        *machine
	)
	relating.Go(func() { before = sameBootBefore(sorted) })
	atOnce(len(sorted), func(from, to int) {
		for i := from; i < to; i++ {
			work[i] = flightState{Flight: &sorted[i], start: anywhere, end: anywhere}
			bodies[i] = bootState{kernelStart: anywhere}
		}
	})
	relating.Wait()
	for i := range work {
		f := &work[i]
		if name := f.Takeoff.Machine; i == 0 || name != work[i-1].Takeoff.Machine {
			m = named[name]
			if m == nil {
				m = &machine{opts: opts}
				if i == 0 { // nearly always there is one machine
					m.flights, m.boots = make([]*flightState, 0, len(work)), make([]*bootState, 0, len(work))
				}
				named[name] = m
				machines = append(machines, m)
			}
		}
		var same *flightState
		if before[i] >= 0 {
			same = &work[before[i]]
		}
		if m.add(f, same, &bodies[0]) {
			bodies = bodies[1:]
		}
	}
	for _, m := range machines {
		m.latest.put()
	}
	return machines
}

// relatives returns for each flight the index of the latest one before it whose
// machine and whose boot ID it shares, -1 where there is none.
//
// Nearly every flight has a boot of its own, so this is a table of as many keys as there
// are flights. It holds no keys, but where they stand, and half of their hashes: so a
// million take 16 MB, and nearly never is one looked at that isn't the same.
func sameBootBefore(sorted []Flight) []int32 {
	const half = 32
	var (
		before  = make([]int32, len(sorted))
		slots   = make([]uint64, 1<<bits.Len(uint(2*len(sorted)))) // half a hash, and an index+1; 0 is empty
		seed    = maphash.MakeSeed()
		machine uint64
	)
	clear(slots) // else each page of it would be read first, and be given twice
	slotOf := func(t *journal.Takeoff, hash uint64) *uint64 {
		for at := hash; ; at++ {
			slot := &slots[at&uint64(len(slots)-1)]
			if *slot == 0 {
				return slot
			}
			if *slot>>half == hash>>half {
				if u := &sorted[uint32(*slot)-1].Takeoff; u.Boot == t.Boot && u.Machine == t.Machine {
					return slot
				}
			}
		}
	}
	for i := range sorted {
		t := &sorted[i].Takeoff
		if i == 0 || t.Machine != sorted[i-1].Takeoff.Machine {
			machine = maphash.String(seed, t.Machine)
		}
		if t.Boot == "" {
			before[i] = -1
			continue
		}
		hash := maphash.String(seed, t.Boot) ^ bits.RotateLeft64(machine, 1)
		slot := slotOf(t, hash)
		before[i] = int32(uint32(*slot)) - 1
		*slot = hash>>half<<half | uint64(i+1)
	}
	return before
}

// clockEnd returns the boot clock at f's last heartbeat, as it was read.
func (f *flightState) clockEnd() time.Duration {
	end := max(0, f.Takeoff.SinceBoot)
	for i := range f.Legs {
		end = max(end, f.clock(f.Legs[i].Last))
	}
	return end
}

// latest is the latest flight of each lane, as they come in order of takeoff.
type lastInLane struct {
	others map[string]*flightState
	lane   string
	flight *flightState // of lane
}

// next returns the flight before f in its lane, and puts f in its place.
func (l *lastInLane) next(f *flightState) *flightState {
	if f.Lane != l.lane {
		l.put()
		l.lane, l.flight = f.Lane, l.others[f.Lane]
	}
	before := l.flight
	l.flight = f
	return before
}

// put puts the flight at hand among the others.
func (l *lastInLane) put() {
	if l.others == nil {
		l.others = make(map[string]*flightState)
	}
	if l.flight != nil {
		l.others[l.lane] = l.flight
	}
}

// add adds the next flight to m, and to the boot to which it belongs; same is the
// latest flight with its boot ID. If it belongs to none, it begins the boot next, and
// add reports true.
func (m *machine) add(f, same *flightState, next *bootState) bool {
	var b *bootState
	prev := m.latest.next(f)
	switch {
	case same != nil:
		b = same.boot
	case f.Takeoff.Boot == "" && prev != nil && f.Takeoff.Continues == prev.ID && f.Takeoff.Continues != ksuid.Nil:
		b = prev.boot
	}
	begins := b == nil || !b.takes(f, prev)
	if begins {
		b = next
		b.machine = m
		m.boots = append(m.boots, b)
	}
	f.boot = b
	m.flights = append(m.flights, f)
	if i, n := len(m.flights)-1, len(b.flights); n == 0 || n <= i && b.flights[0] == m.flights[i-n] {
		b.flights = m.flights[i-n : i+1 : i+1] // nobody else took off in between
	} else {
		b.flights = append(b.flights, f)
	}
	return begins
}

// simultaneous is how far two recorders that start at the same time may take off
// in an order other than that of their readings of the boot clock.
const simultaneous = time.Minute

// takes reports whether f, which took off after b's flights, belongs to b; prev
// is the flight before it in its lane. Some systems repeat a boot ID: their boot
// clock tells, since it only runs forward.
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
