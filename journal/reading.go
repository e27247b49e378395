package journal

import (
	"fmt"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// reading makes flights of values. What they have in common it keeps once.
type Assembler struct {
	scan    scanner
	legs    []Leg // room for those of one flight
	slab    []Leg // those of the latest flights
	landing *Landing
}

// slabLegs is for how many legs room is made at once.
const slabLegs = 512

// flightOf makes the flight of a single value.
func flightOf(id ksuid.KSUID, lane string, value []byte) (f Flight, err error) {
	err = new(Assembler).flight(&f, id, lane, value)
	return f, err
}

// flight makes f the flight of a value: the folded log of its records. It says what
// of it isn't understood; a flight without a heartbeat has no legs.
func (r *Assembler) flight(f *Flight, id ksuid.KSUID, lane string, value []byte) error {
	f.ID = id // new memory is written to first: the system would give a page that is read first twice
	*f = Flight{ID: id, Lane: lane, Takeoff: Takeoff{SinceBoot: clock.Unknown}}
	strange, takeoffs, backwards := 0, 0, false
	legs := r.legs[:0]
	var last Beat
	s := &r.scan
	s.rest, s.understood, s.broken = value, false, false
	for s.next() {
		switch b := &s.beat; {
		case !s.understood:
			strange++
		case s.isBeat():
			if len(legs) == 0 || !b.sameLeg(&last) {
				legs = append(legs, Leg{Cause: b.Cause, Source: b.Source, First: b.Fix})
			}
			backwards = backwards || len(legs) > 1 && b.Elapsed < last.Elapsed
			leg := &legs[len(legs)-1]
			leg.Last = b.Fix
			leg.Beats += b.Count
			last = *b
		case s.kind == kindLanding:
			f.Landing, f.Ending = r.landed(&s.landing), EndingLanded
		default:
			f.Takeoff = s.takeoff
			takeoffs++
		}
	}
	r.legs = legs
	switch {
	case s.broken:
		*f = Flight{ID: id, Lane: lane, Takeoff: Takeoff{SinceBoot: clock.Unknown}}
		return fmt.Errorf("flight %v: no heartbeat can be read", id)
	case len(legs) == 0:
		return fmt.Errorf("flight %v: no heartbeat can be read", id)
	case backwards:
		return fmt.Errorf("flight %v: its clocks run backwards", id) // the ends of its legs may be anywhere
	}
	f.Legs = r.keep(legs)
	switch {
	case strange > 0:
		return fmt.Errorf("flight %v: %d records not understood", id, strange)
	case takeoffs != 1:
		return fmt.Errorf("flight %v: %d takeoffs", id, takeoffs)
	}
	return nil
}

// keep returns a copy of legs that stays.
func (r *Assembler) keep(legs []Leg) []Leg {
	if len(r.slab)+len(legs) > cap(r.slab) {
		r.slab = make([]Leg, 0, max(slabLegs, len(legs)))
	}
	at := len(r.slab)
	r.slab = append(r.slab, legs...)
	return r.slab[at:len(r.slab):len(r.slab)]
}

// landed returns a copy of a landing, which is one for all flights in a row that
// landed alike.
func (r *Assembler) landed(l *Landing) *Landing {
	if r.landing == nil || *r.landing != *l {
		kept := *l
		r.landing = &kept
	}
	return r.landing
}
