//go:build linux

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

const (
	beatCommand = "beat"
	beatSize    = 64 // bytes that our own contenders write each time
)

// A sink is where one of our own contenders puts its heartbeats. Beat returns
// once the heartbeat would survive a power cut.
type sink interface {
	beat(record []byte) error
	io.Closer
}

// sinks are the contenders that are part of the bench.
var sinks = map[string]func(dir string) (sink, error){
	"floor":     openAppend,
	"overwrite": openOverwrite,
	"pebble":    openPebble,
}

// beat is a process of its own, so that its processor time and memory are its
// own: it writes a heartbeat at once and then each interval, and says each on
// stdout with a line. args are the store, its directory and the interval.
func beat(ctx context.Context, args []string, stdout io.Writer) (err error) {
	if len(args) != 3 || sinks[args[0]] == nil {
		return errUsage
	}
	interval, err := time.ParseDuration(args[2])
	if err != nil {
		return err
	}
	s, err := sinks[args[0]](args[1])
	if err != nil {
		return fmt.Errorf("opening %s: %w", args[0], err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	record := make([]byte, beatSize)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		binary.BigEndian.PutUint64(record, uint64(time.Now().UnixNano()))
		if err := s.beat(record); err != nil {
			return err
		}
		fmt.Fprintln(stdout, beatCommand)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// A file is the least that any recorder could do.
type file struct {
	*os.File
	size   int64 // of what it holds
	append bool  // else each heartbeat takes the place of the one before
}

func openAppend(dir string) (sink, error) {
	f, err := os.Create(filepath.Join(dir, "append"))
	return &file{File: f, append: true}, err
}

// openOverwrite writes the one block beforehand, so that no heartbeat changes
// where the file's blocks are, nor its size.
func openOverwrite(dir string) (sink, error) {
	f, err := os.Create(filepath.Join(dir, "overwrite"))
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		return nil, err
	}
	return &file{File: f}, f.Sync()
}

func (f *file) beat(record []byte) error {
	if _, err := f.WriteAt(record, f.size); err != nil {
		return err
	}
	if f.append {
		f.size += int64(len(record))
	}
	return syscall.Fdatasync(int(f.Fd()))
}

// A plain store is Pebble as it comes, with one key to merge into.
type plain struct{ *pebble.DB }

func openPebble(dir string) (sink, error) {
	db, err := pebble.Open(filepath.Join(dir, "pebble"), &pebble.Options{Logger: silent{}})
	return plain{db}, err
}

func (p plain) beat(record []byte) error {
	return p.Merge([]byte("twenty bytes of key."), record, pebble.Sync)
}

// silent keeps Pebble from writing lines that nobody reads.
type silent struct{}

func (silent) Infof(string, ...any)              {}
func (silent) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
func (silent) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
