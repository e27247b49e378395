//go:build unix

package disk

import (
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// narrow takes from a new file the permissions that a store doesn't mean to give,
// if the umask leaves them: nobody but its owner writes to it.
func narrow(f vfs.File) error {
	if f.Fd() == vfs.InvalidFd {
		return nil // in memory
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&0o022 == 0 {
		return err
	}
	return syscall.Fchmod(int(f.Fd()), uint32(info.Mode().Perm()&^0o022))
}
