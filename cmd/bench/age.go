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
	"strconv"
	"strings"
	"time"
)

// An Aged recorder is one that has written so many heartbeats.
type Aged struct {
	Beats     int64 `json:"beats"`
	RSS       int64 `json:"rss_bytes"`
	Anonymous int64 `json:"anonymous_bytes"`
	Disk      int64 `json:"disk_bytes"`
	Files     int   `json:"files"`
}

// age lets a recorder write what it would in days, a heartbeat each millisecond, and
// tells how large it has become. It needs no root.
func age(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("age", flag.ContinueOnError)
	recorder := flags.String("recorder", "", "the built flightrec")
	list := flags.String("beats", "8640,86400", "after how many heartbeats to look, in rising order")
	out := flags.String("o", "", "write the results to this file, for table")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if err := present(*recorder); err != nil {
		return err
	}
	var ages []int64
	for text := range strings.SplitSeq(*list, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("beats %q: not a number", text)
		}
		ages = append(ages, n)
	}
	result := newResult(append([]string{"age"}, args...)...)
	var err error
	if result.Recorder, err = version(ctx, *recorder); err != nil {
		return err
	}
	if result.Ages, err = grow(ctx, *recorder, ages); err != nil {
		return err
	}
	if err := result.save(*out); err != nil {
		return err
	}
	return writeTables(stdout, []*Result{result})
}

// grow looks at one recorder after so many heartbeats.
func grow(ctx context.Context, recorder string, ages []int64) (aged []Aged, err error) {
	base, err := os.MkdirTemp("", "flightrec-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(base)) }()
	dir := filepath.Join(base, journalDir)
	c, err := launch(ctx, "took off", func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, recorder, "record", "-d", dir, "-i", "1ms")
	})
	if err != nil {
		return nil, err
	}
	defer c.stop()
	if err := c.until(ctx); err != nil {
		return nil, err
	}
	for _, beats := range ages {
		a, err := c.aged(ctx, beats, recorder, dir)
		if err != nil {
			return nil, err
		}
		aged = append(aged, a)
	}
	return aged, nil
}

// aged waits until the child has written so many heartbeats, and looks at it.
func (c *child) aged(ctx context.Context, beats int64, recorder, dir string) (a Aged, err error) {
	for {
		flights, err := dump(ctx, recorder, dir)
		if err = errors.Join(err, c.alive()); err != nil {
			return a, err
		}
		if a.Beats = flights[len(flights)-1].Beats; a.Beats >= beats {
			break
		}
		if err := sleep(ctx, time.Second); err != nil {
			return a, err
		}
	}
	if a.RSS, a.Anonymous, err = c.memory(); err != nil {
		return a, err
	}
	a.Files, a.Disk, err = usedBy(dir)
	return a, err
}

// writeAges writes how large a recorder becomes.
func writeAges(b *strings.Builder, ages []Aged) {
	if len(ages) == 0 {
		return
	}
	b.WriteString("| heartbeats | RSS MB | anonymous MB | on disk KB | files |\n|---:|---:|---:|---:|---:|\n")
	for _, a := range ages {
		fmt.Fprintf(b, "| %s | %.1f | %.1f | %.0f | %d |\n", grouping(fmt.Sprint(a.Beats)),
			float64(a.RSS)/1e6, float64(a.Anonymous)/1e6, float64(a.Disk)/1e3, a.Files)
	}
	b.WriteString("\n")
}
