package journaltest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"flightrec/journal"

	"github.com/segmentio/ksuid"
)

// Memory is a journal in memory. Recorders open lanes of it, as they do with the
// store's; its flights are assembled from what they appended, heartbeat by heartbeat,
// without the product's fold.
type Memory struct {
	ID     string // is told of each flight, as the store does
	name   uint64
	mu     sync.Mutex
	open   []bool // by lane
	aloft  []bool // by lane: who has opened it has taken off
	order  []ksuid.KSUID
	flight map[ksuid.KSUID]*journal.Flight
	leg    map[ksuid.KSUID]uint64 // the number of each flight's last leg
	vitals map[ksuid.KSUID][]journal.Record
}

// NewMemory returns an empty journal. The IDs of its flights follow from its name and
// from when they took off.
func NewMemory(name uint64) *Memory {
	return &Memory{name: name, flight: map[ksuid.KSUID]*journal.Flight{}, leg: map[ksuid.KSUID]uint64{}, vitals: map[ksuid.KSUID][]journal.Record{}}
}

// Clone returns a copy of m, as a copied card is one, that has another name from now
// on. A lane that is open is lost in the copy.
func (m *Memory) Clone(name uint64) *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := NewMemory(name)
	c.ID = m.ID
	c.open, c.aloft = make([]bool, len(m.open)), make([]bool, len(m.open))
	c.order = slices.Clone(m.order)
	for id, f := range m.flight {
		c.flight[id], c.leg[id], c.vitals[id] = clone(f), m.leg[id], slices.Clone(m.vitals[id])
	}
	return c
}

func clone(f *journal.Flight) *journal.Flight {
	c := *f
	c.Legs = slices.Clone(f.Legs)
	return &c
}

// Flights returns the flights in order of takeoff. The last one of who has a lane
// open is aloft, unless it has landed.
func (m *Memory) Flights() (all []journal.Flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	latest := map[string]int{}
	for _, id := range m.order {
		f := m.flight[id]
		if len(f.Legs) == 0 {
			continue // the recorder got an ID and no further
		}
		latest[f.Lane] = len(all)
		all = append(all, *clone(f))
	}
	for n, aloft := range m.aloft {
		if i, ok := latest[laneName(n)]; ok && aloft && all[i].Ending == journal.EndingLost {
			all[i].Ending = journal.EndingAloft
		}
	}
	return all
}

// A Lane is a recorder's side of a Memory, held until Close.
type Lane struct {
	Flown   []ksuid.KSUID    // the IDs that it gave
	Records []journal.Record // all that was appended
	Err     error            // what Append returns, if not nil, after it has appended

	m      *Memory
	number int
}

func laneName(n int) string { return fmt.Sprint("lane-", n) }

// Open returns the first lane that is free.
func (m *Memory) Open() *Lane {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := slices.Index(m.open, false)
	if n < 0 {
		n, m.open, m.aloft = len(m.open), append(m.open, false), append(m.aloft, false)
	}
	m.open[n] = true
	return &Lane{m: m, number: n}
}

// Close frees the lane.
func (l *Lane) Close() error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	l.m.open[l.number], l.m.aloft[l.number] = false, false
	return nil
}

// Lane returns the lane's name.
func (l *Lane) Lane() string { return laneName(l.number) }

// NewFlight returns an ID that is greater than all others. Its time is that of now, if
// no other is later.
func (l *Lane) NewFlight(now time.Time) (ksuid.KSUID, error) {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	at := time.Unix(1_400_000_000, 0) // when KSUIDs begin
	if now.After(at) && now.Year() < 2100 {
		at = now
	}
	if n := len(l.m.order); n > 0 {
		if after := l.m.order[n-1].Time().Add(time.Second); after.After(at) {
			at = after
		}
	}
	payload := make([]byte, 16)
	binary.BigEndian.PutUint64(payload, l.m.name)
	binary.BigEndian.PutUint64(payload[8:], uint64(len(l.m.order)+1))
	id, err := ksuid.FromParts(at, payload)
	if err != nil {
		return ksuid.Nil, err
	}
	l.Flown = append(l.Flown, id)
	l.m.order = append(l.m.order, id)
	l.m.flight[id] = &journal.Flight{ID: id, Lane: l.Lane()}
	return id, nil
}

// Append adds records to a flight.
func (l *Lane) Append(id ksuid.KSUID, records ...journal.Record) error {
	l.m.mu.Lock()
	defer l.m.mu.Unlock()
	f := l.m.flight[id]
	if f == nil {
		return fmt.Errorf("flight %v: not of this journal", id)
	}
	for _, r := range records {
		switch r := r.(type) {
		case journal.Takeoff:
			f.Takeoff = r
			f.Takeoff.Journal = l.m.ID
		case journal.Landing:
			f.Landing, f.Ending = &r, journal.EndingLanded
		case journal.Beat:
			last := l.m.leg[id]
			if len(f.Legs) > 0 && r.Leg < last {
				return fmt.Errorf("flight %v: leg %d follows leg %d", id, r.Leg, last)
			}
			// Numbers are left out where the legs of an outage were thrown together.
			if len(f.Legs) == 0 || r.Leg > last {
				f.Legs = append(f.Legs, journal.Leg{Cause: r.Cause, Source: r.Source, First: r.Fix})
				l.m.leg[id] = r.Leg
			}
			leg := &f.Legs[len(f.Legs)-1]
			leg.Beats += r.Count
			leg.Last = r.Fix
		case journal.Evidence:
			f.Evidence = append(f.Evidence, r...)
		case journal.Sample:
			l.m.vitals[id] = append(l.m.vitals[id], r)
			f.Vitals = journal.NewVitals(l.m.vitals[id]...)
		default:
			return errors.ErrUnsupported
		}
	}
	l.m.aloft[l.number] = true
	l.Records = append(l.Records, records...)
	return l.Err
}

// Beats returns the heartbeats that were appended.
func (l *Lane) Beats() (all []journal.Beat) {
	for _, r := range l.Records {
		if b, ok := r.(journal.Beat); ok {
			all = append(all, b)
		}
	}
	return all
}

// Landings returns the landings that were appended.
func (l *Lane) Landings() (all []journal.Landing) {
	for _, r := range l.Records {
		if landing, ok := r.(journal.Landing); ok {
			all = append(all, landing)
		}
	}
	return all
}
