//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A mark is one reading of a contender and its device, with no heartbeat within.
type mark struct {
	at     time.Time
	beats  int64
	counts Counts
	usage  usage
}

// read takes a mark. It tries again where a heartbeat came in between.
func (e *entry) read() (m mark, err error) {
	const (
		tries = 30
		pause = 250 * time.Millisecond // for a heartbeat that has only just begun
	)
	for range tries {
		if m.beats, err = e.craft.beats(); err != nil {
			return m, err
		}
		time.Sleep(pause)
		if m.counts, err = e.disk.settled(); err != nil {
			return m, err
		}
		if m.usage, err = e.craft.usage(); err != nil {
			return m, err
		}
		m.at = time.Now()
		after, err := e.craft.beats()
		if err != nil {
			return m, err
		}
		if after == m.beats {
			return m, nil
		}
	}
	return m, errors.New("heartbeats come too fast to be counted")
}

// begin opens the window: what came before it was start-up.
func (e *entry) begin() error {
	m, err := e.read()
	if err != nil {
		return err
	}
	e.StartupBeats = m.beats
	e.Startup = m.counts.sub(e.from.counts)
	e.from = m
	return nil
}

// finish closes the window, and looks at what the contender holds at its end.
func (e *entry) finish() error {
	m, err := e.read()
	if err != nil {
		return err
	}
	used := m.usage.sub(e.from.usage)
	e.Seconds = m.at.Sub(e.from.at).Seconds()
	e.Beats = m.beats - e.from.beats
	e.Steady = m.counts.sub(e.from.counts)
	e.CPUSeconds = used.CPU.Seconds()
	e.Voluntary, e.Involuntary = used.Voluntary, used.Involuntary
	if e.RSS, e.Anonymous, err = e.craft.memory(); err != nil {
		return err
	}
	_, e.Disk, err = usedBy(e.disk.view + "/" + journalDir)
	return err
}

// each does what for all entries at the same time.
func each(entries []*entry, what func(*entry) error) error {
	var all sync.WaitGroup
	errs := make([]error, len(entries))
	for i, e := range entries {
		all.Go(func() {
			if err := what(e); err != nil {
				errs[i] = fmt.Errorf("%s on %s: %w", e.Contender, e.FS, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// wait returns after d, or with an error as soon as one of the entries is gone.
func wait(ctx context.Context, d time.Duration, entries []*entry) error {
	end := time.After(d)
	check := time.NewTicker(5 * time.Second)
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-end:
			return nil
		case <-check.C:
		}
		err := each(entries, func(e *entry) error {
			_, err := e.craft.usage()
			return err
		})
		if err != nil {
			return err
		}
	}
}
