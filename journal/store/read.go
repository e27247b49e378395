package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"flightrec/journal"
	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2"
	"github.com/segmentio/ksuid"
)

// Read returns the flights of a journal in order of takeoff, with all heartbeats that were
// acknowledged before the call. It takes no lock, needs no write permission, and creates
// or changes nothing on disk; recorders may go on meanwhile. Damage, and files that can't
// be read, go to warn. The error is fs.ErrNotExist if there is no journal.
func Read(ctx context.Context, dir string, warn func(error)) ([]journal.Flight, error) {
	names, odd, err := laneNames(dir)
	if err != nil {
		return nil, fmt.Errorf("reading journal %s: %w", dir, errPath(dir, err))
	}
	for _, name := range odd {
		warn(fmt.Errorf("reading journal %s: %s: not a folder", dir, name))
	}
	var all journal.List
	for _, name := range names {
		flights, err := readLane(ctx, filepath.Join(dir, name), warn)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lane without a store is about to begin
			warn(fmt.Errorf("reading journal %s: %s: %w", dir, name, errPath(filepath.Join(dir, name), err)))
		}
		all.Join(flights)
	}
	return all.Flights(warn), nil
}

// readLane returns the flights of one lane.
func readLane(ctx context.Context, dir string, warn func(error)) (flights []journal.Flight, err error) {
	for range snapshotTries {
		state := stateOf(dir)
		var problems []error
		err = withSnapshot(dir, func(s *snapshot) error {
			flights, problems, err = s.read(ctx)
			return err
		})
		// A recorder that took off or landed meanwhile would be taken for one that
		// crashed.
		if state != stateOf(dir) {
			continue
		}
		for _, p := range problems {
			warn(p)
		}
		if n := len(flights); n > 0 && flights[n-1].Ending == journal.EndingLost {
			switch state {
			case laneAirborne:
				flights[n-1].Ending = journal.EndingAloft
			case laneUntold:
				warn(fmt.Errorf("%s: whether its last flight is aloft can't be told: the file system (%s) refuses to tell locks", filepath.Base(dir), disk.Type(dir)))
			}
		}
		return flights, err
	}
	return flights, errMoving
}

// read returns the flights of a copied lane, and its problems. Pebble reads it first; if
// the lane is damaged or lacks files, they are read without Pebble.
func (s *snapshot) read(ctx context.Context) (flights []journal.Flight, problems []error, err error) {
	var strays map[string]bool
	damage := s.damage()
	if len(damage) == 0 {
		err = s.open(func(db *pebble.DB) error {
			if strays, err = s.strays(db); err != nil {
				return err
			}
			parts, err := s.ranges(db)
			if err != nil {
				return err
			}
			flights, problems, err = flightsOf(ctx, db, parts, s.lane)
			return err
		})
	}
	sound := len(damage)+len(problems) == 0 && err == nil
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case sound && len(strays) == 0:
		return flights, nil, nil
	case sound:
		flights, problems = s.withStrays(ctx, flights)
		return flights, problems, ctx.Err()
	case s.held && !s.lastTry:
		return nil, nil, moving(err)
	}
	salvaged := s.salvage(ctx)
	flights = salvaged.result() // Pebble may have counted operands that stand there twice
	problems = append(append(damage, problems...), salvaged.problems...)
	if err != nil && len(problems) == 0 && (len(flights) > 0 || !errors.Is(err, fs.ErrNotExist)) {
		problems = append(problems, fmt.Errorf("%s: %w", s.lane, err))
	}
	return flights, distinct(problems), ctx.Err()
}

// moving returns an error as one that is explained if the lane's recorder wrote while the
// lane was copied.
func moving(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, errMoving)
	}
	return vanished{err}
}

// distinct returns the errors without those that repeat another one.
func distinct(errs []error) (all []error) {
	told := map[string]bool{}
	for _, err := range errs {
		if text := err.Error(); !told[text] {
			told[text] = true
			all = append(all, err)
		}
	}
	return all
}

// flightBytes is about what a flight takes in a table: 150 bytes, more with what a black
// box recorded. Memory for flights that aren't there is never touched, so that it costs
// nothing.
const flightBytes = 128

// expected returns how many flights are about to be read from the tables of ranges.
func expected(ranges []keyRange) (n int) {
	for _, r := range ranges {
		if r.table == nil {
			continue
		}
		if info, err := r.table.Stat(); err == nil {
			n += int(info.Size() / flightBytes)
		}
	}
	return n
}

// flightsOf decodes the flights of a store's ranges, and returns what it couldn't decode as
// problems.
func flightsOf(ctx context.Context, db *pebble.DB, ranges []keyRange, lane string) (flights []journal.Flight, problems []error, err error) {
	wrong := func(err error) { problems = append(problems, fmt.Errorf("%s: %w", lane, err)) }
	var all journal.List
	var a journal.Assembler
	all.Grow(expected(ranges))
	for _, r := range ranges {
		err = r.each(ctx, db, func(key, value []byte, err error) {
			id, bad := ksuid.FromBytes(key)
			switch {
			case bad != nil:
				wrong(fmt.Errorf("key %x: not a flight", key))
			case err != nil:
				wrong(fmt.Errorf("flight %v: %w", id, err))
			default:
				f, broken := a.Flight(id, lane, value)
				for _, err := range broken {
					wrong(err)
				}
				if len(f.Legs) > 0 {
					all.Add(f)
				}
			}
		})
		if err != nil {
			break
		}
	}
	flights = all.Flights(wrong)
	return flights, problems, errors.Join(ctx.Err(), err)
}
