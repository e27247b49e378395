package disk

import (
	"os"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// InMemory returns the type of the file system that dir lies on if nothing in it
// survives a reboot: "tmpfs", "ramfs", or "overlay" where its upper layer is in memory;
// else "".
func InMemory(dir string) string {
	mount := mountOf(dir)
	if mount == nil {
		return ""
	}
	cmdline, _ := os.ReadFile("/proc/cmdline")
	if inMemory(mount, string(cmdline), typeAt) {
		return mount.FSType
	}
	return ""
}

// inMemory reports whether a mount is in memory. The upper layer of an overlay that an
// initramfs mounted is out of sight later, and then the kernel's command line tells, as
// raspi-config ("boot=overlay") and Ubuntu's overlayroot ("overlayroot=tmpfs") write it.
func inMemory(m *mountinfo.Info, cmdline string, typeAt func(path string) int64) bool {
	switch m.FSType {
	case "tmpfs", "ramfs":
		return true
	case "overlay":
		for option := range strings.SplitSeq(m.VFSOptions, ",") {
			if upper, ok := strings.CutPrefix(option, "upperdir="); ok {
				switch typeAt(upper) {
				case unix.TMPFS_MAGIC, unix.RAMFS_MAGIC:
					return true
				case 0:
					return strings.Contains(cmdline, "boot=overlay") || strings.Contains(cmdline, "overlayroot=tmpfs")
				}
			}
		}
	}
	return false
}

// typeAt returns the type of the file system that path lies on, as statfs(2) has it; 0
// where there is no such path.
func typeAt(path string) int64 {
	var fs unix.Statfs_t
	if unix.Statfs(path, &fs) != nil {
		return 0
	}
	return int64(fs.Type) & 0xffffffff
}
