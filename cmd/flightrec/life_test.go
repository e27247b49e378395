//go:build linux

package main

import (
	"errors"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"flightrec/journal/store"

	"golang.org/x/sys/unix"
)

// A life's journal stays within these bounds. Its tables grow by a few hundred
// bytes a flight; logs and small tables are merged before they are many.
const (
	maxLifeBytes  = 6 << 20
	maxLifeFiles  = 40
	maxLifeOpened = 40
)

// TestLife has the real recorder write years of a machine's life into a real
// journal, and checks the report against the script of that life. One boot in
// thirty is recorded with the interval auto, the others with one of ten minutes,
// which spares the test most of the ten million heartbeats.
func TestLife(t *testing.T) {
	days := 365
	switch {
	case *long:
		days = 3652
	case testing.Short():
		days = 100 // until summer time has come
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	script := newLife(rand.New(rand.NewPCG(seed, 0)), berlin(t), days)
	dir := inMemory(t)
	ends := make([]time.Duration, len(script.chapters))
	var beats, files int
	var bytes int64
	for i := range script.chapters {
		var n int
		n, ends[i] = script.chapters[i].fly(t, dir)
		if t.Failed() {
			t.FailNow()
		}
		beats += n
		size, count := sizeOf(t, dir)
		bytes, files = max(bytes, size), max(files, count)
	}
	opened := openedAtStart(t, dir)
	t.Logf("%d days: %d boots, %d of them offline, %d crashes, %d shutdowns, %d stopped, %d lies of the clock, %d leap seconds, %d heartbeats; never more than %d bytes in %d files, %d opened at the next start",
		days, len(script.chapters), script.offline, script.counts[crashes], script.counts[shutsDown], script.counts[stops], script.lies, script.leaps, beats, bytes, files, opened)
	if bytes > maxLifeBytes || files > maxLifeFiles || opened > maxLifeOpened {
		t.Errorf("the journal takes %d bytes in %d files, and its start opens %d; the bounds are %d, %d and %d", bytes, files, opened, maxLifeBytes, maxLifeFiles, maxLifeOpened)
	}
	script.check(t, dir, ends)
}

// inMemory returns a folder for a journal that is written to a million times.
func inMemory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "flightrec-life-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// sizeOf returns what a folder takes on disk, and in how many files.
func sizeOf(t *testing.T, dir string) (bytes int64, files int) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		bytes += max(info.Size(), info.Sys().(*syscall.Stat_t).Blocks*512)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes, files
}

// openedAtStart returns how many times a recorder that starts opens a file of the
// journal's lane.
func openedAtStart(t *testing.T, dir string) int {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if _, err := unix.InotifyAddWatch(fd, filepath.Join(dir, "lane-0"), unix.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	j, err := store.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	opened := 0
	buf := make([]byte, 64<<10)
	for {
		n, err := unix.Read(fd, buf)
		if errors.Is(err, unix.EAGAIN) {
			return opened
		}
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < n; opened++ {
			name := at + unix.SizeofInotifyEvent
			at = name + int(buf[name-4]) // the name's length, padded, is the event's last field
		}
	}
}
