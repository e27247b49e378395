package blocklog

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Loop is a loop device over a file. It goes away when it is closed and nothing is
// mounted from it, however that comes about.
type Loop struct {
	Path string // "/dev/loop7"
	dev  *os.File
}

// AttachLoop makes a loop device over the file called name.
func AttachLoop(name string) (*Loop, error) {
	backing, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("attaching loop device: %w", err)
	}
	defer backing.Close()
	ctl, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("attaching loop device: %w", err)
	}
	defer ctl.Close()
	for range 100 {
		l, err := attachFree(ctl, backing)
		if !errors.Is(err, unix.EBUSY) {
			return l, err
		}
		// Somebody else took the free device first.
		time.Sleep(10 * time.Millisecond)
	}
	return nil, fmt.Errorf("attaching loop device to %s: %w", name, unix.EBUSY)
}

func attachFree(ctl, backing *os.File) (*Loop, error) {
	n, err := unix.IoctlRetInt(int(ctl.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		return nil, fmt.Errorf("finding a free loop device: %w", err)
	}
	path := fmt.Sprintf("/dev/loop%d", n)
	dev, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("opening loop device: %w", err)
	}
	config := unix.LoopConfig{Fd: uint32(backing.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
	if err := unix.IoctlLoopConfigure(int(dev.Fd()), &config); err != nil {
		dev.Close()
		return nil, fmt.Errorf("attaching %s to %s: %w", path, backing.Name(), err)
	}
	return &Loop{path, dev}, nil
}

// Mount mounts the device's file system, of the type fstype, at dir, with options
// as mount(8) takes them.
func (l *Loop) Mount(dir, fstype, data string) error {
	if fstype == "xfs" {
		data = strings.TrimPrefix(data+",nouuid", ",") // a disk and its rebuilt likes have one UUID
	}
	if err := unix.Mount(l.Path, dir, fstype, 0, data); err != nil {
		return fmt.Errorf("mounting %s (%s) at %s: %w", l.Path, fstype, dir, err)
	}
	return nil
}

// Unmount takes away what is mounted at dir.
func Unmount(dir string) error {
	var err error
	for range 500 {
		if err = unix.Unmount(dir, 0); !errors.Is(err, unix.EBUSY) {
			break
		}
		// A killed process's last descriptors close in their own time.
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("unmounting %s: %w", dir, err)
	}
	return nil
}

// Close gives the device back.
func (l *Loop) Close() error { return l.dev.Close() }
