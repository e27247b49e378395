//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"flightrec/cmd/torture/blocklog"
)

// options are powercut's flags.
type options struct {
	recorder string
	interval time.Duration
	cuts     int
	fs       string
	short    bool
	sqlite   time.Duration
	latency  time.Duration
	seed     uint64
	dir      string
}

func parseOptions(args []string) (options, error) {
	var o options
	f := flag.NewFlagSet("powercut", flag.ContinueOnError)
	f.StringVar(&o.recorder, "recorder", "standin", "the built flightrec, or the stand-in `standin` or `standin-nosync`")
	f.DurationVar(&o.interval, "interval", 10*time.Millisecond, "between the recorder's heartbeats; the default makes its logs rotate within a long session")
	f.IntVar(&o.cuts, "cuts", 0, "number of power cuts, each tried in three ways (default 1000, or 30 if short)")
	f.StringVar(&o.fs, "fs", "ext4", "the file system under test: ext4 or xfs, with mount options behind a comma")
	f.BoolVar(&o.short, "short", false, "seconds of recording instead of minutes")
	f.DurationVar(&o.sqlite, "sqlite", time.Second, "between the heartbeats of SQLite (WAL, NORMAL) beside it; 0: without it")
	f.DurationVar(&o.latency, "latency", 2*time.Millisecond, "how long the disk takes for a flush")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "what the cuts are drawn from")
	f.StringVar(&o.dir, "dir", "", "where images and mounts go; kept if it is given (default a new folder in memory)")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.cuts == 0 {
		o.cuts = 1000
		if o.short {
			o.cuts = 30
		}
	}
	return o, nil
}

// recorders returns the recorder under test and, if wanted, the one beside it.
func (o options) recorders() []recorder {
	r := ownRole(o.recorder, o.interval)
	if _, own := roles[o.recorder]; !own {
		r = program(o.recorder, o.interval)
	}
	if o.sqlite == 0 {
		return []recorder{r}
	}
	return []recorder{r, ownRole("sqlite", o.sqlite)}
}

// powercut records, cuts, and prints what was lost. That the recorder under test
// lost anything is an error.
func powercut(ctx context.Context, args []string, stdout io.Writer) error {
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp(memoryDir(), "torture-"); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		defer os.RemoveAll(o.dir)
	}
	plans := longPlans
	if o.short {
		plans = shortPlans
	}
	fmt.Fprintf(stdout, "power cuts on %s, flushes take %v, seed %d\n", o.fs, o.latency, o.seed)
	results, err := o.torture(ctx, plans)
	if err != nil {
		return err
	}
	for _, r := range results {
		r.print(stdout)
	}
	if r := results[0]; r.bad > 0 {
		return fmt.Errorf("%s lost what it had acknowledged, or could not be read, on %d of %d disks", r.name, r.bad, len(r.losses))
	}
	return nil
}

// memoryDir returns a folder in memory, where flushes cost nothing, or the default
// one for temporary files.
func memoryDir() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); err == nil && info.IsDir() {
		return shm
	}
	return os.TempDir()
}

// torture records with all recorders at the same time, and tries the same cuts on
// each.
func (o options) torture(ctx context.Context, plans []plan) ([]*result, error) {
	recorders := o.recorders()
	fstype, options, _ := strings.Cut(o.fs, ",")
	studios := make([]studio, len(recorders))
	sessions := make([][]*session, len(recorders))
	err := together(ctx, len(recorders), func(ctx context.Context, i int) (err error) {
		studios[i] = studio{filepath.Join(o.dir, recorders[i].name), fstype, options, o.latency, o.seed}
		if err := os.MkdirAll(studios[i].dir, 0o700); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		sessions[i], err = studios[i].record(ctx, recorders[i], plans)
		return err
	})
	if err != nil {
		return nil, err
	}
	cuts := drawCuts(o.cuts, sessions[0], o.seed)
	results := make([]*result, len(recorders))
	err = together(ctx, len(recorders), func(ctx context.Context, i int) (err error) {
		results[i], err = studios[i].tryAll(ctx, recorders[i], sessions[i], cuts)
		return err
	})
	return results, err
}

// together calls do for 0 to n-1 at the same time and waits for all. The first error
// ends the others, and is returned.
func together(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// tries is how many disks are examined at the same time: that is mostly waiting for
// mounts.
const tries = 4

// tryAll tries each cut in each way.
func (s studio) tryAll(ctx context.Context, r recorder, sessions []*session, cuts []cut) (*result, error) {
	modes := int(blocklog.Modes)
	losses := make([]loss, len(cuts)*modes)
	var mu sync.Mutex // a disk goes on from one instant to the next
	taken := 0
	take := func() (i int, left *blocklog.Image, err error) {
		mu.Lock()
		defer mu.Unlock()
		if i = taken; i == len(losses) {
			return i, nil, nil
		}
		taken++
		c := cuts[i/modes]
		left, err = sessions[c.session].left(c, blocklog.Mode(i%modes))
		return i, left, err
	}
	err := together(ctx, tries, func(ctx context.Context, worker int) error {
		s := s
		s.dir = filepath.Join(s.dir, fmt.Sprint("try", worker))
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			return fmt.Errorf("making a folder: %w", err)
		}
		defer os.Remove(s.dir)
		for {
			i, left, err := take()
			if err != nil || left == nil {
				return err
			}
			c, mode := cuts[i/modes], blocklog.Mode(i%modes)
			if losses[i], err = s.try(ctx, r, sessions[c.session], c, mode, left); err != nil {
				return fmt.Errorf("cut in %v, %v: %w", c, mode, err)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	res := &result{name: r.name, sessions: sessions}
	for i, l := range losses {
		res.add(cuts[i/modes], l)
	}
	return res, nil
}
