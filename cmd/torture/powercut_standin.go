//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// standIn is the simplest recorder that can be right: it proves the rig. With sync
// it loses nothing; without, the rig must catch it.
type standIn struct{ sync bool }

// recordArgs are the flags that the stand-ins share with flightrec.
type recordArgs struct {
	journal  string
	interval time.Duration
}

func parseRecordArgs(args []string) (recordArgs, error) {
	var a recordArgs
	f := flag.NewFlagSet("recorder", flag.ContinueOnError)
	f.StringVar(&a.journal, "d", "", "the journal's folder")
	seconds := f.Float64("i", 1, "seconds between heartbeats")
	f.String("v", "", "taken, and without effect")
	f.Bool("json", true, "taken, and without effect")
	err := f.Parse(args)
	a.interval = time.Duration(*seconds * float64(time.Second))
	return a, err
}

// run is the stand-in's role: `record` or `dump`, as flightrec's.
func (s standIn) run(ctx context.Context, args []string, _ io.Reader, stdout io.Writer) error {
	if len(args) == 0 {
		return errors.New("stand-in: wants record or dump")
	}
	a, err := parseRecordArgs(args[1:])
	if err != nil {
		return err
	}
	if args[0] == "dump" {
		return dumpRecords(filepath.Join(a.journal, "records"), stdout)
	}
	return s.record(ctx, a, stdout)
}

// A record is 64 bytes, little-endian; a checksum tells a torn one.
//
//	+-----+--------+---------+-------+-------+
//	| pid | number | elapsed | zeros | crc32 |
//	|  8  |   8    |    8    |  36   |   4   |
//	+-----+--------+---------+-------+-------+
const recordSize = 64

func putRecord(pid, number int, elapsed time.Duration) []byte {
	b := make([]byte, recordSize)
	binary.LittleEndian.PutUint64(b, uint64(pid))
	binary.LittleEndian.PutUint64(b[8:], uint64(number))
	binary.LittleEndian.PutUint64(b[16:], uint64(elapsed))
	binary.LittleEndian.PutUint32(b[60:], crc32.ChecksumIEEE(b[:60]))
	return b
}

// whole returns the records of b before the first that isn't whole.
func whole(b []byte) []byte {
	n := 0
	for len(b)-n >= recordSize {
		r := b[n : n+recordSize]
		if bytes.Equal(r[:16], make([]byte, 16)) || crc32.ChecksumIEEE(r[:60]) != binary.LittleEndian.Uint32(r[60:]) {
			break
		}
		n += recordSize
	}
	return b[:n]
}

func (s standIn) record(ctx context.Context, a recordArgs, stdout io.Writer) error {
	f, err := s.open(a.journal)
	if err != nil {
		return fmt.Errorf("stand-in: %w", err)
	}
	defer f.Close()
	takeoff := time.Now()
	for n, tick := 0, time.NewTicker(a.interval); ; n++ {
		elapsed := time.Since(takeoff)
		if _, err := f.Write(putRecord(os.Getpid(), n, elapsed)); err != nil {
			return fmt.Errorf("stand-in: %w", err)
		}
		if s.sync {
			if err := unix.Fdatasync(int(f.Fd())); err != nil {
				return fmt.Errorf("stand-in: syncing: %w", err)
			}
		}
		fmt.Fprintf(stdout, "heartbeat elapsed_ns=%d\n", elapsed)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// open opens the file of records and goes to the end of the last whole one. Names
// are synced, up to the folder that holds the journal.
func (s standIn) open(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "records")
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(name)
	end := int64(len(whole(b)))
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err == nil && s.sync {
		err = errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
	}
	return f, err
}

func syncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func dumpRecords(name string, stdout io.Writer) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("stand-in: %w", err)
	}
	var flights []dumped
	for b = whole(b); len(b) > 0; b = b[recordSize:] {
		pid, elapsed := int(binary.LittleEndian.Uint64(b)), time.Duration(binary.LittleEndian.Uint64(b[16:]))
		if n := len(flights); n == 0 || flights[n-1].PID != pid {
			flights = append(flights, dumped{PID: pid, Beats: new(int), Legs: make([]dumpLeg, 1)})
		}
		f := flights[len(flights)-1]
		f.Legs[0].Last.Elapsed = elapsed
		*f.Beats++
	}
	return printDump(stdout, flights)
}

func printDump(stdout io.Writer, flights []dumped) error {
	e := json.NewEncoder(stdout)
	for _, f := range flights {
		if err := e.Encode(f); err != nil {
			return fmt.Errorf("printing dump: %w", err)
		}
	}
	return nil
}
