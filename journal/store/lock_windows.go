package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// errSharing is ERROR_SHARING_VIOLATION: somebody has the file open and shares it
// with nobody, which is how Pebble locks on Windows.
const errSharing = syscall.Errno(32)

// laneLock is a lock that this process holds.
type laneLock struct{ io.Closer }

// lockLane takes the lock, or returns errHeld if somebody has it.
func lockLane(name string) (*laneLock, error) {
	lock, err := vfs.Default.Lock(name)
	if errors.Is(err, errSharing) {
		return nil, errHeld
	}
	return &laneLock{lock}, err
}

// takeOff does nothing: a lock that is held counts as airborne.
func (l *laneLock) takeOff() error { return nil }

// is reports whether a file is that of the lock: nobody can remove it as long as it
// is open.
func (l *laneLock) is(fs.FileInfo) bool { return true }

// isTrusted reports whether a file belongs to somebody trusted, which isn't asked
// here: links take a privilege to make.
func isTrusted(fs.FileInfo) bool { return true }

// lockState asks whether another process holds the lock.
func lockState(name string) laneState {
	f, err := os.Open(name)
	if errors.Is(err, errSharing) {
		return laneAirborne
	}
	if err == nil {
		f.Close()
	}
	return laneFree
}
