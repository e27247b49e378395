package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/segmentio/ksuid"
)

// Read returns the flights of a journal in order of takeoff, all that was
// acknowledged before the call. It takes no lock, needs no write permission, and
// creates or changes nothing on disk; recorders may go on meanwhile. What can't be
// read goes to warn. The error is fs.ErrNotExist if there is no journal.
func Read(ctx context.Context, dir string, warn func(error)) ([]Flight, error) {
	names, err := laneNames(dir)
	if err != nil {
		return nil, fmt.Errorf("reading journal %s: %w", dir, reason(err))
	}
	var all []Flight
	for _, name := range names {
		flights, err := readLane(ctx, filepath.Join(dir, name), warn)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lane without a store is about to begin
			warn(fmt.Errorf("reading journal %s: %s: %w", dir, name, reason(err)))
		}
		all = append(all, flights...)
	}
	return Unique(all), nil
}

// readLane returns the flights of one lane.
func readLane(ctx context.Context, dir string, warn func(error)) (flights []Flight, err error) {
	for range copyTries {
		held := heldLane(dir)
		var problems []error
		err = withLane(dir, func(db *pebble.DB) error {
			flights, problems, err = flightsOf(ctx, db, filepath.Base(dir))
			return err
		})
		// A recorder that took off or landed meanwhile would be taken for one that
		// crashed.
		if held != heldLane(dir) {
			continue
		}
		for _, p := range problems {
			warn(p)
		}
		if n := len(flights); n > 0 && held && flights[n-1].Ending == Lost {
			flights[n-1].Ending = Aloft
		}
		return flights, err
	}
	return flights, errMoving
}

// flightsOf decodes all flights of a store, and says what of them it couldn't.
func flightsOf(ctx context.Context, db *pebble.DB, lane string) (flights []Flight, problems []error, err error) {
	it, err := db.NewIterWithContext(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	for it.First(); it.Valid() && ctx.Err() == nil; it.Next() {
		id, err := ksuid.FromBytes(it.Key())
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: key %x: not a flight", lane, it.Key()))
			continue
		}
		value, err := it.ValueAndErr()
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: flight %v: %w", lane, id, err))
			continue
		}
		f, err := flightOf(id, lane, value)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", lane, err))
		}
		if err := f.check(); err != nil {
			if len(f.Legs) > 0 {
				problems = append(problems, fmt.Errorf("%s: flight %v: %w", lane, id, err))
			}
			continue
		}
		flights = append(flights, f)
	}
	return flights, problems, errors.Join(ctx.Err(), it.Close())
}

// Unique sorts flights by their IDs, which is the order of takeoff, and keeps one
// of those that share an ID: the one that tells most, since a flight that was
// dumped twice had gone on in between.
func Unique(flights []Flight) []Flight {
	slices.SortStableFunc(flights, func(a, b Flight) int {
		return cmp.Or(ksuid.Compare(a.ID, b.ID), cmp.Compare(b.Beats(), a.Beats()), cmp.Compare(b.Ending.certainty(), a.Ending.certainty()))
	})
	return slices.CompactFunc(flights, func(a, b Flight) bool { return a.ID == b.ID })
}

// certainty orders endings by how much they tell: a flight that was aloft at one
// look is lost at the next, or has landed.
func (e Ending) certainty() int {
	return [...]int{Lost: 1, Landed: 2, Aloft: 0}[e]
}
