package journal

import (
	"errors"
	"os"
	"syscall"
)

// errSharing is ERROR_SHARING_VIOLATION: somebody has the file open and shares it
// with nobody, which is how Pebble locks on Windows.
const errSharing = syscall.Errno(32)

// isHeld reports whether taking a lock failed because somebody holds it.
func isHeld(err error) bool {
	return errors.Is(err, errSharing) || err.Error() == "lock held by current process"
}

// isLocked reports whether another process holds the lock.
func isLocked(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return errors.Is(err, errSharing)
	}
	f.Close()
	return false
}
