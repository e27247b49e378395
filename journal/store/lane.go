package store

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"flightrec/journal"
	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// lanePrefix begins the name of each lane's folder. What follows is the lane's
// number, and for a lane that was set aside a dot and more.
const lanePrefix = "lane-"

// lane is a lane whose lock this process holds.
type lane struct {
	dir    string
	number int
	lock   *laneLock
	isNew  bool // made by this process
}

// laneState says what the process that holds a lane's lock is doing.
type laneState int

const (
	laneFree     laneState = iota // no process holds the lock
	laneHeld                      // the recorder hasn't taken off yet
	laneAirborne                  // the lane's newest flight is the recorder's
	laneUntold                    // the file system refuses to tell
)

// held reports whether a recorder is known to hold the lane.
func (s laneState) held() bool { return s == laneHeld || s == laneAirborne }

// errHeld says that a lane is taken.
var errHeld = errors.New("lane is held")

// heldLanes has the states of all lanes that this process holds, by folder. A record lock
// (fcntl(2)) keeps out other processes alone, and POSIX drops it as soon as its process
// closes any descriptor of the file. So a process that holds a lane must not even open the
// lane's lock to ask for its state, and asks here first. Locks are opened and closed under
// this mutex.
var heldLanes = struct {
	sync.Mutex
	lanes map[string]laneState
}{lanes: map[string]laneState{}}

// errReadLocked says that somebody who may only read a lane's lock has locked it: no
// recorder, which would have locked it for writing.
var errReadLocked = errors.New("its lock is locked by a reader")

// readLockTries bounds how often a lane that a reader has locked is tried, readLockPause
// apart, before the next lane is taken.
const (
	readLockTries = 20
	readLockPause = 100 * time.Millisecond
)

// acquireLane takes the first lane from a number on that is free and ours, and makes a
// new one if none is. Whatever else stands in the place of a lane is logged and passed
// over. The kernel frees the lock if the process dies.
func acquireLane(journalDir string, first int, log *slog.Logger) (*lane, error) {
	journalDir, err := filepath.Abs(journalDir)
	if err != nil {
		return nil, err
	}
	if err := checkPath(journalDir); err != nil {
		return nil, err
	}
	for n := first; ; n++ {
		l, err := takeLane(filepath.Join(journalDir, lanePrefix+strconv.Itoa(n)), n)
		if l != nil || err != nil && !errors.Is(err, errHeld) && !isForeign(err) {
			return l, err
		}
		if !errors.Is(err, errHeld) {
			log.Warn("lane passed over", "lane", lanePrefix+strconv.Itoa(n), "why", err)
		}
	}
}

// foreign is the reason why a lane isn't this recorder's to use.
type foreign struct{ error }

func (f foreign) Unwrap() error { return f.error }

func isForeign(err error) bool { return errors.As(err, new(foreign)) }

// takeLane takes one lane, and makes it if it isn't there. The error is errHeld if
// somebody has it, and foreign if it isn't ours.
func takeLane(dir string, number int) (*lane, error) {
	info, err := os.Lstat(dir)
	isNew := errors.Is(err, fs.ErrNotExist)
	if err == nil && !info.IsDir() {
		return nil, foreign{errors.New("not a folder")}
	}
	made, err := makeDir(dir)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		lock, err := lockInProcess(dir)
		switch {
		case err == nil:
			return &lane{dir, number, lock, isNew}, nil
		case errors.Is(err, errReadLocked) && try < readLockTries:
			time.Sleep(readLockPause)
		case errors.Is(err, errReadLocked), errors.Is(err, errNoFile), errors.Is(err, fs.ErrPermission) && !isNew:
			return nil, foreign{errBare(err)}
		default:
			if errors.As(err, new(*disk.RefusedError)) && isNew {
				os.Remove(filepath.Join(dir, lockName)) // which nobody can hold
			}
			removeDirs(made)
			return nil, err
		}
	}
}

// errNoFile says that a lane's lock isn't a file.
var errNoFile = errors.New("its lock is not a file")

// lockInProcess takes a lane's lock, or returns errHeld if another process or this one has
// it.
func lockInProcess(dir string) (*laneLock, error) {
	heldLanes.Lock()
	defer heldLanes.Unlock()
	if _, held := heldLanes.lanes[dir]; held {
		return nil, errHeld
	}
	lock, err := lockLane(filepath.Join(dir, lockName))
	if err == nil {
		heldLanes.lanes[dir] = laneHeld
	}
	return lock, err
}

// takeOff tells readers that the lane's newest flight is that of its holder.
func (l *lane) takeOff() error {
	heldLanes.Lock()
	defer heldLanes.Unlock()
	heldLanes.lanes[l.dir] = laneAirborne
	return l.lock.takeOff()
}

func (l *lane) name() string { return filepath.Base(l.dir) }

// lost returns why the lane isn't its holder's any more, or nil: if the lock's file or the
// folder around it is removed, another recorder can take the lane. If lstat(2) fails for
// another reason, the lane counts as held.
func (l *lane) lost() error {
	there, err := os.Lstat(filepath.Join(l.dir, lockName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: its lock was removed", journal.ErrLaneLost)
	case err == nil && !l.lock.is(there):
		return fmt.Errorf("%w: its lock was replaced", journal.ErrLaneLost)
	}
	return nil
}

// release gives the lane back.
func (l *lane) release() error {
	heldLanes.Lock()
	defer heldLanes.Unlock()
	delete(heldLanes.lanes, l.dir)
	return l.lock.Close()
}

// setAside gives the lane's folder a new name, so that a new lane can begin in
// its place, and releases it. Nothing is deleted.
func (l *lane) setAside(log *slog.Logger, why error) error {
	// Windows renames no folder that holds an open file.
	if err := l.release(); err != nil {
		return err
	}
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.damaged-%d", l.dir, n)
		if _, err := os.Lstat(aside); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.Rename(l.dir, aside); err != nil {
			return err
		}
		log.Error("lane can't be opened, set aside", "lane", l.name(), "as", filepath.Base(aside), "why", why)
		return disk.SyncDir(vfs.Default, filepath.Dir(aside))
	}
}

// stateOf returns the state of a lane. It needs permission to read the lock's file, and
// changes nothing.
func stateOf(dir string) laneState {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return laneFree
	}
	heldLanes.Lock()
	defer heldLanes.Unlock()
	if state, held := heldLanes.lanes[abs]; held {
		return state
	}
	return lockState(filepath.Join(abs, lockName))
}

// IsHeld reports whether a recorder holds a lane of a journal, as far as this process may
// see that.
func IsHeld(dir string) bool {
	names, _, err := laneNames(dir)
	return err == nil && slices.ContainsFunc(names, func(name string) bool { return stateOf(filepath.Join(dir, name)).held() })
}

// lockName is the name of a store's lock, as Pebble has it.
const lockName = "LOCK"
