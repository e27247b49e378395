package recorder

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/clock/sntp"
)

const year = 365 * 24 * time.Hour

// A board is a machine whose wall clock says what it likes, and a server that
// knows the true time, which is the bubble's.
type board struct {
	began   time.Time
	bend    func(now time.Duration, r *clock.Reading)
	answers chan sntp.Answer
	log     bytes.Buffer
}

// noDaemon is a wall clock that nobody ever set: it was 1970 at the boot.
func noDaemon(now time.Duration, r *clock.Reading) {
	r.Wall = time.Unix(60, 0).Add(now)
	r.Sync, r.MaxError = clock.SyncUnsynced, clock.Unknown
}

func (b *board) read() clock.Reading {
	now := time.Since(b.began)
	r := steady(b.began)
	if b.bend != nil {
		b.bend(now, &r)
	}
	return r
}

// ask lets host answer the recorder at now, wrong by lie and to within 50 ms.
func (b *board) ask(at time.Duration, host string, lie time.Duration) {
	time.AfterFunc(at, func() {
		r := b.read()
		b.answers <- sntp.Answer{
			Host: host, Boot: r.Boot, Awake: r.Awake, Raw: r.Raw, Wall: r.Wall,
			Offset: time.Now().Add(lie).Sub(r.Wall), MaxError: 50 * time.Millisecond,
		}
	})
}

// fly records for a while and returns the heartbeats.
func (b *board) fly(t *testing.T, runs time.Duration, asks func()) []journal.Beat {
	t.Helper()
	b.began, b.answers = time.Now(), make(chan sntp.Answer)
	asks()
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(runs, func() { cancel(errors.New("SIGTERM")) })
	store := newMemory()
	err := Record(ctx, store, Config{
		Interval: 30 * time.Second, Now: b.read, Answers: b.answers,
		Log: slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return store.Beats()
}

// warnings counts the log's warnings that hold text.
func (b *board) warnings(text string) int {
	n := 0
	for line := range strings.Lines(b.log.String()) {
		if strings.Contains(line, "level=WARN") && strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// diary is a flight's legs in words: why each began, and who told its time.
func diary(beats []journal.Beat) []string {
	var legs []string
	leg := uint64(1 << 60)
	for _, b := range beats {
		if b.Leg != leg {
			leg = b.Leg
			legs = append(legs, b.Cause.String()+" "+string(b.Source)+" "+b.Sync.String())
		}
	}
	return legs
}

// truthful demands that each synchronised heartbeat is right within its error.
func (b *board) truthful(t *testing.T, beats []journal.Beat) {
	t.Helper()
	for _, beat := range beats {
		truth := journal.InstantOf(b.began.Add(beat.Elapsed))
		if beat.Sync == clock.SyncSynced && (beat.MaxError < 0 || beat.Wall.Sub(truth).Abs() > beat.MaxError) {
			t.Errorf("heartbeat at %v is wrong by %v, beyond its error %v", beat.Elapsed, beat.Wall.Sub(truth), beat.MaxError)
		}
	}
}

func TestBoardWithoutDaemon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: noDaemon}
		beats := b.fly(t, 20*time.Hour, func() {
			for i := range 3 {
				// Each answer is off by some milliseconds, as answers are.
				b.ask(12*time.Second+time.Duration(i)*6*time.Hour, "a", time.Duration(i*20)*time.Millisecond)
			}
		})
		want := []string{"takeoff adjtimex unsynced", "step sntp synced"}
		if got := diary(beats); !slices.Equal(got, want) {
			t.Errorf("legs %q, want %q", got, want)
		}
		b.truthful(t, beats)
		i := slices.IndexFunc(beats, func(b journal.Beat) bool { return b.Source == clock.SourceSNTP })
		if i < 0 || beats[i].Elapsed != 12*time.Second || beats[i].MaxError != 50*time.Millisecond {
			t.Fatalf("no heartbeat at once by the first answer: %+v", beats)
		}
		// 18 s later 500 ppm of that have been added to the error.
		if next := beats[i+1]; next.MaxError != 50*time.Millisecond+(next.Elapsed-beats[i].Elapsed)/2000 {
			t.Errorf("error %v at %v", next.MaxError, next.Elapsed)
		}
	})
}

// TestSmallOffset demands that a wall clock that is nearly right makes no step.
func TestSmallOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: func(_ time.Duration, r *clock.Reading) {
			r.Wall, r.Sync, r.Source = r.Wall.Add(-40*time.Millisecond), clock.SyncUnknown, ""
		}}
		beats := b.fly(t, time.Hour, func() { b.ask(12*time.Second, "a", 0) })
		want := []string{"takeoff  unknown", "sync sntp synced"}
		if got := diary(beats); !slices.Equal(got, want) {
			t.Errorf("legs %q, want %q", got, want)
		}
		b.truthful(t, beats)
	})
}

// TestLateCorrection demands that a boot clock that strayed is put right by a step.
func TestLateCorrection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: func(now time.Duration, r *clock.Reading) {
			slow := now / 1e6 * 100 // a crystal of -100 ppm
			noDaemon(now, r)
			r.Boot, r.Awake, r.Raw = r.Boot-slow, r.Awake-slow, r.Raw-slow
		}}
		beats := b.fly(t, 8*time.Hour, func() {
			b.ask(12*time.Second, "a", 0)
			b.ask(6*time.Hour, "a", 0)
		})
		want := []string{"takeoff adjtimex unsynced", "step sntp synced", "step sntp synced"}
		if got := diary(beats); !slices.Equal(got, want) {
			t.Errorf("legs %q, want %q", got, want)
		}
		for _, beat := range beats {
			// Elapsed is that of the bent boot clock; what it lacks is 100 ppm.
			truth := journal.InstantOf(b.began.Add(beat.Elapsed + beat.Elapsed/9999))
			if beat.Source == clock.SourceSNTP && beat.Wall.Sub(truth).Abs() > beat.MaxError {
				t.Errorf("heartbeat at %v is wrong by %v, beyond its error %v", beat.Elapsed, beat.Wall.Sub(truth), beat.MaxError)
			}
		}
	})
}

// TestLiar demands that a server that lies by a year never gets into a heartbeat of
// a machine that once knew the time, and that it is told of once.
func TestLiar(t *testing.T) {
	for _, lie := range []time.Duration{year, -year} {
		synctest.Test(t, func(t *testing.T) {
			lost := 5 * time.Hour
			b := board{bend: func(now time.Duration, r *clock.Reading) {
				if now >= lost {
					r.Sync, r.MaxError = clock.SyncUnsynced, clock.Unknown
				}
			}}
			beats := b.fly(t, 8*time.Hour, func() {
				for _, at := range []time.Duration{time.Second, time.Hour, lost + time.Minute, lost + time.Hour} {
					b.ask(at, "liar", lie)
				}
			})
			want := []string{"takeoff adjtimex synced", "sync adjtimex unsynced"}
			if got := diary(beats); !slices.Equal(got, want) {
				t.Errorf("legs %q, want %q", got, want)
			}
			b.truthful(t, beats)
			if n := b.warnings("host=liar"); n != 1 {
				t.Errorf("%d warnings:\n%s", n, &b.log)
			}
		})
	}
}

// TestLieIsFoundOut demands that a lie which came first is given up for good when
// the system learns the time.
func TestLieIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: func(now time.Duration, r *clock.Reading) {
			if now < time.Hour || now >= 2*time.Hour {
				r.Sync, r.MaxError = clock.SyncUnsynced, clock.Unknown
			}
		}}
		beats := b.fly(t, 3*time.Hour, func() {
			b.ask(12*time.Second, "liar", year)
			b.ask(150*time.Minute, "liar", year)
		})
		want := []string{"takeoff adjtimex unsynced", "step sntp synced", "step adjtimex synced", "sync adjtimex unsynced"}
		if got := diary(beats); !slices.Equal(got, want) {
			t.Errorf("legs %q, want %q", got, want)
		}
		if n := b.warnings("contradicts"); n != 1 {
			t.Errorf("%d warnings:\n%s", n, &b.log)
		}
	})
}

// TestAmends demands that a server is believed again once it agrees with the
// synchronised system: the wall clock may have been late when it was contradicted.
func TestAmends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: func(now time.Duration, r *clock.Reading) {
			switch {
			case now < time.Hour: // as after a pause that the machine didn't notice
				r.Wall = r.Wall.Add(-time.Hour)
			case now >= 3*time.Hour:
				r.Sync, r.MaxError = clock.SyncUnsynced, clock.Unknown
			}
		}}
		beats := b.fly(t, 4*time.Hour, func() {
			b.ask(12*time.Second, "a", 0)
			b.ask(time.Hour+time.Second, "a", 0)
		})
		want := []string{"takeoff adjtimex synced", "step adjtimex synced", "sync sntp synced"}
		if got := diary(beats); !slices.Equal(got, want) {
			t.Errorf("legs %q, want %q", got, want)
		}
		if b.warnings("contradicts") != 1 {
			t.Errorf("log:\n%s", &b.log)
		}
	})
}

// TestSleepForgetsAnswer demands that after a suspend the old answer is no proof.
func TestSleepForgetsAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: func(now time.Duration, r *clock.Reading) {
			noDaemon(now, r)
			if now >= time.Hour {
				r.Boot += time.Hour
			}
		}}
		beats := b.fly(t, 3*time.Hour, func() {
			b.ask(12*time.Second, "a", 0)
			b.ask(2*time.Hour, "a", 0)
		})
		want := []string{"takeoff adjtimex unsynced", "step sntp synced", "step adjtimex unsynced", "step sntp synced"}
		if got := diary(beats); !slices.Equal(got, want) {
			t.Errorf("legs %q, want %q", got, want)
		}
	})
}

// TestSlewWidensError demands that a boot clock that is slewed, as the raw clock
// tells, makes no claim that it can't keep.
func TestSlewWidensError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{}
		b.bend = func(now time.Duration, r *clock.Reading) {
			noDaemon(now, r)
			r.Boot -= now / 11 // as chrony does to slew a clock that is far off
			r.Awake = r.Boot
		}
		for _, beat := range b.fly(t, time.Hour, func() { b.ask(12*time.Second, "a", 0) }) {
			truth := journal.InstantOf(b.began.Add(beat.Raw))
			if beat.Source == clock.SourceSNTP && beat.Wall.Sub(truth).Abs() > beat.MaxError {
				t.Errorf("heartbeat at %v is wrong by %v, beyond its error %v", beat.Raw, beat.Wall.Sub(truth), beat.MaxError)
			}
		}
	})
}

func TestBetterAnswerServes(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	now := clock.Reading{Boot: time.Hour, Awake: time.Hour, Raw: clock.Unknown, Wall: time.Unix(0, 0), Sync: clock.SyncUnsynced}
	heard := func(host string, ago, offset, maxError time.Duration) sntp.Answer {
		return sntp.Answer{Host: host, Boot: now.Boot - ago, Awake: now.Awake - ago, Raw: now.Raw, Wall: now.Wall.Add(-ago), Offset: offset, MaxError: maxError}
	}
	for _, tt := range []struct {
		name   string
		first  sntp.Answer
		second sntp.Answer
		want   string
	}{
		{"the closer one", heard("a", 0, 0, 10*time.Millisecond), heard("b", 0, 5*time.Millisecond, 20*time.Millisecond), "a"},
		{"the closer one, later", heard("a", 0, 0, 20*time.Millisecond), heard("b", 0, 5*time.Millisecond, 10*time.Millisecond), "b"},
		{"the newer one, by drift", heard("a", time.Minute, 0, 10*time.Millisecond), heard("b", 0, 5*time.Millisecond, 20*time.Millisecond), "b"},
		{"the newer one, if they contradict", heard("a", 0, 0, 10*time.Millisecond), heard("b", 0, time.Hour, 20*time.Millisecond), "b"},
	} {
		p := newTimeServers(log)
		p.take(tt.first, now)
		p.take(tt.second, now)
		if p.best.Host != tt.want {
			t.Errorf("%s: %s serves", tt.name, p.best.Host)
		}
	}
}

// TestBadAnswers demands that they change nothing, and are told once, until the
// server has given a good one.
func TestBadAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: noDaemon}
		bad := func(at time.Duration) {
			time.AfterFunc(at, func() { b.answers <- sntp.Answer{Host: "a", Err: errors.New("no network")} })
		}
		beats := b.fly(t, 30*time.Second, func() {
			for i := range 5 {
				bad(time.Duration(9+i) * time.Second)
			}
			b.ask(15*time.Second, "a", 0)
			bad(16 * time.Second)
			bad(17 * time.Second)
		})
		if len(beats) != 5+1+1 { // 0, 1, 2, 4, 8 s, the answer, the landing
			t.Errorf("%d heartbeats", len(beats))
		}
		if n := b.warnings("no network"); n != 2 {
			t.Errorf("%d warnings:\n%s", n, &b.log)
		}
	})
}

// TestTrueAnswerToSyncedSystem demands that it costs no heartbeat.
func TestTrueAnswerToSyncedSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b board
		beats := b.fly(t, 30*time.Second, func() { b.ask(15*time.Second, "a", 0) })
		if len(beats) != 6 || b.warnings("") != 0 {
			t.Errorf("%d heartbeats, log:\n%s", len(beats), &b.log)
		}
	})
}

// TestAnswerOutlivesLegLimit demands that the next flight goes on with it.
func TestAnswerOutlivesLegLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := board{bend: func(now time.Duration, r *clock.Reading) {
			if now/(30*time.Second)%2 == 0 {
				noDaemon(now, r)
			}
		}}
		b.fly(t, 3*time.Hour, func() { b.ask(12*time.Second, "a", 0) })
		if n := strings.Count(b.log.String(), "took off"); n < 2 || strings.Count(b.log.String(), "time server answered") != 1 {
			t.Errorf("%d flights", n)
		}
	})
}
