//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// parseStat reads a block device's counters, in the layout of
// /sys/block/DEVICE/stat. A kernel older than 5.5 counts no flushes: an error.
func parseStat(text string) (Counts, error) {
	const (
		writes   = 4  // write requests completed
		sectors  = 6  // sectors written, of 512 bytes whatever the device's block
		flushes  = 15 // flush requests completed
		sizeUnit = 512
	)
	fields := strings.Fields(text)
	if len(fields) <= flushes {
		return Counts{}, fmt.Errorf("device counters %q: no count of flushes", strings.TrimSpace(text))
	}
	var c Counts
	for _, f := range []struct {
		field int
		to    *int64
	}{{writes, &c.Writes}, {sectors, &c.Bytes}, {flushes, &c.Flushes}} {
		n, err := strconv.ParseInt(fields[f.field], 10, 64)
		if err != nil {
			return Counts{}, fmt.Errorf("device counters: field %d: %w", f.field+1, err)
		}
		*f.to = n
	}
	c.Bytes *= sizeUnit
	return c, nil
}

// A usage is what a process has used of the processor since it began.
type usage struct {
	CPU                    time.Duration
	Voluntary, Involuntary int64 // context switches
	Slices                 int64 // times that a thread of it was given a processor
}

func (u usage) add(v usage) usage {
	return usage{u.CPU + v.CPU, u.Voluntary + v.Voluntary, u.Involuntary + v.Involuntary, u.Slices + v.Slices}
}

func (u usage) sub(v usage) usage {
	return usage{u.CPU - v.CPU, u.Voluntary - v.Voluntary, u.Involuntary - v.Involuntary, u.Slices - v.Slices}
}

// usageOf adds up the threads of a process. The scheduler's own clock is used,
// since the tick that utime and stime count is longer than a heartbeat takes.
func usageOf(pid int) (usage, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(tasks) == 0 {
		return usage{}, fmt.Errorf("process %d: no longer there", pid)
	}
	var sum usage
	for _, task := range tasks {
		schedstat, err := os.ReadFile(task + "/schedstat")
		if err != nil {
			return usage{}, err
		}
		var ran, waited, slices int64
		if _, err := fmt.Sscan(string(schedstat), &ran, &waited, &slices); err != nil {
			return usage{}, fmt.Errorf("%s/schedstat: %w", task, err)
		}
		status, err := os.ReadFile(task + "/status")
		if err != nil {
			return usage{}, err
		}
		sum.CPU += time.Duration(ran)
		sum.Slices += slices
		sum.Voluntary += labelled(string(status), "voluntary_ctxt_switches:")
		sum.Involuntary += labelled(string(status), "nonvoluntary_ctxt_switches:")
	}
	return sum, nil
}

// memoryOf returns a process's resident memory in bytes, and how much of it is
// anonymous, which no file backs.
func memoryOf(pid int) (rss, anonymous int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, 0, err
	}
	return labelled(string(text), "Rss:") << 10, labelled(string(text), "Anonymous:") << 10, nil
}

// labelled returns the number that follows label at the beginning of a line, 0
// where there is none.
func labelled(text, label string) int64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, label); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				n, _ := strconv.ParseInt(fields[0], 10, 64)
				return n
			}
		}
	}
	return 0
}
