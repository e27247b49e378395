package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/segmentio/ksuid"
)

// formatVersion is the version of the store's files. It is part of the format:
// an older flightrec can't open a newer one.
const formatVersion = pebble.FormatValueSeparation

// Journal is a recorder's side of a journal: one lane of it, held until Close.
// Its methods must not be called at the same time.
type Journal struct {
	lane   *lane
	db     *pebble.DB
	flying bool        // a record was appended
	fatal  chan error  // receives what the store can't go on after
	newest ksuid.KSUID // the newest flight of the journal that is known
}

// Open opens a journal for recording, and makes it if there is none. What it
// has to say beyond its error goes to log.
func Open(dir string, log *slog.Logger) (*Journal, error) {
	return open(dir, log, storeOptions())
}

func open(dir string, log *slog.Logger, opts *pebble.Options) (*Journal, error) {
	for {
		l, err := acquireLane(dir)
		if err != nil {
			return nil, fmt.Errorf("opening journal %s: %w", dir, reason(err))
		}
		j, err := openLane(l, log, opts)
		if err == nil {
			j.newest, err = newestFlight(dir, j, log)
			if err == nil {
				return j, nil
			}
			err = errors.Join(err, j.db.Close())
		}
		if isEnvironment(err) {
			return nil, fmt.Errorf("opening journal %s: %w", dir, errors.Join(reason(err), l.release()))
		}
		if err := l.setAside(log, err); err != nil {
			return nil, fmt.Errorf("opening journal %s: setting a damaged lane aside: %w", dir, reason(err))
		}
	}
}

// isEnvironment reports whether the machine is to blame for an error, and not
// what a lane's files hold: setting the lane aside would help nobody then.
func isEnvironment(err error) bool {
	for _, e := range []error{fs.ErrPermission, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// reason drops the path from an error that says which file it was about, where
// the cause alone tells a user more.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("%s: %w", path.Path, path.Err)
	}
	return err
}

func openLane(l *lane, log *slog.Logger, opts *pebble.Options) (*Journal, error) {
	j := &Journal{lane: l, fatal: make(chan error, 1)}
	opts = opts.Clone()
	opts.Logger = storeLog{log, j.fatal}
	var err error
	j.db, err = openStore(vfs.Default, l.dir, opts)
	return j, err
}

// openStore opens a store for writing, and brings to disk what must be there
// before anything can be appended.
func openStore(disk vfs.FS, dir string, opts *pebble.Options) (*pebble.DB, error) {
	fs, err := newDraftFS(disk, dir)
	if err != nil {
		return nil, err
	}
	opts.FS = fs
	db, err := pebble.Open(dir, opts)
	if err != nil {
		return nil, err
	}
	settled, err := fs.open()
	if err == nil && settled {
		err = tidy(context.Background(), db)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// storeOptions are those of a small store that is written to every few seconds.
func storeOptions() *pebble.Options {
	opts := &pebble.Options{
		FormatMajorVersion:          formatVersion,
		Merger:                      merger,
		CacheSize:                   256 << 10,
		MaxOpenFiles:                64,
		MemTableSize:                256 << 10,
		MemTableStopWritesThreshold: 4,
		DisableTableStats:           true,
	}
	for i := range opts.TargetFileSizes {
		opts.TargetFileSizes[i] = 64 << 20
	}
	opts.Experimental.FileCacheShards = 1
	// The store's own scheduler looks ten times a second whether compactions may run
	// at once. One of ours at a time needs no looking, and the machine may sleep.
	opts.Experimental.CompactionScheduler = pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest()
	return opts
}

// storeLog keeps the store's chatter from the user.
type storeLog struct {
	log   *slog.Logger
	fatal chan<- error
}

func (storeLog) Infof(string, ...any) {}

func (l storeLog) Errorf(format string, args ...any) {
	l.log.Warn("store", "says", fmt.Sprintf(format, args...))
}

// Fatalf is called by the store where it can't go on. It must not return, and the
// store knows no other way than to end the process; so the goroutine stays here,
// and the one that waits for the store is told.
func (l storeLog) Fatalf(format string, args ...any) {
	select {
	case l.fatal <- fmt.Errorf(format, args...):
	default:
	}
	select {}
}

// Lane returns the lane's name.
func (j *Journal) Lane() string { return j.lane.name() }

// NewFlight returns the ID of a flight that takes off now: one that is greater
// than all others in the journal, whatever the wall clock says.
func (j *Journal) NewFlight(now time.Time) (ksuid.KSUID, error) {
	id, err := ksuid.NewRandomWithTime(ksuidTime(now, j.newest))
	if err != nil {
		return ksuid.Nil, fmt.Errorf("making a flight's ID: %w", err)
	}
	if ksuid.Compare(id, j.newest) <= 0 { // the time part has reached its end
		id = j.newest.Next()
	}
	j.newest = id
	return id, nil
}

// ksuidTime returns the time part of the ID that follows newest: the latest of
// now, the KSUID epoch, and one second past newest. ksuid.New would subtract the
// epoch in 32 bits, so that a board that boots in 1970 got an ID of 2106.
func ksuidTime(now time.Time, newest ksuid.KSUID) time.Time {
	const epoch = 1400000000 // segmentio/ksuid, ksuid.go: epochStamp
	latest := time.Unix(epoch+math.MaxUint32, 0)
	t := time.Unix(epoch, 0)
	if now.After(t) && !now.After(latest) {
		t = now
	}
	if after := newest.Time().Add(time.Second); newest != ksuid.Nil && after.After(t) {
		t = after
	}
	if t.After(latest) {
		t = latest
	}
	return t
}

// Append writes records to a flight's log. When it returns without an error,
// they survive a power cut. After an error the journal must be closed.
func (j *Journal) Append(id ksuid.KSUID, records ...Record) error {
	var operand []byte
	for _, r := range records {
		operand = appendRecord(operand, r)
	}
	done := make(chan error, 1)
	go func() { done <- j.db.Merge(id.Bytes(), operand, pebble.Sync) }()
	select {
	case err := <-done:
		if err == nil && !j.flying {
			j.flying = true
			err = j.lane.takeOff()
		}
		if err != nil {
			return fmt.Errorf("writing to %s: %w", j.lane.dir, err)
		}
		return nil
	case err := <-j.fatal:
		return fmt.Errorf("writing to %s: %w", j.lane.dir, err)
	}
}

// Close ends recording and gives the lane back.
func (j *Journal) Close() error {
	err := errors.Join(j.db.Close(), j.lane.release())
	if err != nil {
		return fmt.Errorf("closing %s: %w", j.lane.dir, err)
	}
	return nil
}

// newestFlight returns the newest flight of all lanes, or ksuid.Nil.
func newestFlight(dir string, j *Journal, log *slog.Logger) (ksuid.KSUID, error) {
	newest, err := lastKey(j.db)
	if err != nil {
		return ksuid.Nil, err
	}
	names, err := laneNames(dir)
	if err != nil {
		return ksuid.Nil, err
	}
	for _, name := range names {
		if name == j.Lane() {
			continue
		}
		err := withLane(filepath.Join(dir, name), func(db *pebble.DB) error {
			id, err := lastKey(db)
			if ksuid.Compare(id, newest) > 0 {
				newest = id
			}
			return err
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			log.Warn("lane can't be read", "lane", name, "why", err)
		}
	}
	return newest, nil
}

// lastKey returns the greatest flight ID of a store, or ksuid.Nil.
func lastKey(db *pebble.DB) (ksuid.KSUID, error) {
	it, err := db.NewIter(nil)
	if err != nil {
		return ksuid.Nil, err
	}
	var id ksuid.KSUID
	if it.Last() {
		copy(id[:], it.Key())
	}
	return id, it.Close()
}
