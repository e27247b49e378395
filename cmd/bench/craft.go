//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// watch counts how often the file name was written or replaced, from now on. To
// look at a file's status changes nothing on its device.
func watch(ctx context.Context, name string) func() (int64, error) {
	var (
		mu    sync.Mutex
		count int64
		last  syscall.Stat_t
	)
	look := func() (int64, error) {
		mu.Lock()
		defer mu.Unlock()
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return count, nil // it is being replaced, or is yet to come
		}
		if err != nil {
			return 0, err
		}
		now := *info.Sys().(*syscall.Stat_t)
		if now.Ino != last.Ino || now.Mtim != last.Mtim {
			count++
			last = now
		}
		return count, nil
	}
	go func() {
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		for {
			look()
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
	return look
}

// fed starts a program that reads its heartbeats from stdin: first setUp, then
// what next returns, each interval.
func fed(ctx context.Context, interval time.Duration, setUp string, next func() string, command func(context.Context) *exec.Cmd) (*craft, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c, err := launch(ctx, "", func(ctx context.Context) *exec.Cmd {
		cmd := command(ctx)
		cmd.Stdin = reader
		return cmd
	})
	reader.Close()
	if err != nil {
		writer.Close()
		return nil, err
	}
	var mu sync.Mutex
	var count int64
	go func() {
		defer writer.Close()
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for text := setUp; ; text = next() {
			mu.Lock()
			_, err := io.WriteString(writer, text)
			count++
			mu.Unlock()
			if err != nil {
				return // it is gone, which c.alive tells
			}
			select {
			case <-c.done:
				return
			case <-ticker.C:
			}
		}
	}()
	return c.craft(func() (int64, error) {
		mu.Lock()
		defer mu.Unlock()
		return count, nil
	}), nil
}

// timer runs a program at once and then each interval, one after the other.
func timer(ctx context.Context, interval time.Duration, command func(context.Context) *exec.Cmd) (*craft, error) {
	ctx, end := context.WithCancel(ctx)
	var (
		mu     sync.Mutex // held while the program runs
		count  int64
		used   usage
		peak   int64
		failed error
		done   = make(chan struct{})
	)
	once := func() {
		mu.Lock()
		defer mu.Unlock()
		cmd := command(ctx)
		out, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			failed = fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out)
			return
		}
		ran := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		count++
		used.CPU += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		used.Voluntary += ran.Nvcsw
		used.Involuntary += ran.Nivcsw
		peak = max(peak, ran.Maxrss<<10)
	}
	go func() {
		defer close(done)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			once()
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
	return &craft{
		beats: func() (int64, error) {
			mu.Lock()
			defer mu.Unlock()
			return count, failed
		},
		usage: func() (usage, error) {
			mu.Lock()
			defer mu.Unlock()
			return used, failed
		},
		// What of its peak was anonymous, the kernel doesn't keep.
		memory: func() (int64, int64, error) {
			mu.Lock()
			defer mu.Unlock()
			return peak, 0, failed
		},
		stop: func() {
			end()
			<-done
		},
	}, nil
}
