//go:build unix

package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"flightrec/journal/store/disk"
)

// airborneByte is the byte of a lane's lock that a recorder unlocks at takeoff. The lock is
// a POSIX record lock over the whole LOCK file, as Pebble takes it; without the second
// byte it tells readers that the lane's newest flight is aloft, and not about to begin.
// Nothing is written for that, and the kernel drops the lock when the process dies.
const airborneByte = 1

// laneLock is a lock that this process holds.
type laneLock struct{ file *os.File }

// lockLane takes the lock, or returns errHeld if somebody has it.
func lockLane(name string) (*laneLock, error) {
	_, missing := os.Lstat(name)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o644)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENXIO) {
		return nil, errNoFile
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, cmp.Or(err, errNoFile)
	}
	if missing != nil {
		if err := disk.GiveToOwner(name); err != nil {
			f.Close()
			return nil, err
		}
	}
	all := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &all)
	if err == nil {
		return &laneLock{f}, nil
	}
	defer f.Close()
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) { // POSIX allows both
		if locked, _ := isWriteLocked(f, 0); !locked {
			return nil, errReadLocked
		}
		return nil, errHeld
	}
	return nil, disk.Refused(filepath.Dir(name), "to lock files", fmt.Errorf("locking %s: %w", name, err))
}

// takeOff tells readers that the newest flight is the one that holds the lock.
func (l *laneLock) takeOff() error {
	second := syscall.Flock_t{Type: syscall.F_UNLCK, Whence: io.SeekStart, Start: airborneByte, Len: 1}
	return syscall.FcntlFlock(l.file.Fd(), syscall.F_SETLK, &second)
}

// is reports whether a file is that of the lock. It opens nothing: to close it would
// drop the lock.
func (l *laneLock) is(there fs.FileInfo) bool {
	ours, err := l.file.Stat()
	return err != nil || os.SameFile(ours, there)
}

// isTrusted reports whether a file belongs to root or to this process's user.
func isTrusted(info fs.FileInfo) bool {
	owner := info.Sys().(*syscall.Stat_t).Uid
	return owner == 0 || int(owner) == os.Geteuid()
}

// Close gives the lock back.
func (l *laneLock) Close() error { return l.file.Close() }

// lockState asks with F_GETLK what other processes hold of a lock. It needs no
// permission but to read the file, and changes nothing.
func lockState(name string) laneState {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // should it be a FIFO, nobody writes to it
	if err != nil {
		return laneFree
	}
	defer f.Close()
	held, err := isWriteLocked(f, 0)
	if err != nil {
		return laneUntold
	}
	if !held {
		return laneFree
	}
	if preparing, _ := isWriteLocked(f, airborneByte); preparing {
		return laneHeld
	}
	return laneAirborne
}

// isWriteLocked reports whether another process has a byte of a file locked for writing.
// It asks for the lock of a reader, which another reader's doesn't conflict with: who may
// only read the file can't pass for its recorder.
func isWriteLocked(f *os.File, at int64) (bool, error) {
	ask := syscall.Flock_t{Type: syscall.F_RDLCK, Whence: io.SeekStart, Start: at, Len: 1}
	err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &ask)
	return ask.Type != syscall.F_UNLCK, err
}
