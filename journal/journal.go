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
	"slices"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/segmentio/ksuid"
)

// formatVersion is the version of the store's files. It is part of the format:
// an older flightrec can't open a newer one.
const formatVersion = pebble.FormatWALSyncChunks

// Journal is a recorder's side of a journal: one lane of it, held until Close.
// Its methods must not be called at the same time.
type Journal struct {
	lane   *lane
	store  *laneStore // nil if it has failed
	opts   *pebble.Options
	log    *slog.Logger
	flying ksuid.KSUID   // the flight of the last record that was appended
	tried  time.Duration // the elapsed of the last heartbeat that was to be appended
	newest ksuid.KSUID   // the newest flight of the journal that is known
}

// Open opens a journal for recording, and makes it if there is none. What it
// has to say beyond its error goes to log.
func Open(dir string, log *slog.Logger) (*Journal, error) {
	return open(dir, log, storeOptions())
}

// readTries is how often a lane that can't be read is tried, and how many such
// lanes are passed over.
const readTries = 3

func open(dir string, log *slog.Logger, opts *pebble.Options) (*Journal, error) {
	var aside error // why a lane was set aside
	for first, try := 0, 1; ; try++ {
		l, err := acquireLane(dir, first)
		if err != nil {
			return nil, fmt.Errorf("opening journal %s: %w", dir, errPath(dir, err))
		}
		j, err := openLane(dir, l, log, opts)
		switch {
		case err == nil:
			return j, nil
		case errors.Is(err, syscall.EIO) && !IsFault(err) && try < readTries*readTries:
			// A medium that can't be read now may be read at the next boot, so its lane
			// stays where it is.
			if try%readTries == 0 {
				log.Error("lane can't be read, passed over", "lane", l.name(), "why", err)
				first = l.number + 1
			}
			err = l.release()
		case isEnvironment(err) || aside != nil:
			return nil, fmt.Errorf("opening journal %s: %w", dir, errors.Join(errPath(dir, err), l.release()))
		default:
			aside = err
			err = l.setAside(log, err)
		}
		if err != nil {
			return nil, fmt.Errorf("opening journal %s: setting a damaged lane aside: %w", dir, errPath(dir, err))
		}
	}
}

// isEnvironment reports whether the machine is to blame for an error, and not
// what a lane's files hold: setting the lane aside would help nobody then.
func isEnvironment(err error) bool {
	for _, e := range []error{fs.ErrPermission, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO} {
		if errors.Is(err, e) {
			return true
		}
	}
	return IsFault(err)
}

// reason puts an error as the path that it is about, unless that is dir, which was
// named already, and why.
func errPath(dir string, err error) error {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return err
	}
	if abs, _ := filepath.Abs(dir); path.Path == dir || path.Path == abs {
		return path.Err
	}
	return fmt.Errorf("%s: %w", path.Path, path.Err)
}

// cause drops from an error which file it was about: the lane says enough.
func errBare(err error) error {
	if errors.Is(err, ErrLaneLost) {
		return err
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func openLane(dir string, l *lane, log *slog.Logger, opts *pebble.Options) (*Journal, error) {
	// The store stops without a word at the first bad chunk of a log, and would remove
	// what stands behind it.
	if err := soundLane(context.Background(), l.dir); err != nil {
		return nil, err
	}
	s, err := openStore(opts.FS, l.dir, opts, log, false)
	if err != nil {
		return nil, err
	}
	j := &Journal{lane: l, store: s, opts: opts.Clone(), log: log}
	if j.newest, err = newestFlight(dir, j, log); err != nil {
		s.abandon(err)
		return nil, err
	}
	return j, nil
}

// storeOptions are those of a small store that is written to every few seconds.
func storeOptions() *pebble.Options {
	opts := &pebble.Options{
		FS:                          vfs.Default,
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
	// The columns of the newer tables are read at unaligned addresses on big-endian
	// machines, which MIPS doesn't allow.
	opts.Experimental.EnableColumnarBlocks = func() bool { return false }
	opts.Experimental.FileCacheShards = 1
	// The store's own scheduler looks ten times a second whether compactions may run
	// at once. One of ours at a time needs no looking, and the machine may sleep.
	opts.Experimental.CompactionScheduler = pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest()
	return opts
}

// Lane returns the lane's name.
func (j *Journal) Lane() string { return j.lane.name() }

// NewFlight returns the ID of a flight that takes off now: one that is greater
// than all others in the journal, whatever the wall clock says.
func (j *Journal) NewFlight(now time.Time) (ksuid.KSUID, error) {
	if !j.flying.IsNil() && j.store != nil { // others may have taken off since
		newest, err := newestFlight(filepath.Dir(j.lane.dir), j, j.log)
		if err != nil {
			j.log.Warn("lane can't be read", "lane", j.Lane(), "why", err)
		}
		if ksuid.Compare(newest, j.newest) > 0 {
			j.newest = newest
		}
	}
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

// ErrLaneLost is the error of an Append after which no other one can succeed: the
// lane isn't the recorder's any more, or what it holds is damaged. A new recorder
// will find or make another one.
var ErrLaneLost = errors.New("lane is lost")

// Append writes records to a flight's log. When it returns without an error,
// they survive a power cut. After an error it isn't known whether they do; the
// next call opens the store anew, and leaves out heartbeats that are there, so that
// what was refused may be appended again, with more behind it.
func (j *Journal) Append(id ksuid.KSUID, records ...Record) error {
	if err := j.append(id, records); err != nil {
		j.abandon(err)
		return fmt.Errorf("writing to %s: %w", j.lane.dir, errBare(err))
	}
	return nil
}

func (j *Journal) append(id ksuid.KSUID, records []Record) (err error) {
	if j.store == nil {
		if records, err = j.reopen(id, records); err != nil {
			return err
		}
	}
	for _, r := range records {
		if b := beatOf(r); b != nil {
			j.tried = b.Elapsed
		}
	}
	if len(records) > 0 {
		if err := j.store.append(operand{id, AppendLog(nil, records)}); err != nil {
			return err
		}
	}
	// Files that were removed can still be written to.
	if err := j.lane.lost(); err != nil {
		return err
	}
	if j.flying.IsNil() {
		if err := j.lane.takeOff(); err != nil {
			return err
		}
	}
	j.flying = id
	return nil
}

// reopen opens the store anew after a failure, and returns those of records that
// it lacks.
func (j *Journal) reopen(id ksuid.KSUID, records []Record) (news []Record, err error) {
	if err := j.lane.lost(); err != nil {
		return nil, err
	}
	if j.store, err = openStore(j.opts.FS, j.lane.dir, j.opts, j.log, true); err != nil {
		if !isEnvironment(err) {
			err = fmt.Errorf("%w: %w", ErrLaneLost, err)
		}
		return nil, err
	}
	last, err := j.store.lastBeat(id)
	switch {
	case errors.Is(err, pebble.ErrNotFound) && j.flying == id:
		return nil, fmt.Errorf("%w: the flight isn't in it any more", ErrLaneLost)
	case errors.Is(err, pebble.ErrNotFound):
		return records, nil
	case err != nil: // what was tried may be there
		last = j.tried
	}
	return slices.DeleteFunc(slices.Clone(records), func(r Record) bool {
		b := beatOf(r)
		return b != nil && b.Elapsed <= last
	}), nil
}

// abandon gives up the store after a failure.
func (j *Journal) abandon(why error) {
	if j.store == nil {
		return
	}
	if !IsFault(why) {
		// It may be that the store stumbled over what it was about to merge, and
		// recording goes first.
		j.opts.DisableAutomaticCompactions = true
		j.opts.L0StopWritesThreshold = math.MaxInt32
	}
	j.store.abandon(why)
	j.store = nil
}

// Close ends recording and gives the lane back.
func (j *Journal) Close() error {
	var err error
	if j.store != nil {
		err = j.store.close()
	}
	if err = errors.Join(err, j.lane.release()); err != nil {
		return fmt.Errorf("closing %s: %w", j.lane.dir, errBare(err))
	}
	return nil
}

// newestFlight returns the newest flight of all lanes, or ksuid.Nil.
func newestFlight(dir string, j *Journal, log *slog.Logger) (ksuid.KSUID, error) {
	newest, err := lastKey(j.store.db)
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
		id, err := newestIn(context.Background(), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			log.Warn("lane can't be read", "lane", name, "why", err)
		}
		if ksuid.Compare(id, newest) > 0 {
			newest = id
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
