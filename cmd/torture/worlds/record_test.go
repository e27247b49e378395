package worlds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
	"flightrec/journal/recorder"
	"flightrec/journal/store"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// A card is where recorders keep a journal.
type card interface {
	open() (lane, error)
	copyTo(other card) error
	read(ctx context.Context, warn func(error)) ([]journal.Flight, error)
}

// lane is a recorder's side of a journal.
type lane interface {
	recorder.Store
	Close() error
}

// folder is a card with the real store.
type folder string

func (f folder) open() (lane, error) { return store.Open(string(f), slog.New(slog.DiscardHandler)) }

func (f folder) copyTo(other card) error {
	if err := os.MkdirAll(string(f), 0o755); err != nil { // no flight may have come before
		return err
	}
	return os.CopyFS(string(other.(folder)), os.DirFS(string(f)))
}

func (f folder) read(ctx context.Context, warn func(error)) ([]journal.Flight, error) {
	flights, err := store.Read(ctx, string(f), warn)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return flights, err
}

// memory is a card without a store, for many worlds in little time.
type memory struct {
	*journaltest.Memory
	mu sync.Mutex // a card may be copied onto at the moment at which a recorder opens it
}

func (m *memory) open() (lane, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.Open(), nil
}

func (m *memory) copyTo(other card) error {
	clone := m.Clone(1)
	onto := other.(*memory)
	onto.mu.Lock()
	defer onto.mu.Unlock()
	onto.Memory = clone
	return nil
}

func (m *memory) read(context.Context, func(error)) ([]journal.Flight, error) {
	return m.Flights(), nil
}

// cards returns two empty cards, in memory or in folders of dir.
func (w *world) cards(dir string) []card {
	if w.stores {
		return []card{folder(filepath.Join(dir, "card-0")), folder(filepath.Join(dir, "card-1"))}
	}
	return []card{&memory{Memory: journaltest.NewMemory(0)}, &memory{Memory: journaltest.NewMemory(1)}}
}

// play has real recorders write w down on cards, and reads the cards.
func (w *world) play(t *testing.T, cards []card) error {
	var (
		mu       sync.Mutex
		problems []error
	)
	w.records = map[ksuid.KSUID]*record{}
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		problems = append(problems, err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() journal.Instant { return noon.Add(time.Since(began)) }
		until := func(at journal.Instant) { time.Sleep(at.Sub(now())) }
		var recorders sync.WaitGroup
		for i := range w.shifts {
			s := &w.shifts[i]
			after := s.after(i)
			recorders.Go(func() {
				until(s.on.Add(after))
				if err := s.fly(t.Context(), w, cards[s.card], now, until, after, &mu); err != nil {
					fail(fmt.Errorf("recorder %d: %w", i, err))
				}
			})
		}
		if w.copied != nil {
			recorders.Go(func() {
				until(w.copied.Add(tick - 1))
				if err := cards[0].copyTo(cards[1]); err != nil {
					fail(err)
				}
			})
		}
		recorders.Wait()
	})
	for _, card := range cards {
		flights, err := card.read(t.Context(), fail)
		if err != nil {
			return err
		}
		w.flights = append(w.flights, flights...)
	}
	for _, r := range w.records {
		r.life.flights = append(r.life.flights, r)
	}
	for _, l := range w.lives {
		slices.SortFunc(l.flights, func(a, b *record) int { return ksuid.Compare(a.id, b.id) })
	}
	return errors.Join(problems...)
}

// turns is how many turns there are.
const turns = 8

func drawTurn(t *rapid.T) int { return rapid.IntRange(0, turns-1).Draw(t, "turn") }

// after returns how long after each tick the recorder of the n-th shift of a world does what
// it does then, so that no two act at one moment: which came first would be up to Go's
// scheduler, and the world another one each time.
func (s *shift) after(n int) time.Duration {
	const most = int(tick/2) / turns
	if n >= most {
		panic("too many recorders for one tick")
	}
	return time.Duration(s.turn*most + n)
}

// fly records one shift. It acts so long after each tick, and is told to end half a tick
// later.
func (s *shift) fly(ctx context.Context, w *world, on card, now func() journal.Instant, until func(journal.Instant), after time.Duration, mu *sync.Mutex) error {
	j, err := on.open()
	if err != nil {
		return err
	}
	defer j.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	stop := time.AfterFunc(s.off.Add(tick/2+after).Sub(now()), func() { cancel(errors.New("SIGTERM")) })
	defer stop.Stop()
	store := &cut{lane: j, now: now, off: s.life.Now, note: func(id ksuid.KSUID, at journal.Instant) {
		mu.Lock()
		defer mu.Unlock()
		if w.records[id] == nil {
			w.records[id] = &record{shift: *s, id: id}
		}
		w.records[id].beats = append(w.records[id].beats, at)
	}}
	if s.landing == nil {
		store.off = min(store.off, s.off)
	}
	err = recorder.Record(ctx, store, s.config(w, now, until, after))
	switch cut := errors.Is(err, errCut); {
	case cut == (s.landing == nil) && (err == nil || cut):
		return nil
	case err == nil:
		return errors.New("it landed though it was cut off")
	}
	return err
}

// config makes the recorder of s read the clocks of its life.
func (s *shift) config(w *world, now func() journal.Instant, until func(journal.Instant), after time.Duration) recorder.Config {
	cfg := recorder.Config{Interval: w.interval, Log: slog.New(slog.DiscardHandler)}
	cfg.Identity.Machine, cfg.Identity.Host = boards[s.life.board], "pi"
	cfg.Identity.Hardware = "serial-" + boards[s.life.board] // tells boards apart that had one card
	if w.named {
		cfg.Identity.Boot = s.life.boot
	}
	switch {
	case s.as != nil:
		cfg.Identity = *s.as
	case s.life.as != clock.Identity{}:
		cfg.Identity = s.life.as
	}
	if s.landing != nil {
		cfg.GoingDown = func(context.Context) (down, known bool, to string) {
			return s.landing.Shutdown == journal.ShutdownYes, s.landing.Shutdown != journal.ShutdownUnknown, s.landing.To
		}
	}
	cfg.Now = func() clock.Reading {
		at, alive := s.life.Awaken(now())
		if !alive {
			at = max(at, now())
		}
		if at > now() { // the machine sleeps, or stands still
			at = at.Add(after)
			until(at)
		}
		return s.life.At(at).Reading(w.since)
	}
	return cfg
}

// A cut is a journal whose recorder is killed at off, and that notes when its
// heartbeats were.
type cut struct {
	lane
	now  func() journal.Instant
	off  journal.Instant
	note func(ksuid.KSUID, journal.Instant)
}

var errCut = errors.New("cut off")

func (c *cut) Append(id ksuid.KSUID, records ...journal.Record) error {
	now := c.now()
	if now >= c.off {
		return errCut
	}
	if slices.ContainsFunc(records, func(r journal.Record) bool { _, ok := r.(journal.Beat); return ok }) {
		c.note(id, now)
	}
	return c.lane.Append(id, records...)
}
