//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// imageSize is what XFS asks for at least, and more than any run fills.
const imageSize = 512 << 20

// A fileSystem is a kind of file system to measure on, as users would have it.
type fileSystem struct {
	name    string
	kernel  string   // its name in /proc/filesystems
	mkfs    []string // the program that makes it, without the device
	options string   // beyond the defaults
}

// What ext4 would write later, in the background, it is made to write at once:
// it would be charged to a contender.
var (
	mkfsExt4    = []string{"mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0"}
	fileSystems = []fileSystem{
		{"ext4", "ext4", mkfsExt4, ""},
		{"ext4-commit60", "ext4", mkfsExt4, "commit=60"},
		{"xfs", "xfs", []string{"mkfs.xfs", "-q", "-f"}, ""},
		{"f2fs", "f2fs", []string{"mkfs.f2fs", "-q", "-f"}, ""},
	}
)

// missing says what fs lacks on this machine, or is empty.
func (fs fileSystem) missing() string {
	kinds, _ := os.ReadFile("/proc/filesystems")
	if !strings.Contains(string(kinds), "\t"+fs.kernel+"\n") {
		return "this kernel has no " + fs.kernel
	}
	if _, err := exec.LookPath(fs.mkfs[0]); err != nil {
		return fs.mkfs[0] + " is not installed"
	}
	return ""
}

// A disk is a new file system on a loop device of its own.
type disk struct {
	dir  string // where it is mounted
	view string // the same, where reading changes nothing: not even access times
	stat string // the device's counters
}

// newDisk makes a file system and mounts it below base; u undoes it.
func newDisk(fs fileSystem, base, name string, u *undo) (*disk, error) {
	loop, err := attach(base, u)
	if err != nil {
		return nil, fmt.Errorf("attaching a loop device: %w", err)
	}
	mkfs := exec.Command(fs.mkfs[0], append(fs.mkfs[1:len(fs.mkfs):len(fs.mkfs)], loop)...)
	if out, err := mkfs.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("making %s on %s: %w: %s", fs.name, loop, err, out)
	}
	d := &disk{
		dir:  filepath.Join(base, name),
		view: filepath.Join(base, name+".view"),
		stat: "/sys/block/" + filepath.Base(loop) + "/stat",
	}
	if err := mount(loop, d.dir, fs.kernel, 0, fs.options, u); err != nil {
		return nil, err
	}
	if err := mount(d.dir, d.view, "", syscall.MS_BIND, "", u); err != nil {
		return nil, err
	}
	// The kernel takes these flags of a bind mount only in a second step.
	const quiet = syscall.MS_BIND | syscall.MS_REMOUNT | syscall.MS_RDONLY | syscall.MS_NOATIME
	if err := syscall.Mount("", d.view, "", quiet, ""); err != nil {
		return nil, fmt.Errorf("mounting %s read-only: %w", d.view, err)
	}
	return d, nil
}

func mount(source, target, kind string, flags uintptr, options string, u *undo) error {
	if err := os.Mkdir(target, 0o755); err != nil {
		return err
	}
	u.add(func() error { return os.Remove(target) })
	if err := syscall.Mount(source, target, kind, flags, options); err != nil {
		return fmt.Errorf("mounting %s on %s: %w", source, target, err)
	}
	u.add(func() error { return unmount(target) })
	return nil
}

// unmount waits a little for the last process that was ended to let go.
func unmount(target string) error {
	var err error
	for range 50 {
		if err = syscall.Unmount(target, 0); !errors.Is(err, syscall.EBUSY) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("unmounting %s: %w", target, err)
	}
	return nil
}

// attach puts a new sparse image in base behind a free loop device, and returns
// that. The image is unlinked at once, and the device clears itself when the
// last that holds it open is gone.
func attach(base string, u *undo) (string, error) {
	image, err := os.CreateTemp(base, "image")
	if err != nil {
		return "", err
	}
	defer image.Close()
	defer os.Remove(image.Name())
	if err := image.Truncate(imageSize); err != nil {
		return "", err
	}
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	// Another process may take the free device before we do.
	for range 20 {
		n, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return "", fmt.Errorf("finding a free one: %w", err)
		}
		name := fmt.Sprintf("/dev/loop%d", n)
		loop, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return "", err
		}
		config := unix.LoopConfig{Fd: uint32(image.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		err = unix.IoctlLoopConfigure(int(loop.Fd()), &config)
		if err == nil {
			u.add(loop.Close)
			return name, nil
		}
		loop.Close()
		if !errors.Is(err, unix.EBUSY) {
			return "", fmt.Errorf("configuring %s: %w", name, err)
		}
	}
	return "", unix.EBUSY
}

// sync has all that was written to d put on the device.
func (d *disk) sync() error {
	dir, err := os.Open(d.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := unix.Syncfs(int(dir.Fd())); err != nil {
		return fmt.Errorf("syncing %s: %w", d.dir, err)
	}
	return nil
}

// counts reads the device's counters.
func (d *disk) counts() (Counts, error) {
	text, err := os.ReadFile(d.stat)
	if err != nil {
		return Counts{}, err
	}
	return parseStat(string(text))
}

// settled syncs d and reads the counters.
func (d *disk) settled() (Counts, error) {
	if err := d.sync(); err != nil {
		return Counts{}, err
	}
	return d.counts()
}

// usedBy returns how many files there are below dir, and the bytes that they
// take on the device.
func usedBy(dir string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, os.ErrNotExist) {
			return nil // a compaction removed it meanwhile
		}
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			files++
		}
		bytes += info.Sys().(*syscall.Stat_t).Blocks * 512
		return nil
	})
	return files, bytes, err
}
