package store

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
	"github.com/segmentio/ksuid"
)

// salvage is what can be read of a lane whose store can't be opened: all tables and all
// logs, whether the manifest names them or not.
//
// Nothing is ever deleted from a journal, so all that is found was recorded. But it may be
// found several times, since a log stays for a while after its operands came into a table,
// and so does a table after it was compacted. So a flight is found in fragments, each of
// them a stretch of it without a hole:
//
//	log         |.|.|.|.|.|           a heartbeat each
//	table       |---------|
//	compacted   |----------------|
//	table                  |-----|
//
// Of two fragments either one holds the other or they don't overlap, because tables are
// made of whole logs and of whole tables. The boot clock says which: see joinFragments.
type salvage struct {
	lane     string
	flights  map[ksuid.KSUID][]fragment
	problems []error
}

// fragment is a stretch of a flight's log.
type fragment struct {
	log         []byte // encoded: decoded, a long history would take ten times the memory
	beats       uint64
	first, last time.Duration // elapsed
}

func newSalvage(lane string) *salvage {
	return &salvage{lane: lane, flights: map[ksuid.KSUID][]fragment{}}
}

// wrong notes a problem.
func (s *salvage) wrong(err error) {
	s.problems = append(s.problems, fmt.Errorf("%s: %w", s.lane, err))
}

// add adds an operand or a folded value, of which it makes a copy.
func (s *salvage) add(file string, key, operand []byte) {
	id, err := ksuid.FromBytes(key)
	if err != nil {
		s.wrong(fmt.Errorf("%s: key %x: not a flight", file, key))
		return
	}
	f := fragment{log: bytes.Clone(operand)}
	for b := range journal.Beats(operand) {
		if f.beats == 0 {
			f.first, f.last = b.Elapsed, b.Elapsed
		}
		f.beats += max(b.Count, 1)
		f.first, f.last = min(f.first, b.Elapsed), max(f.last, b.Elapsed)
	}
	s.flights[id] = append(s.flights[id], f)
}

// addLog adds the operands of a log.
func (s *salvage) addLog(name string, scan pebblefile.LogScan) {
	scan.Each(func(kind pebble.InternalKeyKind, key, value []byte) {
		if kind == pebble.InternalKeyKindMerge || kind == pebble.InternalKeyKindSet {
			s.add(name, key, value)
		}
	}, func(err error) { s.wrong(fmt.Errorf("%s: %w", name, err)) })
}

// addTable adds the values of a table.
func (s *salvage) addTable(ctx context.Context, name string, open func() (*pebblefile.Table, error)) {
	wrong := func(err error) { s.wrong(fmt.Errorf("%s: %w", name, err)) }
	err := pebblefile.Guard(func() error {
		t, err := open()
		if err != nil {
			return err
		}
		t.Each(ctx, func(key, value []byte) { s.add(name, key, value) }, wrong)
		return t.Close()
	})
	if err != nil {
		wrong(err)
	}
}

// result returns the flights, and notes which records of them break a rule.
func (s *salvage) result() []journal.Flight {
	var flights []journal.Flight
	var assembler journal.Assembler
	for _, id := range slices.SortedFunc(maps.Keys(s.flights), ksuid.Compare) {
		value, left := joinFragments(s.flights[id])
		delete(s.flights, id)
		if left > 0 {
			s.wrong(fmt.Errorf("flight %v: %d heartbeats contradict others, and are left out", id, left))
		}
		flight, problems := assembler.Flight(id, s.lane, value)
		for _, p := range problems {
			s.wrong(p)
		}
		if len(flight.Legs) > 0 {
			flights = append(flights, flight)
		}
	}
	return flights
}

// joinFragments makes one log of a flight's fragments, and counts the heartbeats of
// fragments that contradict others. No heartbeat is taken twice: of fragments that begin
// together the longest is taken, and a fragment that another one holds isn't.
//
//	f----l          taken
//	  f--l          held by it
//	     f----l     contradicts it
//	        f-l     taken
func joinFragments(fragments []fragment) (value []byte, left uint64) {
	if len(fragments) == 1 {
		return fragments[0].log, 0
	}
	slices.SortStableFunc(fragments, func(a, b fragment) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.last, a.last), cmp.Compare(b.beats, a.beats))
	})
	var log, others []journal.Record // others of fragments that aren't taken, or have no heartbeat
	taken := false
	var covered time.Duration
	for _, f := range fragments {
		switch {
		case f.beats > 0 && (!taken || f.first > covered):
			log = append(log, journal.Records(f.log)...)
			taken, covered = true, f.last
			continue
		case f.beats > 0 && f.last > covered:
			left += f.beats
		}
		others = append(others, journal.Records(f.log)...)
	}
	// Of fragments that aren't taken, all records but heartbeats are kept: a takeoff in
	// front, the others behind.
	have := map[string]bool{}
	for _, r := range log {
		have[string(journal.AppendLog(nil, []journal.Record{r}))] = true
	}
	for _, r := range others {
		spelt := string(journal.AppendLog(nil, []journal.Record{r}))
		if _, ok := r.(journal.Beat); ok || have[spelt] {
			continue
		}
		have[spelt] = true
		if _, ok := r.(journal.Takeoff); ok {
			log = slices.Insert(log, 0, r)
		} else {
			log = append(log, r)
		}
	}
	folded := journal.NewFold(nil)
	folded.Newer(journal.AppendLog(nil, log))
	return folded.Value(), left
}
