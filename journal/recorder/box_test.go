package recorder

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// fakeBox is a black box whose vitals follow from the time.
type fakeBox struct {
	began  time.Time
	clues  func(time.Duration) journal.Evidence
	vitals func(time.Duration) []journal.Value
}

func (b fakeBox) Evidence() journal.Evidence {
	if b.clues == nil {
		return nil
	}
	return b.clues(time.Since(b.began))
}

func (b fakeBox) Vitals() []journal.Value { return b.vitals(time.Since(b.began)) }

// flyWith flies for a while with a black box, and with alarms at some moments.
func flyWith(t *testing.T, runs time.Duration, b fakeBox, store *memory, alarms ...time.Duration) {
	t.Helper()
	b.began = time.Now()
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(runs, func() { cancel(errors.New("SIGTERM")) })
	rises := make(chan struct{}, 1)
	for _, at := range alarms {
		time.AfterFunc(at, func() { rises <- struct{}{} })
	}
	began := time.Now()
	err := Record(ctx, store, Config{
		Interval: 10 * time.Second, Log: slog.New(slog.DiscardHandler), BlackBox: b, Alarms: rises,
		Now: func() clock.Reading { return steady(began) },
	})
	if err != nil {
		t.Fatal(err)
	}
}

// samples returns the samples that were appended.
func samples(l *memory) (all []journal.Sample) {
	for _, r := range l.Records {
		if s, ok := r.(journal.Sample); ok {
			all = append(all, s)
		}
	}
	return all
}

func value(v journal.Vital, n int64) journal.Value { return journal.Value{Vital: v, N: n} }

// TestVitalsAreNews demands that a heartbeat tells what has changed, and nothing else.
func TestVitalsAreNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		flyWith(t, 50*time.Second, fakeBox{vitals: func(at time.Duration) []journal.Value {
			heat := int64(50)
			if at >= 8*time.Second {
				heat = 51 // less than its grain
			}
			if at >= 28*time.Second {
				heat = 52
			}
			return []journal.Value{value(journal.VitalTemperature, heat), value(journal.VitalOopses, min(1, int64(at/(38*time.Second))))}
		}}, store)
		want := []journal.Sample{
			{Values: []journal.Value{value(journal.VitalTemperature, 50), value(journal.VitalOopses, 0)}},
			{Elapsed: 28 * time.Second, Values: []journal.Value{value(journal.VitalTemperature, 52)}},
			{Elapsed: 38 * time.Second, Values: []journal.Value{value(journal.VitalOopses, 1)}},
		}
		if got := samples(store); !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// TestAlarms demands that an alarm is written at once, but no more than one each ten
// seconds, and that what comes in between is told with the next heartbeat.
func TestAlarms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		// Too low from 20 s to 21 s, from 22 s to 23 s, and from 40 s on; a kill at 31 s.
		flyWith(t, 50*time.Second, fakeBox{vitals: func(at time.Duration) []journal.Value {
			s := int64(at / time.Second)
			low, kills := int64(0), int64(4)
			if s == 20 || s == 22 || s >= 40 {
				low = 1
			}
			if s >= 31 {
				kills++
			}
			return []journal.Value{value(journal.VitalUndervoltage, low), value(journal.VitalOOMKills, kills)}
		}}, store, 20*time.Second, 21*time.Second, 22*time.Second, 23*time.Second, 31*time.Second, 35*time.Second, 40*time.Second, 41*time.Second)
		type risen struct {
			at     time.Duration
			alarms journal.Alarms
		}
		var got []risen
		for _, s := range samples(store) {
			if s.Alarms != 0 {
				got = append(got, risen{s.Elapsed, s.Alarms})
			}
		}
		// That of 40 s is less than ten seconds after that of 31 s, and goes with the
		// heartbeat at 48 s... or with the call at 41 s, ten seconds after.
		want := []risen{{20 * time.Second, journal.AlarmUndervoltage}, {28 * time.Second, journal.AlarmUndervoltage},
			{31 * time.Second, journal.AlarmOOM}, {41 * time.Second, journal.AlarmUndervoltage}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("alarms %+v, want %+v", got, want)
		}
	})
}

// TestAlarmBudget demands that a supply that fails all day long costs no more than its
// budget of heartbeats, and that the rest is told with those that come anyway.
func TestAlarmBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, quiet := newMemory(), newMemory()
		var at []time.Duration
		for s := 15 * time.Second; s < 10*time.Hour; s += time.Minute {
			at = append(at, s)
		}
		flyWith(t, 10*time.Hour, fakeBox{vitals: func(at time.Duration) []journal.Value {
			return []journal.Value{value(journal.VitalUndervoltage, int64(at/time.Second)/15%2)}
		}}, store, at...)
		flyWith(t, 10*time.Hour, fakeBox{vitals: func(time.Duration) []journal.Value { return nil }}, quiet)
		if extra := len(store.Beats()) - len(quiet.Beats()); extra != journal.MaxAlarms {
			t.Errorf("%d heartbeats more, want %d", extra, journal.MaxAlarms)
		}
		all := samples(store)
		if last := all[len(all)-1]; last.Elapsed < 9*time.Hour {
			t.Errorf("nothing is told after %v", last.Elapsed)
		}
	})
}

// TestEvidenceComesLate demands that evidence which is found shortly after takeoff is
// recorded, once, and bounded.
func TestEvidenceComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		reset, record := journal.Clue{Source: "rsts", Value: "0x1000"}, journal.Clue{Source: "pstore", Value: "dmesg-ramoops-0"}
		flyWith(t, 3*time.Minute, fakeBox{
			clues: func(at time.Duration) journal.Evidence {
				if at < 5*time.Second {
					return journal.Evidence{reset}
				}
				return journal.Evidence{reset, record, {Source: "noise", Value: at.String()}}
			},
			vitals: func(time.Duration) []journal.Value { return nil },
		}, store)
		var found journal.Evidence
		for _, r := range store.Records {
			if e, ok := r.(journal.Evidence); ok {
				found = append(found, e...)
			}
		}
		// At takeoff, at 1, 2 and 4 s there was the first clue alone; then looks at 8, 18, 38
		// and 78 s.
		if len(found) != 2+4 || found[0] != reset || found[1] != record {
			t.Errorf("found %v", found)
		}
	})
}

// TestVitalsOutliveRefusals demands that what a refused heartbeat would have told is told
// by the next one, alarms among it, and that the refusals are.
func TestVitalsOutliveRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &refusing{memory: newMemory(), from: 5 * time.Second, to: 20 * time.Second, began: time.Now()}
		began := time.Now()
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(40*time.Second, func() { cancel(errors.New("SIGTERM")) })
		err := Record(ctx, store, Config{
			Interval: 10 * time.Second, Log: slog.New(slog.DiscardHandler), Now: func() clock.Reading { return steady(began) },
			BlackBox: fakeBox{began: began, vitals: func(at time.Duration) []journal.Value {
				return []journal.Value{value(journal.VitalOOMKills, min(1, int64(at/(7*time.Second))))}
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var told bool
		for _, s := range samples(store.memory) {
			told = told || s.Alarms == journal.AlarmOOM && s.Elapsed >= 20*time.Second && s.Values[0] == value(journal.VitalOOMKills, 1) && s.Values[len(s.Values)-1].Vital == journal.VitalRefused
		}
		if !told {
			t.Errorf("samples %+v", samples(store.memory))
		}
	})
}

// refusing is a lane that refuses heartbeats for a while.
type refusing struct {
	*memory
	began    time.Time
	from, to time.Duration
}

func (r *refusing) Append(id ksuid.KSUID, records ...journal.Record) error {
	if at := time.Since(r.began); at >= r.from && at < r.to {
		return errors.New("input/output error")
	}
	return r.memory.Append(id, records...)
}
