package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
		return nil, fmt.Errorf("reading journal %s: %w", dir, errPath(dir, err))
	}
	var all List
	for _, name := range names {
		lane, err := readLane(ctx, filepath.Join(dir, name), warn)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a lane without a store is about to begin
			warn(fmt.Errorf("reading journal %s: %s: %w", dir, name, errPath(filepath.Join(dir, name), err)))
		}
		all.Join(lane)
	}
	return all.Flights(warn), nil
}

// readLane returns the flights of one lane.
func readLane(ctx context.Context, dir string, warn func(error)) (all List, err error) {
	for range snapshotTries {
		state := stateOf(dir)
		var problems []error
		err = withSnapshot(dir, func(s *snapshot) error {
			all, problems, err = s.read(ctx)
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
		if n := len(all.flights); n > 0 && state == laneAirborne && all.flights[n-1].Ending == EndingLost {
			all.flights[n-1].Ending = EndingAloft
		}
		return all, err
	}
	return all, errMoving
}

// read returns the flights of a copied lane, and what of it can't be read. The store
// is asked first; where it is damaged, or lacks what it should have, the files are
// read without it.
func (s *snapshot) read(ctx context.Context) (all List, problems []error, err error) {
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
			all, problems, err = flightsOf(ctx, db, parts, s.lane)
			return err
		})
	}
	sound := len(damage)+len(problems) == 0 && err == nil
	switch {
	case ctx.Err() != nil:
		return List{}, nil, ctx.Err()
	case sound && len(strays) == 0:
		return all, nil, nil
	case sound:
		flights, problems := s.withStrays(ctx, all.flights)
		return gathered(flights), problems, ctx.Err()
	case s.held && !s.lastTry:
		return List{}, nil, moving(err)
	}
	salvaged := s.salvage(ctx)
	flights := salvaged.result() // the store may have read twice what stands there twice
	problems = append(append(damage, problems...), salvaged.problems...)
	if err != nil && len(problems) == 0 && (len(flights) > 0 || !errors.Is(err, fs.ErrNotExist)) {
		problems = append(problems, fmt.Errorf("%s: %w", s.lane, err))
	}
	return gathered(flights), distinct(problems), ctx.Err()
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
// While some are decoded, the next ones are fetched.
func flightsOf(ctx context.Context, db *pebble.DB, parts []keyRange, lane string) (List, []error, error) {
	d := startDecoding(lane, room(db))
	err := func() error {
		defer d.finish() // the store panics on some kinds of damage
		for _, p := range parts {
			if err := p.each(ctx, db, d.add); err != nil {
				return err
			}
		}
		return nil
	}()
	return d.gathered(), d.problems, errors.Join(ctx.Err(), err)
}

// decoding is flights on their way from a store, in batches that are decoded at the
// same time. Its flights and its problems are there when it is finished.
type decoding struct {
	lane       string
	flights    []Flight // those of the batches that were sent, to be decoded in place
	weight     atomic.Int64
	latest     []byte // the latest key that was added
	unordered  bool   // some key isn't greater than the one before it
	batch      *batch // the one that is being filled
	full       chan *batch
	empty      chan *batch
	decoders   sync.WaitGroup
	underWay   sync.WaitGroup // batches
	mu         sync.Mutex
	complaints []complaint
	problems   []error
}

// complaint is what is wrong with a flight.
type complaint struct {
	at  int // its place among all
	err error
}

const (
	// batchSize is about how many bytes of flights are fetched before they are decoded.
	batchSize = 64 << 10
	// maxBatches is how many are under way at most: with few of them those who fetch and
	// those who decode would wait for each other, and to wake up takes long.
	maxBatches = 8
	// maxDecoders is how many keep up with the store.
	maxDecoders = 3
)

// startDecoding starts, with room for so many flights to begin with.
func startDecoding(lane string, room int) *decoding {
	d := &decoding{
		lane: lane, flights: make([]Flight, 0, room),
		batch: new(batch), full: make(chan *batch, maxBatches), empty: make(chan *batch, maxBatches),
	}
	for range maxBatches - 1 {
		d.empty <- new(batch)
	}
	for range min(runtime.GOMAXPROCS(0), maxDecoders) {
		d.decoders.Go(func() {
			var r Assembler
			for b := range d.full {
				d.weight.Add(int64(b.decode(&r, d.lane, d.wrong)))
				*b = batch{items: b.items[:0], data: b.data[:0]}
				d.empty <- b
				d.underWay.Done()
			}
		})
	}
	return d
}

// add takes a flight as the store has it, or why it can't be had.
func (d *decoding) add(key, value []byte, err error) {
	d.unordered = d.unordered || bytes.Compare(d.latest, key) >= 0
	d.latest = append(d.latest[:0], key...)
	d.batch.add(key, value, err)
	if len(d.batch.data) >= batchSize {
		d.send()
		d.batch = <-d.empty
	}
}

// send sends the batch to where it is decoded.
func (d *decoding) send() {
	at, more := len(d.flights), len(d.batch.items)
	if at+more > cap(d.flights) {
		d.underWay.Wait() // nobody writes where they are moved from
	}
	d.flights = slices.Grow(d.flights, more)[:at+more]
	d.batch.at, d.batch.into = at, d.flights[at:]
	d.underWay.Add(1)
	d.full <- d.batch
}

// wrong takes a complaint about the flight in a place.
func (d *decoding) wrong(at int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.complaints = append(d.complaints, complaint{at, fmt.Errorf("%s: %w", d.lane, err)})
}

// finish waits until all is decoded.
func (d *decoding) finish() {
	d.send()
	close(d.full)
	d.decoders.Wait()
	if len(d.complaints) == 0 {
		return
	}
	slices.SortStableFunc(d.complaints, func(a, b complaint) int { return cmp.Compare(a.at, b.at) })
	for _, c := range d.complaints {
		d.problems = append(d.problems, c.err)
	}
	d.flights = slices.DeleteFunc(d.flights, func(f Flight) bool { return len(f.Legs) == 0 })
}

// gathered returns the flights, when all is decoded.
func (d *decoding) gathered() List {
	return List{flights: d.flights, weight: int(d.weight.Load()), unique: !d.unordered}
}

// batch is a few flights in a row, as the store has them.
type batch struct {
	items []item
	data  []byte   // their keys and values
	into  []Flight // where they are decoded
	at    int      // the place of the first among all
}

// item is a flight of a batch.
type item struct {
	key, end int // where they end, the key and the value behind it
	err      error
}

func (b *batch) add(key, value []byte, err error) {
	if b.data == nil {
		b.data = make([]byte, 0, batchSize+batchSize/8)
	}
	b.data = append(b.data, key...)
	at := len(b.data)
	b.data = append(b.data, value...)
	b.items = append(b.items, item{at, len(b.data), err})
}

// decode decodes the flights of a batch, and returns what they weigh. Those that can't
// be used have no legs.
func (b *batch) decode(r *Assembler, lane string, wrong func(at int, err error)) (weight int) {
	from := 0
	for n, i := range b.items {
		key, value := b.data[from:i.key], b.data[i.key:i.end]
		from = i.end
		id, err := ksuid.FromBytes(key)
		switch {
		case err != nil:
			wrong(b.at+n, fmt.Errorf("key %x: not a flight", key))
		case i.err != nil:
			wrong(b.at+n, fmt.Errorf("flight %v: %w", id, i.err))
		default:
			for _, err := range r.sound(&b.into[n], id, lane, value) {
				wrong(b.at+n, err)
			}
			weight += b.into[n].weight()
		}
	}
	return weight
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
	if IsSorted(flights) {
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

// newestIn returns the newest flight of a lane, or ksuid.Nil, as far as the lane can
// be read. Where nothing is wrong, it reads next to nothing.
func newestIn(ctx context.Context, dir string) (newest ksuid.KSUID, err error) {
	err = withSnapshot(dir, func(s *snapshot) error {
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
		all, _, err := s.read(ctx)
		if n := len(all.flights); n > 0 {
			newest = all.flights[n-1].ID
		}
		return err
	})
	return newest, err
}
