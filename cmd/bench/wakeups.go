//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// wakeups watches an idle recorder, second by second: what wakes it between
// heartbeats costs battery. It needs no root.
func wakeups(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("wakeups", flag.ContinueOnError)
	recorder := flags.String("recorder", "", "the built flightrec")
	window := flags.Duration("duration", time.Minute, "how long to watch, after start-up")
	interval := flags.Duration("interval", 10*time.Second, "between heartbeats")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if err := present(*recorder); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "flightrec-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := launch(ctx, "]:", func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, *recorder, "record", "-d", filepath.Join(dir, journalDir), "-i", interval.String())
	})
	if err != nil {
		return err
	}
	defer c.stop()
	if err := sleep(ctx, settling(*interval)); err != nil {
		return err
	}
	seconds, err := watchSeconds(ctx, c, *window)
	if err != nil {
		return err
	}
	rss, anonymous, err := c.memory()
	if err != nil {
		return err
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", c.cmd.Process.Pid))
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, summary(seconds, *interval))
	fmt.Fprintf(stdout, "memory: %.1f MB resident, %.1f MB of it anonymous\nthreads: %d\n",
		float64(rss)/1e6, float64(anonymous)/1e6, len(threads))
	fmt.Fprintf(stdout, "goroutines: %s\n", goroutines(c))
	return nil
}

// watchSeconds returns what the child used in each second of the window.
func watchSeconds(ctx context.Context, c *child, window time.Duration) ([]usage, error) {
	last, err := c.usage()
	if err != nil {
		return nil, errors.Join(c.alive(), err)
	}
	var seconds []usage
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for range window / time.Second {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-ticker.C:
		}
		now, err := c.usage()
		if err != nil {
			return nil, errors.Join(c.alive(), err)
		}
		seconds = append(seconds, now.sub(last))
		last = now
	}
	return seconds, nil
}

// summary tells how often a process ran, and in how many seconds not at all.
func summary(seconds []usage, interval time.Duration) string {
	var sum usage
	var b strings.Builder
	idle := 0
	b.WriteString("wake-ups in each second:")
	for _, s := range seconds {
		fmt.Fprintf(&b, " %d", s.Slices)
		if s.Slices == 0 {
			idle++
		}
		sum = sum.add(s)
	}
	beats := float64(len(seconds)) / interval.Seconds()
	fmt.Fprintf(&b, "\nseconds without any: %d of %d, with %.0f heartbeats due\n", idle, len(seconds), beats)
	fmt.Fprintf(&b, "in all: %d wake-ups, %d voluntary and %d involuntary context switches, %.1f ms of CPU\n",
		sum.Slices, sum.Voluntary, sum.Involuntary, sum.CPU.Seconds()*1e3)
	return b.String()
}

// goroutines ends the child the way that has the Go runtime list them, each under
// a line that ends in "]:". A recorder that takes the signal for its own isn't asked.
func goroutines(c *child) string {
	c.cmd.Process.Signal(syscall.SIGQUIT)
	select {
	case <-c.done:
	case <-time.After(5 * time.Second):
	}
	if n := c.said.seen(); n > 0 {
		return fmt.Sprintf("%d, the runtime's own included", n)
	}
	return "not told"
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
