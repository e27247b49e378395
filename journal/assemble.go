package journal

import (
	"encoding/binary"
	"fmt"
	"slices"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// Assembler makes flights of values. What they have in common it keeps once.
type Assembler struct {
	scan    scanner
	legs    []Leg    // room for those of one flight
	vitals  []byte   // the same, for their records
	slab    []Leg    // those of the latest flights
	clues   Evidence // of the latest flight
	landing *Landing
	lane    string // of the latest flight that was unpacked
}

// slabLegs is for how many legs room is made at once.
const slabLegs = 512

// Flight returns the flight of a value, the folded log of its records, and what of it
// isn't understood or breaks a rule. A flight that can't be used has no legs.
func (a *Assembler) Flight(id ksuid.KSUID, lane string, value []byte) (f Flight, problems []error) {
	if err := a.flight(&f, id, lane, value); err != nil {
		problems = append(problems, err)
	}
	if len(f.Legs) == 0 {
		return f, problems
	}
	if err := f.check(); err != nil {
		f.Legs = nil
		problems = append(problems, fmt.Errorf("flight %v: %w", id, err))
	}
	return f, problems
}

// flight makes f the flight of a value: the folded log of its records. It says what
// of it isn't understood; a flight without a heartbeat has no legs.
func (a *Assembler) flight(f *Flight, id ksuid.KSUID, lane string, value []byte) error {
	none := Takeoff{SinceBoot: clock.Unknown, AwakeSinceBoot: clock.Unknown}
	*f = Flight{ID: id, Lane: lane, Takeoff: none}
	takeoff, from, name := none, origin{awake: clock.Unknown}, ""
	landing, to := Landing{}, ""
	strange, takeoffs, backwards := 0, 0, false
	legs, vitals := a.legs[:0], vitalsLog{log: a.vitals[:0]}
	clues := Evidence(nil)
	var last Beat
	s := &a.scan
	s.rest, s.understood, s.broken = value, false, false
	for s.next() {
		if !s.understood {
			strange++
			continue
		}
		switch s.kind {
		case kindTakeoff, kindBoot:
			takeoff = s.takeoff
			takeoffs++
		case kindOrigin:
			from = s.origin
		case kindJournal:
			name = s.journal
		case kindBeat, kindNext:
			b := &s.beat
			if len(legs) == 0 || !b.sameLeg(&last) {
				legs = append(legs, Leg{Cause: b.Cause, Source: b.Source, First: b.Fix})
			}
			backwards = backwards || len(legs) > 1 && b.Elapsed < last.Elapsed
			leg := &legs[len(legs)-1]
			leg.Last = b.Fix
			leg.Beats += b.Count
			last = *b
		case kindLanding:
			landing, f.Ending = s.landing, EndingLanded
		case kindTarget:
			to = s.target
		case kindEvidence:
			clues = append(clues[:len(clues):len(clues)], s.evidence...)
		case kindVitals, kindExtremes:
			vitals.add(s.kind, s.body)
		}
	}
	a.legs, a.vitals = legs, vitals.log
	switch {
	case s.broken:
		*f = Flight{ID: id, Lane: lane, Takeoff: none}
		return fmt.Errorf("flight %v: no heartbeat can be read", id)
	case len(legs) == 0:
		return fmt.Errorf("flight %v: no heartbeat can be read", id)
	case backwards:
		return fmt.Errorf("flight %v: its clocks run backwards", id) // the ends of its legs may be anywhere
	}
	f.Legs = a.keep(legs)
	f.Evidence, f.Vitals = a.found(clues), vitals.fold()
	f.Takeoff = takeoff
	f.Takeoff.join(from)
	f.Takeoff.Journal = name
	if f.Ending == EndingLanded {
		landing.To = to
		f.Landing = a.landed(&landing)
	}
	switch {
	case strange > 0:
		return fmt.Errorf("flight %v: %d records not understood", id, strange)
	case takeoffs != 1:
		return fmt.Errorf("flight %v: %d takeoffs", id, takeoffs)
	}
	return nil
}

// join takes over what a record of kindOrigin holds of the takeoff.
func (t *Takeoff) join(o origin) {
	t.Hardware, t.Container, t.BootOrigin = o.hardware, o.container, o.bootOrigin
	t.AwakeSinceBoot, t.Built = o.awake, o.built
}

// keep returns a copy of legs that stays.
func (a *Assembler) keep(legs []Leg) []Leg {
	if len(a.slab)+len(legs) > cap(a.slab) {
		a.slab = make([]Leg, 0, max(slabLegs, len(legs)))
	}
	at := len(a.slab)
	a.slab = append(a.slab, legs...)
	return a.slab[at:len(a.slab):len(a.slab)]
}

// found returns clues, which are one list for all flights in a row that found the same.
func (a *Assembler) found(clues Evidence) Evidence {
	if len(clues) > 0 && !slices.Equal(clues, a.clues) {
		a.clues = clues
	}
	if len(clues) == 0 {
		return nil
	}
	return a.clues
}

// vitalsLog gathers the records of a flight's vitals, as they are spelt. Those of a folded
// log are in order already.
type vitalsLog struct {
	log      []byte
	samples  int
	unfolded bool
}

// add adds a record.
func (v *vitalsLog) add(kind byte, body []byte) {
	if kind == kindVitals {
		v.samples++
	}
	v.unfolded = v.unfolded || v.samples > latestSamples || kind == kindExtremes && len(v.log) > 0
	v.log = append(v.log, kind)
	v.log = binary.AppendUvarint(v.log, uint64(len(body)))
	v.log = append(v.log, body...)
}

// fold returns the vitals that were gathered.
func (v *vitalsLog) fold() Vitals {
	if v.unfolded {
		return NewVitals(Records(v.log)...)
	}
	return Vitals{string(v.log)}
}

// landed returns a copy of a landing, which is one for all flights in a row that
// landed alike.
func (a *Assembler) landed(l *Landing) *Landing {
	if a.landing == nil || *a.landing != *l {
		kept := *l
		a.landing = &kept
	}
	return a.landing
}
