package blackbox

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// deviceOf returns the number of the device that a folder is on, as sysfs spells it; empty
// where there is none.
func deviceOf(dir string) string {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil || unix.Major(uint64(st.Dev)) == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%d", unix.Major(uint64(st.Dev)), unix.Minor(uint64(st.Dev)))
}

// spaceOf returns how much room a folder's file system has for an ordinary user, in MiB,
// and 1 if it is mounted read-only.
func spaceOf(dir string) (free, readOnly int64, ok bool) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, false
	}
	if st.Flags&unix.ST_RDONLY != 0 {
		readOnly = 1
	}
	return int64(st.Bavail * uint64(st.Bsize) >> 20), readOnly, true
}
