package disk

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/moby/sys/mountinfo"
)

// minCommit is from how many seconds between commits of ext4's journal on (mount
// option commit=) overwriting is cheaper than appending.
const minCommit = 30

// prewrites reports whether a log in dir is best written with zeros beforehand, so
// that a heartbeat overwrites instead of appending and the file's size stays.
//
// That was measured, with heartbeats each 10 s and each 30 s (cmd/bench flash): an
// append makes ext4 commit its journal each time, 17.4 and 18.4 KB at the device.
// An overwrite costs the same by default, and one flush more, since ext4 commits
// every 5 s of its own accord; but where it commits rarely, with commit=60, it
// costs 6.3 and 8.5 KB.
//
// On XFS an overwrite costs 4.4 to 9.9 KB instead of 10.6 at 10 s, and 1.7 flushes
// instead of two. But at 30 s, which is what most will have, XFS finds its log idle
// each time and writes it out of its own accord: 21.2 KB either way, and up to three
// flushes instead of two. So logs there are appended to.
//
// File systems that never overwrite in place gain nothing.
func prewrites(dir string) bool {
	mount := mountOf(dir)
	return mount != nil && overwritesCheaply(mount.FSType, mount.VFSOptions)
}

// mountOf returns the mount that dir lies on, nil if that can't be told.
func mountOf(dir string) *mountinfo.Info {
	path, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil
	}
	mounts, err := mountinfo.GetMounts(mountinfo.ParentsFilter(path))
	if err != nil || len(mounts) == 0 {
		return nil
	}
	mount := mounts[0]
	for _, m := range mounts {
		if len(m.Mountpoint) >= len(mount.Mountpoint) { // the last of those mounted over each other is seen
			mount = m
		}
	}
	return mount
}

// overwritesCheaply decides by the type of a file system and its options, as
// proc(5) has them in mountinfo.
func overwritesCheaply(fsType, options string) bool {
	if fsType != "ext4" {
		return false
	}
	for option := range strings.SplitSeq(options, ",") {
		if s, ok := strings.CutPrefix(option, "commit="); ok {
			seconds, err := strconv.Atoi(s)
			return err == nil && seconds >= minCommit
		}
	}
	return false
}
