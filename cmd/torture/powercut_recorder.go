//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"flightrec/cmd/torture/blocklog"
)

// recorder is a program that is used as flightrec is: `record -d DIR -i SECONDS`
// logs a line for each heartbeat that is safe, `dump --json -d DIR` gives one
// flight a line.
type recorder struct {
	name     string
	interval time.Duration
	lands    bool // asked to end, it records that it did
	command  func(ctx context.Context, args ...string) *exec.Cmd
}

// program returns the recorder whose binary is path.
func program(path string, interval time.Duration) recorder {
	return recorder{filepath.Base(path), interval, true, func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, path, args...)
		ownGroup(cmd)
		return cmd
	}}
}

// ownRole returns the recorder that torture plays itself.
func ownRole(role string, interval time.Duration) recorder {
	return recorder{role, interval, false, func(ctx context.Context, args ...string) *exec.Cmd {
		return self(ctx, role, args...)
	}}
}

// ack is a heartbeat that a recorder has called safe.
type ack struct {
	pid     int           // the recorder's process, which tells its flights
	elapsed time.Duration // since takeoff
	landing bool          // it is the landing
	at      int64         // when the line that says so had been read, by blocklog.Now
}

var heartbeatLine = regexp.MustCompile(`\bheartbeat\b.*\belapsed_ns=(\d+)`)

// acknowledged reports whether a line of a recorder's log says that a heartbeat is
// safe, and which one.
func acknowledged(line string) (elapsed time.Duration, ok bool) {
	m := heartbeatLine.FindStringSubmatch(line)
	if m == nil {
		return 0, false
	}
	ns, err := strconv.ParseInt(m[1], 10, 64)
	return time.Duration(ns), err == nil
}

// rounding is how much less a recorder may have kept of a heartbeat's elapsed than
// it acknowledged: SQLite's are floating-point seconds.
const rounding = time.Microsecond

// boot is one life of the recorder within a session.
type boot struct {
	lasts time.Duration
	ends  syscall.Signal
}

// fly runs the recorder on the journal for one boot and returns what it
// acknowledged. A recorder that ends by itself is an error.
func (r recorder) fly(ctx context.Context, journal string, b boot) ([]ack, error) {
	seconds := strconv.FormatFloat(r.interval.Seconds(), 'f', -1, 64)
	cmd := r.command(ctx, "record", "-d", journal, "-i", seconds, "-v", "debug")
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", r.name, err)
	}
	defer pr.Close()
	cmd.Stdout, cmd.Stderr = pw, pw
	err = cmd.Start()
	pw.Close()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", r.name, err)
	}
	landing := time.AfterFunc(b.lasts, func() { end(cmd.Process.Pid, b.ends) })
	acks, last := readAcks(pr, cmd.Process.Pid)
	early := landing.Stop()
	err = cmd.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if early {
		return nil, fmt.Errorf("%s ended by itself: %w: %q", r.name, err, last)
	}
	if n := len(acks); r.lands && b.ends == land && err == nil && n > 0 {
		acks = append(acks, ack{cmd.Process.Pid, acks[n-1].elapsed, true, blocklog.Now()})
	}
	return acks, nil
}

// end kills a recorder and whatever it started, or asks it to land.
func end(pid int, with syscall.Signal) {
	if with == syscall.SIGKILL {
		pid = -pid
	}
	syscall.Kill(pid, with) // one that is gone already shows by its exit
}

// readAcks reads a recorder's log to its end. It returns the acknowledgements and
// the last line.
func readAcks(log io.Reader, pid int) (acks []ack, last string) {
	for lines := bufio.NewScanner(log); lines.Scan(); {
		last = lines.Text()
		if elapsed, ok := acknowledged(last); ok {
			acks = append(acks, ack{pid, elapsed, false, blocklog.Now()})
		}
	}
	return acks, last
}

// found is what a dump tells of one process's flights.
type found struct {
	elapsed time.Duration // of the last heartbeat
	landed  bool
	beats   int // how many heartbeats, math.MaxInt if the recorder keeps no count
}

// dump reads the journal. What could be read is returned also with an error.
func (r recorder) dump(ctx context.Context, journal string) (map[int]found, error) {
	out, err := r.read(ctx, "dump", "--json", "-d", journal)
	flights, bad := readDump(bytes.NewReader(out))
	return flights, errors.Join(err, bad)
}

// complaints asks the program's other readers for the journal as well. Who was cut off
// has lost nothing, so none of them may have anything to complain of.
func (r recorder) complaints(ctx context.Context, journal string) (err error) {
	if !r.lands { // not flightrec
		return nil
	}
	for _, command := range []string{"report", "verify"} {
		_, bad := r.read(ctx, command, "-d", journal)
		err = errors.Join(err, bad)
	}
	return err
}

// read runs the program, and takes a word on stderr for as bad as its exit code.
func (r recorder) read(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		return stdout.Bytes(), fmt.Errorf("%s %s: %v: %q", r.name, args[0], err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.Bytes(), nil
}

// dumped is what matters here of a line of a dump.
type dumped struct {
	PID     int       `json:"pid"`
	Beats   *int      `json:"beats"`
	Legs    []dumpLeg `json:"legs"`
	Landing *struct{} `json:"landing"`
}

type dumpLeg struct {
	Last struct {
		Elapsed time.Duration `json:"elapsed_ns"`
	} `json:"last"`
}

func readDump(r io.Reader) (map[int]found, error) {
	flights := map[int]found{}
	for d := json.NewDecoder(r); ; {
		var line dumped
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return flights, nil
		} else if err != nil {
			return flights, fmt.Errorf("reading dump: %w", err)
		}
		f := flights[line.PID] // a flight that continues another has its process
		f.landed = line.Landing != nil
		for _, leg := range line.Legs {
			f.elapsed = max(f.elapsed, leg.Last.Elapsed)
		}
		if line.Beats == nil {
			f.beats = math.MaxInt
		} else {
			f.beats += *line.Beats
		}
		flights[line.PID] = f
	}
}
