//go:build unix

package disk

import (
	"os"
	"path/filepath"
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

// GiveToOwner gives a new file or folder to the owner of the folder that it is in, if
// that isn't root but this process is: who records as root in somebody's journal leaves
// nothing that its owner can't go on with.
func GiveToOwner(name string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(filepath.Dir(name))
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	if owner.Uid == 0 {
		return nil
	}
	return os.Lchown(name, int(owner.Uid), int(owner.Gid))
}
