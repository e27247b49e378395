//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A child is a process that the bench started. It ends, at the latest, with the
// bench.
type child struct {
	cmd  *exec.Cmd
	end  context.CancelFunc
	done chan struct{} // closed when it is gone
	said *lines
	err  error // why it ended, once done is closed
}

// launch starts what command returns, and counts the lines of its output that
// hold word.
func launch(ctx context.Context, word string, command func(context.Context) *exec.Cmd) (*child, error) {
	ctx, end := context.WithCancel(ctx)
	cmd := command(ctx)
	c := &child{cmd: cmd, end: end, done: make(chan struct{}), said: &lines{word: word, found: make(chan struct{})}}
	cmd.Stdout, cmd.Stderr = c.said, c.said
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	// A group of its own: an interrupt at the terminal reaches the bench alone,
	// which ends its children in order.
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		end()
		return nil, fmt.Errorf("starting %s: %w", cmd.Args[0], err)
	}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// stop ends the child with SIGTERM, and returns when it is gone.
func (c *child) stop() {
	c.end()
	<-c.done
}

// kill ends the child as a power cut would, and returns when it is gone.
func (c *child) kill() error {
	err := errors.Join(c.alive(), c.cmd.Process.Kill())
	<-c.done
	c.end()
	return err
}

// alive returns an error, with what the child said last, if it is gone.
func (c *child) alive() error {
	select {
	case <-c.done:
		return fmt.Errorf("%s ended: %v: %s", strings.Join(c.cmd.Args, " "), c.err, c.said.last())
	default:
		return nil
	}
}

func (c *child) usage() (usage, error) { return usageOf(c.cmd.Process.Pid) }

func (c *child) memory() (rss, anonymous int64, err error) { return memoryOf(c.cmd.Process.Pid) }

// lines counts the lines written to it that hold a word, and keeps the latest.
type lines struct {
	word  string
	found chan struct{} // closed when the first such line is there

	mu    sync.Mutex
	rest  []byte
	count int64
	kept  []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		l.rest = rest
		if bytes.Contains(line, []byte(l.word)) {
			l.count++
			if l.count == 1 {
				close(l.found)
			}
		}
		const keep = 10
		l.kept = append(l.kept, string(line))
		l.kept = l.kept[max(0, len(l.kept)-keep):]
	}
}

// seen returns how many lines held the word.
func (l *lines) seen() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

func (l *lines) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(append(l.kept, string(l.rest)), "\n")
}
