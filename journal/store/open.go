package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"syscall"
	"time"

	"flightrec/journal"
	"flightrec/journal/store/disk"

	"github.com/segmentio/ksuid"
)

// Journal is a recorder's side of a journal: one lane of it, held until Close.
// Its methods must not be called at the same time.
type Journal struct {
	lane    *lane
	store   *laneStore // nil if it has failed
	opts    options
	log     *slog.Logger
	flying  ksuid.KSUID   // the flight of the last record that was appended
	tried   time.Duration // the elapsed of the last heartbeat that was to be appended
	rescued []operand     // what could be read when the store's files were removed
	past    past          // what is known of the journal's newest flights
}

// RefusedError says that the file system refuses what a journal can't do without.
type RefusedError = disk.RefusedError

// Open opens a journal for recording, and makes it if there is none. Lanes that are passed
// over or set aside are told to log.
func Open(dir string, log *slog.Logger) (*Journal, error) {
	j, err := open(dir, log, storeOptions())
	if err == nil {
		if memory := disk.InMemory(dir); memory != "" {
			log.Warn("journal is in memory: it is gone after a reboot", "dir", dir, "on", memory)
		}
	}
	return j, err
}

// readTries is how often a lane that can't be read is tried, and how many such
// lanes are passed over.
const readTries = 3

func open(dir string, log *slog.Logger, opts options) (*Journal, error) {
	var aside error // why a lane was set aside
	for first, try := 0, 1; ; try++ {
		l, err := acquireLane(dir, first, log)
		if err != nil {
			return nil, fmt.Errorf("opening journal %s: %w", dir, errPath(dir, err))
		}
		j, err := openLane(dir, l, log, opts)
		switch {
		case err == nil:
			return j, nil
		case errors.Is(err, syscall.EIO) && !disk.IsFault(err) && try < readTries*readTries:
			// A disk that can't be read now may be readable at the next boot, so its lane
			// stays where it is.
			if try%readTries == 0 {
				log.Error("lane can't be read, passed over", "lane", l.name(), "why", err)
				first = l.number + 1
			}
			err = l.release()
		case errors.Is(err, fs.ErrPermission) && !l.isNew:
			log.Warn("lane passed over", "lane", l.name(), "why", errPath(l.dir, err))
			first = l.number + 1
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

// isEnvironment reports whether an error comes from the machine and not from the content of
// a lane's files: setting the lane aside wouldn't help then.
func isEnvironment(err error) bool {
	for _, e := range []error{fs.ErrPermission, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO} {
		if errors.Is(err, e) {
			return true
		}
	}
	return disk.IsFault(err)
}

// errPath shortens an error to its path and its reason, or to its reason where the path is
// dir, which the caller names.
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

// errBare shortens an error to its reason: the caller names the lane.
func errBare(err error) error {
	if errors.Is(err, journal.ErrLaneLost) {
		return err
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func openLane(dir string, l *lane, log *slog.Logger, opts options) (*Journal, error) {
	// Pebble stops without an error at the first bad chunk of a log, and would remove the
	// records behind it.
	j := &Journal{lane: l, opts: opts.clone(), log: log}
	if err := soundLane(context.Background(), l.dir, &j.past); err != nil {
		return nil, err
	}
	if err := j.past.addLanes(dir, l.name(), log); err != nil {
		return nil, err
	}
	var err error
	j.store, err = openStore(opts.FS, l.dir, opts, log, false)
	if err != nil {
		return nil, err
	}
	return j, nil
}

// Lane returns the lane's name.
func (j *Journal) Lane() string { return j.lane.name() }
