package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
	"flightrec/journal/recorder"
	"flightrec/journal/store"

	"github.com/segmentio/ksuid"
)

// A chapter is one boot of a machine's life: the truth, and what its clocks make of
// it. Points of time within it are on its boot clock.
type chapter struct {
	id       string
	kernel   time.Time     // when the kernel booted
	takeoff  time.Duration // when the recorder takes off
	end      time.Duration // when it lands, or the power goes
	how      chapterEnd
	interval time.Duration // of the recorder, 0 for auto

	first time.Time     // what the wall clock says at the kernel's boot
	set   time.Duration // when network time sets it right, or never
	leap  time.Duration // when a leap second is inserted, or never
	lie   lie           // somebody tampers with the clock

	lived *journaltest.Life
}

// A lie is a stretch of a boot in which the wall clock says something else.
type lie struct {
	from, to time.Duration // or never
	wall     time.Time     // at from
	sync     clock.Sync    // what the system says of it
}

type chapterEnd int

const (
	crashes chapterEnd = iota
	shutsDown
	stops // the recorder lands, and the machine goes down later
)

const never = 1 << 62 * time.Nanosecond

// life returns what the clocks of the chapter say.
func (c *chapter) life() *journaltest.Life {
	if c.lived != nil {
		return c.lived
	}
	l := journaltest.NewLife(journal.InstantOf(c.kernel))
	l.Show(journal.InstantOf(c.first))
	boot := time.Duration(0)
	until := func(at time.Duration) {
		l.Run(at - boot)
		boot = at
	}
	for _, at := range slices.Compact(slices.Sorted(slices.Values([]time.Duration{c.set, c.leap, c.lie.from, c.lie.to, c.end}))) {
		if at > c.end {
			break
		}
		until(at)
		switch at {
		case c.leap:
			l.Leap()
		case c.lie.from:
			l.Sync = c.lie.sync
			l.Show(journal.InstantOf(c.lie.wall))
		case c.set, c.lie.to:
			l.Synchronise(time.Millisecond, 0)
		}
	}
	l.Run(time.Minute) // the recorder's last look at its clocks is at the end
	c.lived = l
	return l
}

// at returns the true time when the boot clock stands at boot.
func (c *chapter) at(boot time.Duration) time.Time {
	return c.life().UTC(journal.InstantOf(c.kernel.Add(boot))).Time()
}

// errPower ends a recorder: it is told that its lane is gone, since it would wait for
// anything less to pass.
var errPower = fmt.Errorf("the power is gone: %w", journal.ErrLaneLost)

// unplugged is a store that forgets to write after a while.
type unplugged struct {
	recorder.Store
	at time.Time
}

func (u unplugged) Append(id ksuid.KSUID, records ...journal.Record) error {
	if !time.Now().Before(u.at) {
		return errPower
	}
	return u.Store.Append(id, records...)
}

// witness is a store that notes when it was last written to.
type witness struct {
	recorder.Store
	began time.Time
	beats int
	last  time.Duration
}

func (w *witness) Append(id ksuid.KSUID, records ...journal.Record) error {
	err := w.Store.Append(id, records...)
	if _, alone := records[0].(journal.Landing); err == nil && !alone {
		w.beats++
		w.last = time.Since(w.began)
	}
	return err
}

// fly has the real recorder record the chapter into a real journal. It returns the
// number of heartbeats, and when the last one was on the boot clock.
func (c *chapter) fly(t *testing.T, dir string) (beats int, last time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		j, err := store.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		born := journal.InstantOf(c.kernel)
		now := func() time.Duration { return c.takeoff + time.Since(began) }
		w := &witness{Store: j, began: began}
		store := recorder.Store(w)
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		if c.how == crashes {
			store = unplugged{w, began.Add(c.end - c.takeoff)}
		} else {
			time.AfterFunc(c.end-c.takeoff, func() { cancel(errors.New("SIGTERM")) })
		}
		stepped := make(chan struct{}, 1)
		for _, at := range []time.Duration{c.set, c.leap, c.lie.from, c.lie.to} {
			if at > c.takeoff && at < c.end {
				time.AfterFunc(at-c.takeoff, func() { stepped <- struct{}{} })
			}
		}
		err = recorder.Record(ctx, store, recorder.Config{
			Identity:  clock.Identity{Host: "pi", Machine: "m", Boot: c.id, OS: "linux/arm", BootOrigin: clock.BootOriginKernel},
			Interval:  c.interval,
			Log:       slog.New(slog.DiscardHandler),
			Stepped:   stepped,
			Now:       func() clock.Reading { return c.life().At(born.Add(now())).Reading(true) },
			GoingDown: func(context.Context) (bool, bool, string) { return c.how == shutsDown, true, "" },
		})
		if c.how == crashes && !errors.Is(err, errPower) || c.how != crashes && err != nil {
			t.Errorf("%s: %v", c.id, err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		beats, last = w.beats, c.takeoff+w.last
	})
	// Pebble keeps what holds channels in pools, and a channel of a bubble may not be used
	// outside it. Collecting twice empties the pools (sync.Pool).
	runtime.GC()
	runtime.GC()
	return beats, last
}
