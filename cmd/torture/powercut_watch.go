//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"flightrec/cmd/torture/blocklog"

	"golang.org/x/sys/unix"
)

// watch notes when files come, go and change their names below a folder: that is
// when logs rotate and tables are written. It leaves no trace on the disk: an
// access time would be a write of its own.
type watch struct {
	inotify *os.File
	folders map[int32]string // by watch descriptor
	done    sync.WaitGroup
	changes []int64 // by blocklog.Now
}

const (
	comings = unix.IN_CREATE | unix.IN_MOVED_TO
	goings  = unix.IN_DELETE | unix.IN_MOVED_FROM
)

func startWatch(dir string) (*watch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", dir, err)
	}
	w := &watch{inotify: os.NewFile(uintptr(fd), "inotify"), folders: map[int32]string{}}
	if err := w.add(dir); err != nil {
		w.inotify.Close()
		return nil, err
	}
	w.done.Go(w.run)
	return w, nil
}

// stop ends the watch and returns the instants of the changes, in order.
func (w *watch) stop() []int64 {
	w.inotify.Close()
	w.done.Wait()
	return w.changes
}

// add watches dir and the folders below it.
func (w *watch) add(dir string) error {
	raw, err := w.inotify.SyscallConn()
	if err != nil {
		return fmt.Errorf("watching %s: %w", dir, err)
	}
	var wd int
	var failed error
	err = raw.Control(func(fd uintptr) {
		wd, failed = unix.InotifyAddWatch(int(fd), dir, comings|goings)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("watching %s: %w", dir, err)
	}
	w.folders[int32(wd)] = dir
	// Folders that came before the watch are found here, later ones by their events.
	for _, sub := range subfolders(dir) {
		_ = w.add(sub) // one that has gone away meanwhile is no loss
	}
	return nil
}

func subfolders(dir string) []string {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_NOATIME, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(-1)
	var subs []string
	for _, e := range entries {
		if e.IsDir() {
			subs = append(subs, filepath.Join(dir, e.Name()))
		}
	}
	return subs
}

func (w *watch) run() {
	buf := make([]byte, 64<<10)
	for {
		n, err := w.inotify.Read(buf)
		if err != nil {
			return
		}
		now := blocklog.Now()
		for b := buf[:n]; len(b) >= unix.SizeofInotifyEvent; {
			b = w.event(b)
			w.changes = append(w.changes, now)
		}
	}
}

// event takes one event off b and returns the rest. A new folder is watched too.
func (w *watch) event(b []byte) []byte {
	wd, mask := int32(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint32(b[4:])
	end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(b[12:]))
	name := strings.TrimRight(string(b[unix.SizeofInotifyEvent:end]), "\x00")
	if mask&unix.IN_ISDIR != 0 && mask&comings != 0 {
		_ = w.add(filepath.Join(w.folders[wd], name))
	}
	return b[end:]
}
