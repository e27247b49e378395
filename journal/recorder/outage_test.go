package recorder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// full is a store whose disk is full for a while.
type full struct {
	*memory
	from, to time.Time
	tries    []time.Time
	err      error
}

func (s *full) Append(id ksuid.KSUID, records ...journal.Record) error {
	if now := time.Now(); !now.Before(s.from) && now.Before(s.to) {
		s.tries = append(s.tries, now)
		return fmt.Errorf("writing to lane-0: %w", s.err)
	}
	return s.memory.Append(id, records...)
}

// flyFull records for a while on a disk that is full from the 100th second on.
func flyFull(t *testing.T, s *full, outage, runs, interval time.Duration, bend func(time.Duration, *clock.Reading)) (string, error) {
	t.Helper()
	began := time.Now()
	s.from, s.to = began.Add(100*time.Second), began.Add(100*time.Second+outage)
	s.memory = newMemory()
	if s.err == nil {
		s.err = syscall.ENOSPC
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(runs, func() { cancel(errors.New("SIGTERM")) })
	var log bytes.Buffer
	err := Record(ctx, s, Config{
		Interval: interval, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Now: func() clock.Reading {
			r := steady(began)
			if bend != nil {
				bend(time.Since(began), &r)
			}
			return r
		},
	})
	return log.String(), err
}

// TestFullDisk demands that a flight outlives an hour without space, that the first
// heartbeat after it covers the hour, and that it is told of once.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(full)
		log, err := flyFull(t, s, time.Hour, 3*time.Hour, 10*time.Second, nil)
		if err != nil || len(s.Flown) != 1 {
			t.Fatalf("%d flights: %v", len(s.Flown), err)
		}
		beats := s.Beats()
		i := slices.IndexFunc(beats, func(b journal.Beat) bool { return b.Elapsed > 100*time.Second })
		if before, after := beats[i-1].Elapsed, beats[i].Elapsed; before != 98*time.Second || after < time.Hour+100*time.Second || after > time.Hour+110*time.Second {
			t.Errorf("heartbeats at %v and %v, with nothing between them", before, after)
		}
		if last := beats[len(beats)-1]; last.Leg != 0 || last.Elapsed != 3*time.Hour {
			t.Errorf("last heartbeat %+v", last)
		}
		// 1 s, 2 s, 4 s, 8 s, and then each interval.
		gaps := []time.Duration{}
		for i := range 6 {
			gaps = append(gaps, s.tries[i+1].Sub(s.tries[i]))
		}
		if want := []time.Duration{1e9, 2e9, 4e9, 8e9, 10e9, 10e9}; !slices.Equal(gaps, want) {
			t.Errorf("tried after %v, want %v", gaps, want)
		}
		if strings.Count(log, "level=ERROR") != 1 || strings.Count(log, "written again") != 1 {
			t.Errorf("log:\n%s", log)
		}
	})
}

// TestLegsOfAnOutage demands that legs that came and went while the disk was full
// are told of afterwards, with their first and their last heartbeat.
func TestLegsOfAnOutage(t *testing.T) {
	for _, tt := range []struct{ legs, want int }{{0, 0}, {1, 1}, {3, 3}, {50, maxUnwritten/2 - 1}} {
		synctest.Test(t, func(t *testing.T) {
			s := new(full)
			_, err := flyFull(t, s, time.Hour, 2*time.Hour, 10*time.Second, func(now time.Duration, r *clock.Reading) {
				// One step each minute, of one hour each.
				if n := int((now - 3*time.Minute) / time.Minute); n > 0 {
					r.Wall = r.Wall.Add(time.Duration(min(n, tt.legs)) * time.Hour)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			found := map[uint64][]time.Duration{}
			elapsed := time.Duration(-1)
			for _, b := range s.Beats() {
				found[b.Leg] = append(found[b.Leg], b.Elapsed)
				if b.Elapsed <= elapsed {
					t.Errorf("heartbeat at %v after one at %v", b.Elapsed, elapsed)
				}
				elapsed = b.Elapsed
			}
			if len(found)-1 < tt.want {
				t.Errorf("%d legs, want %d at least: %v", len(found), tt.want+1, found)
			}
			for leg := range found {
				if n := len(found[leg]); leg > 0 && leg < uint64(tt.legs) && n != 2 && tt.legs < 8 {
					t.Errorf("leg %d is told of by %d heartbeats", leg, n)
				}
			}
		})
	}
}

// TestLandingOnAFullDisk demands that nobody waits for space to land.
func TestLandingOnAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := flyFull(t, new(full), time.Hour, 10*time.Minute, 10*time.Second, nil)
		if !errors.Is(err, syscall.ENOSPC) || time.Since(began) != 10*time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// TestLaneLost demands that a recorder ends that has lost its lane.
func TestLaneLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &full{err: journal.ErrLaneLost}
		_, err := flyFull(t, s, time.Hour, 2*time.Hour, 10*time.Second, nil)
		if !errors.Is(err, journal.ErrLaneLost) || len(s.tries) != 1 || time.Since(began) != 108*time.Second {
			t.Errorf("after %v and %d tries: %v", time.Since(began), len(s.tries), err)
		}
	})
}
