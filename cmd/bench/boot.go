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
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A series is a journal that is booted again and again, and killed each time.
type series struct {
	n        int
	fs       string
	recorder string
	ready    string
	out      string

	disk    *disk
	scratch string
}

// earlyBeats is how many heartbeats a flight has when its early ones are down:
// takeoff, and those at 1, 2, 4 and 8 s.
const earlyBeats = 5

func boot(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var s series
	flags := flag.NewFlagSet("boot", flag.ContinueOnError)
	flags.IntVar(&s.n, "n", 500, "boots; the first and the last write the early heartbeats, the others the takeoff alone")
	flags.StringVar(&s.fs, "fs", "ext4", "the file system")
	flags.StringVar(&s.recorder, "recorder", "", "the built flightrec")
	flags.StringVar(&s.ready, "ready", "took off", "what the recorder's log says once the takeoff is durable")
	flags.StringVar(&s.out, "o", "", "write the results to this file, for table")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if err := present(s.recorder); err != nil {
		return err
	}
	args = append([]string{"boot"}, args...)
	if ok, err := isolated(ctx, args, stdout, stderr); !ok {
		return err
	}
	result := newResult(args...)
	var err error
	if result.Recorder, err = version(ctx, s.recorder); err != nil {
		return err
	}
	if err := s.run(ctx, result, stderr); err != nil {
		return err
	}
	if err := result.save(s.out); err != nil {
		return err
	}
	return writeTables(stdout, []*Result{result})
}

func (s *series) run(ctx context.Context, result *Result, stderr io.Writer) (err error) {
	var u undo
	defer func() { err = errors.Join(err, u.run()) }()
	if err := s.prepare(&u); err != nil {
		return err
	}
	for n := range s.n {
		b, err := s.boot(ctx, n+1, n == 0 || n == s.n-1)
		if err != nil {
			return fmt.Errorf("boot %d: %w", n+1, err)
		}
		result.Boots = append(result.Boots, b)
	}
	flights, err := dump(ctx, s.recorder, s.dir(s.disk.view))
	if err != nil {
		return err
	}
	if len(flights) != s.n {
		return fmt.Errorf("%d boots left %d flights", s.n, len(flights))
	}
	if _, err := exec.LookPath("strace"); err != nil {
		fmt.Fprintln(stderr, "what each file takes is left out: strace is not installed")
		return nil
	}
	result.Traced, err = s.trace(ctx)
	return err
}

func (s *series) prepare(u *undo) error {
	var p plan
	if err := p.setSystems(s.fs); err != nil {
		return err
	}
	base, err := os.MkdirTemp("", "flightrec-bench-")
	if err != nil {
		return err
	}
	u.add(func() error { return os.Remove(base) })
	s.scratch = base + "/scratch"
	if err := os.Mkdir(s.scratch, 0o755); err != nil {
		return err
	}
	u.add(func() error { return os.RemoveAll(s.scratch) })
	s.disk, err = newDisk(p.systems[0], base, s.fs, u)
	return err
}

// dir is the journal, as seen through one of the disk's mounts.
func (*series) dir(mount string) string { return mount + "/" + journalDir }

// command is the recorder, or what is to watch it.
func (s *series) command(ctx context.Context, before ...string) *exec.Cmd {
	args := append(before, s.recorder, "record", "-d", s.dir(s.disk.dir), "-i", "10", "-v", "info")
	return exec.CommandContext(ctx, args[0], args[1:]...)
}

// boot measures one boot: until the takeoff is durable, or, if it is whole, until
// the early heartbeats are. Then the recorder is killed.
func (s *series) boot(ctx context.Context, n int, whole bool) (Boot, error) {
	b := Boot{FS: s.fs, N: n, Beats: 1}
	before, err := s.disk.settled()
	if err != nil {
		return b, err
	}
	began := time.Now()
	c, err := launch(ctx, s.ready, func(ctx context.Context) *exec.Cmd { return s.command(ctx) })
	if err != nil {
		return b, err
	}
	defer c.stop()
	if err := c.until(ctx); err != nil {
		return b, err
	}
	b.Open = time.Since(began).Seconds()
	if whole {
		if b.Beats, err = s.early(ctx); err != nil {
			return b, err
		}
	}
	if err := c.kill(); err != nil {
		return b, err
	}
	killed, err := s.disk.counts()
	if err != nil {
		return b, err
	}
	synced, err := s.disk.settled()
	if err != nil {
		return b, err
	}
	b.Counts, b.Synced = killed.sub(before), synced.sub(before)
	b.Files, b.Disk, err = usedBy(s.dir(s.disk.view))
	return b, err
}

// until returns when the child has said the word that launch was given.
func (c *child) until(ctx context.Context) error {
	select {
	case <-c.said.found:
		return nil
	case <-c.done:
		return c.alive()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(20 * time.Second):
		return fmt.Errorf("%s: no %q in its log within 20s: %s", c.cmd.Args[0], c.said.word, c.said.last())
	}
}

// early returns how many heartbeats the newest flight holds, once the early ones
// are down.
func (s *series) early(ctx context.Context) (int64, error) {
	for wait := 8200 * time.Millisecond; ; wait = 200 * time.Millisecond {
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(wait):
		}
		flights, err := dump(ctx, s.recorder, s.dir(s.disk.view))
		if err != nil {
			return 0, err
		}
		if beats := flights[len(flights)-1].Beats; beats >= earlyBeats {
			return beats, nil
		}
	}
}

// trace boots once more, whole, and tells what was done to each kind of file.
// Tracing slows the recorder down, so this boot is in no other figure.
func (s *series) trace(ctx context.Context) ([]Traced, error) {
	out := s.scratch + "/trace"
	c, err := launch(ctx, s.ready, func(ctx context.Context) *exec.Cmd {
		return s.command(ctx, append([]string{"strace"}, straceArgs(out)...)...)
	})
	if err != nil {
		return nil, err
	}
	defer c.stop()
	if err := c.until(ctx); err != nil {
		return nil, err
	}
	if _, err := s.early(ctx); err != nil {
		return nil, err
	}
	if err := killTraced(c.cmd.Process.Pid); err != nil {
		return nil, err
	}
	<-c.done
	f, err := os.Open(out)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseTrace(f, s.dir(s.disk.dir))
}

// killTraced kills the child of strace, which then ends by itself.
func killTraced(strace int) error {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", strace))
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("children of strace: %w", err)
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}
