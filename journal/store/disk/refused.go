package disk

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// RefusedError says that a file system refuses what a journal can't do without, as some
// network file systems and some in user space do.
type RefusedError struct {
	FS        string // the file system's type, as /proc/mounts has it; "" where not known
	Operation string // what it refuses: "to lock files"
	Err       error  // how it does
}

// Error names the file system and the operation.
func (e *RefusedError) Error() string {
	name := "the file system"
	if e.FS != "" {
		name += " (" + e.FS + ")"
	}
	return fmt.Sprintf("%s refuses %s: %v", name, e.Operation, e.Err)
}

// Unwrap returns the system call's error.
func (e *RefusedError) Unwrap() error { return e.Err }

// Refused returns the error of an operation in dir as a RefusedError if it means that the
// file system doesn't have the operation; other errors, and nil, as they are.
func Refused(dir, operation string, err error) error {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return err
	}
	if number != syscall.EINVAL && number != syscall.ENOLCK && !errors.Is(number, errors.ErrUnsupported) {
		return err
	}
	return &RefusedError{Type(dir), operation, number}
}

// syncedDir is a folder that was opened for syncing.
type syncedDir struct {
	vfs.File
	name string
}

// Sync syncs the folder: the names in it survive a power cut.
func (d syncedDir) Sync() error { return Refused(d.name, "to sync folders", d.File.Sync()) }
