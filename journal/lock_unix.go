//go:build unix

package journal

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// isHeld reports whether taking a lock failed because somebody holds it: Pebble
// passes on fcntl's bare error then (EAGAIN or EACCES, by POSIX), and a path's
// error if it can't even open the file.
func isHeld(err error) bool {
	var path *fs.PathError
	return !errors.As(err, &path)
}

// isLocked asks with F_GETLK whether another process holds the record lock.
func isLocked(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	ask := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &ask); err != nil {
		return false
	}
	return ask.Type != syscall.F_UNLCK
}
