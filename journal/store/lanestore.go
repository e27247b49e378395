package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"flightrec/journal"
	"flightrec/journal/store/disk"
	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/segmentio/ksuid"
)

// laneStore is a lane's store, open for writing.
type laneStore struct {
	db       *pebble.DB
	disk     *disk.Breaker
	fs       *disk.Deferred
	operands chan operand // to be appended, one at a time
	appended chan error   // what came of it
}

// operand is what is appended to a flight's log.
type operand struct {
	id    ksuid.KSUID
	value []byte
	whole bool // value is the whole log, and takes the place of what there is
}

// openStore opens a store for writing on a file system, and syncs what must be on disk
// before anything can be appended. A store that is opened again after a failure is synced
// as a whole: its logs may hold heartbeats that were never synced, and that are about to
// be taken for recorded.
func openStore(base vfs.FS, dir string, opts options, log *slog.Logger, again bool) (*laneStore, error) {
	s := &laneStore{disk: disk.NewBreaker(base, opts.patience)}
	fs, err := disk.NewDeferred(s.disk, dir, uint64(formatVersion))
	if err != nil {
		return nil, err
	}
	if err := s.disk.Tripped(); err != nil {
		return nil, err
	}
	if again {
		fs.Press()
	}
	opts = opts.clone()
	opts.FS = fs
	opts.Logger = storeLog{log, s.disk}
	opts.EventListener = storeLog{log, s.disk}.events()
	// Pebble's default scheduler wakes up ten times a second to see whether more compactions
	// may run. This store runs one at a time, so that the machine may sleep. A scheduler
	// serves one store, and the last store's may not have come to its end.
	opts.Experimental.CompactionScheduler = pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest()
	err = s.disk.Await(func() error {
		db, err := pebble.Open(dir, opts.Options)
		if err != nil {
			return err
		}
		committed, err := fs.Opened()
		if err == nil && committed && !again {
			err = compact(context.Background(), db)
		}
		if err = cmp.Or(s.disk.Tripped(), err); err != nil {
			s.disk.Trip(err)
			db.Close()
			return err
		}
		s.db, s.fs, s.operands, s.appended = db, fs, make(chan operand, 1), make(chan error, 1)
		go s.appendLoop()
		return nil
	})
	if err != nil {
		s.disk.Trip(err)
		fs.Undo(base)
		return nil, err
	}
	return s, nil
}

// appendLoop appends operands until the store is closed. One goroutine appends them all,
// since a new one for each would grow its stack three times on the way to the log.
func (s *laneStore) appendLoop() {
	for o := range s.operands {
		s.appended <- pebblefile.Guard(func() error {
			if o.whole {
				return s.db.Set(o.id[:], o.value, pebble.Sync)
			}
			return s.db.Merge(o.id[:], o.value, pebble.Sync)
		})
	}
}

// append writes an operand to a flight's log. When it returns without an error, the
// operand survives a power cut. After an error nothing more can be appended.
func (s *laneStore) append(o operand) error {
	s.operands <- o
	return s.disk.Outcome(s.appended)
}

// close closes the store.
func (s *laneStore) close() error {
	close(s.operands)
	err := s.disk.Await(s.db.Close)
	s.disk.Trip(errClosed)
	return err
}

var errClosed = errors.New("store is closed")

// abandon gives up a store, for a reason. It doesn't change the disk any more.
func (s *laneStore) abandon(why error) {
	s.disk.Trip(why)
	close(s.operands)
	s.disk.Await(s.db.Close)
}

// get returns the log of a flight.
func (s *laneStore) get(id ksuid.KSUID) ([]byte, error) {
	value, closer, err := s.db.Get(id.Bytes())
	if err != nil {
		return nil, err
	}
	return bytes.Clone(value), closer.Close()
}

// readable returns the logs of all flights that the store can still read although files
// of it were removed or cut.
func (s *laneStore) readable() []operand {
	var mu sync.Mutex // a store that can't go on leaves its goroutine behind
	var logs []operand
	s.disk.Await(func() error {
		levels, err := s.db.SSTables()
		if err != nil {
			return err
		}
		// What is between the ends of tables is read by itself: an iterator fails as a whole
		// where it comes to a table that can't be read.
		ends := [][]byte{nil}
		for _, t := range slices.Concat(levels...) {
			ends = append(ends, t.Smallest.UserKey, pebblefile.AppendNextKey(nil, t.Largest.UserKey))
		}
		slices.SortFunc(ends, bytes.Compare)
		ends = slices.CompactFunc(ends, bytes.Equal)
		for i := range ends {
			r := keyRange{from: ends[i]}
			if i+1 < len(ends) {
				r.to = ends[i+1]
			}
			r.each(context.Background(), s.db, func(key, value []byte, err error) {
				id, bad := ksuid.FromBytes(key)
				if bad == nil && err == nil {
					mu.Lock()
					logs = append(logs, operand{id: id, value: bytes.Clone(value), whole: true})
					mu.Unlock()
				}
			})
		}
		return nil
	})
	mu.Lock()
	defer mu.Unlock()
	return slices.Clone(logs)
}

// lastBeat returns when the last heartbeat of a flight's log was, after its takeoff.
func lastBeat(log []byte) (last time.Duration) {
	for b := range journal.Beats(log) {
		last = max(last, b.Elapsed)
	}
	return last
}
