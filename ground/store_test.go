package ground

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/recorder"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// A cut is a journal that loses its machine at off, and notes the truth.
type cut struct {
	*journal.Journal
	now   func() journal.Instant
	off   journal.Instant
	truth func(ksuid.KSUID, journal.Instant)
}

var errCut = errors.New("cut off")

func (c *cut) Append(id ksuid.KSUID, records ...journal.Record) error {
	now := c.now()
	if now >= c.off {
		return errCut
	}
	c.truth(id, now)
	return c.Journal.Append(id, records...)
}

// relive has real recorders write w down in a real journal, and returns the world
// that is read from it.
func (w *world) relive(t *testing.T, dir string) *world {
	told := &world{named: w.named, since: w.since, vague: w.vague, lone: w.lone, news: w.news}
	truth := make(map[ksuid.KSUID]Span)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() journal.Instant { return noon.Add(time.Since(began)) }
		var (
			recorders sync.WaitGroup
			mu        sync.Mutex
		)
		note := func(id ksuid.KSUID, at journal.Instant) {
			mu.Lock()
			defer mu.Unlock()
			if _, ok := truth[id]; !ok {
				truth[id] = Span{Start: at}
			}
			truth[id] = Span{truth[id].Start, at}
		}
		for _, s := range w.shifts {
			recorders.Go(func() {
				time.Sleep(s.on.Sub(noon))
				j, err := journal.Open(dir, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Error(err)
					return
				}
				defer j.Close()
				off := max(s.off, s.on.Add(1))
				ctx, cancel := context.WithTimeout(t.Context(), off.Sub(s.on))
				defer cancel()
				err = recorder.Record(ctx, &cut{j, now, off, note}, s.config(w, now))
				if !errors.Is(err, errCut) {
					t.Error(err)
				}
			})
		}
		recorders.Wait()
	})
	flights, err := journal.Read(t.Context(), dir, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	told.flights = flights
	for _, f := range flights {
		told.truth = append(told.truth, truth[f.ID])
	}
	return told
}

// config makes the recorder of s read the clocks of its life.
func (s shift) config(w *world, now func() journal.Instant) recorder.Config {
	cfg := recorder.Config{Interval: 10 * time.Second, Log: slog.New(slog.DiscardHandler)}
	if w.named {
		cfg.Identity.Boot = s.boot
	}
	cfg.Now = func() clock.Reading {
		p, at := s.life.readable(now())
		if p == nil {
			p, at = &s.life.phases[len(s.life.phases)-1], now()
		}
		time.Sleep(at.Sub(now())) // the machine sleeps, or stands still
		c := p.clocksAt(at)
		return clock.Reading{
			Boot: c.boot, Absolute: w.since, Awake: c.awake, Raw: c.raw,
			Wall: noon.Add(c.boot + c.offset).Time(), Sync: c.sync, MaxError: c.maxError, Source: "world",
		}
	}
	return cfg
}

// TestStoredWorlds tells a few worlds by way of the real recorder, store and fold.
func TestStoredWorlds(t *testing.T) {
	worlds(t, 100)
	longest = 5 * time.Minute
	defer func() { longest = 30 * 24 * time.Hour }()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(dir)
		told := w.relive(t, dir)
		if !slices.IsSortedFunc(told.truth, func(a, b Span) int { return int(max(-1, min(1, a.Start-b.Start))) }) {
			rt.Fatalf("IDs are not in order of takeoff: %v", told.truth)
		}
		if len(told.flights) != len(w.flights) {
			rt.Fatalf("%d flights, want %d", len(told.flights), len(w.flights))
		}
		boots := Ground(told.flights, Options{})
		if msg := told.judge(boots, Options{}); msg != "" {
			rt.Fatalf("%s\n%s", msg, told.tell(boots))
		}
	})
}
