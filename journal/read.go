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
		return nil, fmt.Errorf("reading journal %s: %w", dir, reason(dir, err))
	}
	var all Gathering
	for _, name := range names {
		flights, err := readLane(ctx, filepath.Join(dir, name), warn)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lane without a store is about to begin
			warn(fmt.Errorf("reading journal %s: %s: %w", dir, name, reason(filepath.Join(dir, name), err)))
		}
		all.addAll(flights)
	}
	return all.Flights(warn), nil
}

// readLane returns the flights of one lane.
func readLane(ctx context.Context, dir string, warn func(error)) (flights []Flight, err error) {
	for range copyTries {
		state := stateOf(dir)
		var problems []error
		err = withCopy(dir, func(s *snapshot) error {
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
		if n := len(flights); n > 0 && state == laneAirborne && flights[n-1].Ending == Lost {
			flights[n-1].Ending = Aloft
		}
		return flights, err
	}
	return flights, errMoving
}

// read returns the flights of a copied lane, and what of it can't be read. The store
// is asked first; where it is damaged, or lacks what it should have, the files are
// read without it.
func (s *snapshot) read(ctx context.Context) (flights []Flight, problems []error, err error) {
	var strays map[string]bool
	damage := s.damage()
	if len(damage) == 0 {
		err = s.open(func(db *pebble.DB) error {
			if strays, err = s.strays(db); err != nil {
				return err
			}
			parts, err := s.parts(db)
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
	case s.held && !s.believe:
		return nil, nil, moving(err)
	}
	salvaged := s.salvage(ctx)
	flights = salvaged.result() // the store may have read twice what stands there twice
	problems = append(append(damage, problems...), salvaged.problems...)
	if err != nil && len(problems) == 0 && (len(flights) > 0 || !errors.Is(err, fs.ErrNotExist)) {
		problems = append(problems, fmt.Errorf("%s: %w", s.lane, err))
	}
	return flights, distinct(problems), ctx.Err()
}

// moving says of an error that the recorder's writing may explain it.
func moving(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, errMoving)
	}
	return fmt.Errorf("%w: %v", errMoving, err)
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

// flightsOf decodes all flights of a store's parts, and says what of them it couldn't.
// While a few are decoded, the next ones are fetched.
func flightsOf(ctx context.Context, db *pebble.DB, parts []part, lane string) (flights []Flight, problems []error, err error) {
	flights = make([]Flight, 0, room(db))
	empty, full, done := make(chan *batch, 2), make(chan *batch, 2), make(chan struct{})
	go func() {
		defer close(done)
		var r reading
		for b := range full {
			flights = b.decode(&r, flights, lane, func(err error) { problems = append(problems, fmt.Errorf("%s: %w", lane, err)) })
			b.clear()
			empty <- b
		}
	}()
	func() {
		defer func() { <-done }()
		defer close(full) // the store panics on some kinds of damage
		empty <- new(batch)
		b := new(batch)
		for _, p := range parts {
			err = errors.Join(err, p.each(ctx, db, func(key, value []byte, err error) {
				b.add(key, value, err)
				if len(b.data) >= batchSize {
					full <- b
					b = <-empty
				}
			}))
		}
		full <- b
	}()
	return flights, problems, errors.Join(ctx.Err(), err)
}

// batchSize is about how many bytes of flights are fetched before they are decoded.
const batchSize = 64 << 10

// batch is a few flights in a row, as the store has them.
type batch struct {
	items []item
	data  []byte // their keys and values
}

// item is a flight of a batch.
type item struct {
	key, end int // where they end, the key and the value behind it
	err      error
}

func (b *batch) add(key, value []byte, err error) {
	b.data = append(b.data, key...)
	at := len(b.data)
	b.data = append(b.data, value...)
	b.items = append(b.items, item{at, len(b.data), err})
}

func (b *batch) clear() { b.items, b.data = b.items[:0], b.data[:0] }

// decode appends the flights of a batch.
func (b *batch) decode(r *reading, flights []Flight, lane string, wrong func(error)) []Flight {
	at := 0
	for _, i := range b.items {
		key, value := b.data[at:i.key], b.data[i.key:i.end]
		at = i.end
		id, err := ksuid.FromBytes(key)
		if err != nil {
			wrong(fmt.Errorf("key %x: not a flight", key))
			continue
		}
		if i.err != nil {
			wrong(fmt.Errorf("flight %v: %w", id, i.err))
			continue
		}
		flights = append(flights, Flight{})
		f := &flights[len(flights)-1]
		for _, err := range r.sound(f, id, lane, value) {
			wrong(err)
		}
		if len(f.Legs) == 0 {
			flights = flights[:len(flights)-1]
		}
	}
	return flights
}

// room returns for how many flights there should be room to hold those of a store:
// as many as its tables say that they have, if their size allows for it.
func room(db *pebble.DB) int {
	levels, err := db.SSTables(pebble.WithProperties())
	if err != nil {
		return 0
	}
	const least = 32  // bytes that a flight takes in a table: half of its key can't be compressed
	n := uint64(1000) // the logs may have so many
	for _, tables := range levels {
		for _, t := range tables {
			n += min(t.Properties.NumEntries, t.Size/least)
		}
	}
	return int(n)
}

// Unique sorts flights by their IDs, which is the order of takeoff, and keeps one
// of those that share an ID: the one that tells most, since a flight that was
// dumped twice had gone on in between.
func Unique(flights []Flight) []Flight {
	if Ascend(flights) {
		return flights
	}
	slices.SortStableFunc(flights, func(a, b Flight) int {
		if c := ksuid.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(b.Beats(), a.Beats()), cmp.Compare(b.Ending.certainty(), a.Ending.certainty()))
	})
	return slices.CompactFunc(flights, func(a, b Flight) bool { return a.ID == b.ID })
}

// Ascend reports whether flights are sorted by their IDs, and no two share one.
func Ascend(flights []Flight) bool {
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
	return [...]int{Lost: 1, Landed: 2, Aloft: 0}[e]
}

// newestIn returns the newest flight of a lane, or ksuid.Nil, as far as the lane can
// be read. Where nothing is wrong, it reads next to nothing.
func newestIn(ctx context.Context, dir string) (newest ksuid.KSUID, err error) {
	err = withCopy(dir, func(s *snapshot) error {
		if len(s.damage()) == 0 {
			sound := false
			err := s.open(func(db *pebble.DB) error {
				strays, err := s.strays(db)
				if err == nil && len(strays) == 0 {
					newest, err = lastKey(db)
					sound = err == nil
				}
				return err
			})
			if sound && err == nil {
				return nil
			}
		}
		flights, _, err := s.read(ctx)
		if len(flights) > 0 {
			newest = flights[len(flights)-1].ID
		}
		return err
	})
	return newest, err
}
