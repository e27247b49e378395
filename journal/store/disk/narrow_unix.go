//go:build unix

package disk

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// narrow takes from a new file the permission to write for all but its owner, if the
// umask leaves it.
func narrow(f vfs.File) error {
	if f.Fd() == vfs.InvalidFd {
		return nil // in memory
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&0o022 == 0 {
		return err
	}
	err = syscall.Fchmod(int(f.Fd()), uint32(info.Mode().Perm()&^0o022))
	if errors.Is(err, syscall.EPERM) {
		return nil // the file is ours: the file system (vfat) has no permissions, its mount does
	}
	return err
}

// GiveToOwner gives a new file or folder to the owner of the folder that it is in, if this
// process is root and the owner isn't: so the owner can go on with a journal that root
// recorded into.
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
	// On file systems without owners (vfat) all belongs to whom the mount names.
	if info, err = os.Lstat(name); err != nil || info.Sys().(*syscall.Stat_t).Uid == owner.Uid {
		return err
	}
	return os.Lchown(name, int(owner.Uid), int(owner.Gid))
}
