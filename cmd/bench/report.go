//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A reading is what it takes to read a journal once.
type reading struct {
	Flights int     `json:"flights"`
	Command string  `json:"command"`
	Run     int     `json:"run"`
	Wall    float64 `json:"wall_seconds"`
	User    float64 `json:"user_seconds"`
	System  float64 `json:"system_seconds"`
	Peak    int64   `json:"peak_bytes"` // of resident memory
	Disk    int64   `json:"disk_bytes"` // of the journal, or of the original's database
}

// readers are the commands that are measured.
var readers = []string{"report", "report --json", "report --since 30d", "dump --json"}

// A survey is what report was asked to do.
type survey struct {
	recorder string
	flights  []int
	runs     int
	out      string
	stderr   io.Writer
}

// report measures what it takes to read a journal of many flights.
func report(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s := survey{stderr: stderr}
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	flights := flags.String("flights", "300,3650,36500,1000000", "how many flights the synthetic journals have")
	flags.StringVar(&s.recorder, "recorder", "", "the built flightrec")
	flags.IntVar(&s.runs, "runs", 5, "how often each journal is read")
	flags.StringVar(&s.out, "o", "", "write the results to this file, for table")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if err := present(s.recorder); err != nil {
		return err
	}
	for text := range strings.SplitSeq(*flights, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("flights %q: not a number above 0", text)
		}
		s.flights = append(s.flights, n)
	}
	result := newResult(append([]string{"report"}, args...)...)
	var err error
	if result.Recorder, err = version(ctx, s.recorder); err != nil {
		return err
	}
	for _, n := range s.flights {
		readings, err := s.journal(ctx, n)
		if err != nil {
			return fmt.Errorf("journal of %d flights: %w", n, err)
		}
		result.Readings = append(result.Readings, readings...)
	}
	if err := result.save(s.out); err != nil {
		return err
	}
	return writeTables(stdout, []*Result{result})
}

// journal writes a journal of n flights and measures how it is read, with the
// original's database of the same flights beside it.
func (s *survey) journal(ctx context.Context, n int) (readings []reading, err error) {
	dir, err := os.MkdirTemp(memory(), "flightrec-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	journal, database := filepath.Join(dir, "journal"), filepath.Join(dir, "flight.db")
	if err := synthesize(ctx, journal, database, n); err != nil {
		return nil, fmt.Errorf("writing it: %w", err)
	}
	fmt.Fprintf(s.stderr, "%d flights written in %v\n", n, time.Since(began).Round(time.Millisecond))

	peer := peerCommand(database, s.stderr)
	for run := range s.runs {
		for _, command := range readers {
			args := append(append([]string{s.recorder}, strings.Fields(command)...), "-d", journal)
			r, err := read(ctx, args, journal)
			if err != nil {
				return nil, err
			}
			r.Flights, r.Command, r.Run = n, command, run+1
			readings = append(readings, r)
		}
		if peer == nil {
			continue
		}
		r, err := read(ctx, peer, database)
		if err != nil {
			return nil, err
		}
		r.Flights, r.Command, r.Run = n, filepath.Base(peer[0]), run+1
		readings = append(readings, r)
	}
	return readings, nil
}

// memory returns a folder of a file system in memory, where there is one: a synced
// append costs little there. Reading a journal costs the same, since what was just
// written, or read once, is in memory anyway.
func memory() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return "" // $TMPDIR
}

// synthesize writes a journal and, where there is sqlite3, the original's database
// of the same flights.
func synthesize(ctx context.Context, journal, database string, n int) (err error) {
	write := exec.CommandContext(ctx, "/proc/self/exe", synthCommand, journal, strconv.Itoa(n))
	var complaint bytes.Buffer
	write.Stderr = &complaint
	if installed("sqlite3") {
		load := exec.CommandContext(ctx, "sqlite3", "-batch", "-bail", database)
		if write.Stdout, err = load.StdinPipe(); err != nil {
			return err
		}
		if err := load.Start(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, load.Wait()) }()
		defer write.Stdout.(io.Closer).Close()
	}
	if err := write.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, complaint.Bytes())
	}
	return nil
}

// read runs a command that reads what is at path, and throws away what it prints.
func read(ctx context.Context, args []string, path string) (reading, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		return reading{}, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, complaint.Bytes())
	}
	_, disk, err := usedBy(path)
	used := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return reading{
		Wall: took.Seconds(), User: cmd.ProcessState.UserTime().Seconds(), System: cmd.ProcessState.SystemTime().Seconds(),
		Peak: used.Maxrss << 10, Disk: disk,
	}, err
}
