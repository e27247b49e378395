package sntp

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"flightrec/journal/clock"

	"github.com/beevik/ntp"
)

// response is a valid response of a server that is ahead of us by offset.
func response(offset time.Duration) *ntp.Response {
	now := time.Now().Add(offset)
	return &ntp.Response{
		ClockOffset: offset, RTT: 20 * time.Millisecond, RootDistance: 30 * time.Millisecond,
		Version: 4, Stratum: 2, Time: now, ReferenceTime: now.Add(-time.Minute),
	}
}

// kiss is a kiss-o'-death.
func kiss(code string) *ntp.Response {
	return &ntp.Response{Version: 4, KissCode: code}
}

var errDown = errors.New("network is unreachable")

// simulation is a machine whose clocks are the bubble's, and servers that answer
// as the test says.
type simulation struct {
	start time.Time
	skew  time.Duration // of the wall clock
	reply func(host string) (*ntp.Response, error)
	asked []time.Duration // when, since start
}

func (s *simulation) now() clock.Reading {
	boot := time.Since(s.start)
	return clock.Reading{Boot: boot, Awake: boot, Wall: time.Now().Round(0).Add(s.skew)}
}

func (s *simulation) query(_ context.Context, host string) (*ntp.Response, error) {
	s.asked = append(s.asked, time.Since(s.start))
	return s.reply(host)
}

// run lets a prober run for d, with steps at the given times, and returns its
// answers.
func (s *simulation) run(t *testing.T, d time.Duration, hosts []string, steps ...time.Duration) []Answer {
	s.start = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	stepped := make(chan struct{}, 1)
	for _, at := range steps {
		time.AfterFunc(at, func() {
			select {
			case stepped <- struct{}{}:
			default:
			}
		})
	}
	p := Prober{Hosts: hosts, query: s.query, now: s.now}
	var answers []Answer
	p.Run(ctx, stepped, func(a Answer) { answers = append(answers, a) })
	return answers
}

func TestRunAsksUntilAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulation{}
		s.reply = func(string) (*ntp.Response, error) {
			if len(s.asked) < 12 {
				return nil, errDown
			}
			return response(time.Second), nil
		}
		answers := s.run(t, 48*time.Hour, []string{"a"})
		for i, wait := range waits(s.asked) {
			want := routine
			if i < 11 {
				want = min(soonest<<i, slowest)
			}
			if wait < want-want/4 || wait > want+want/4 || wait == want {
				t.Errorf("wait %d is %v, want %v within a quarter, but not just that", i, wait, want)
			}
		}
		for i, a := range answers {
			if (a.Err == nil) != (i >= 11) {
				t.Errorf("answer %d: %v", i, a.Err)
			}
		}
		if n := len(answers); n < 15 || n != len(s.asked) {
			t.Errorf("%d answers to %d questions", n, len(s.asked))
		}
	})
}

// waits returns the differences of times.
func waits(times []time.Duration) []time.Duration {
	var d []time.Duration
	for i := range len(times) - 1 {
		d = append(d, times[i+1]-times[i])
	}
	return d
}

func TestRunAsksAfterStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulation{reply: func(string) (*ntp.Response, error) { return response(0), nil }}
		s.run(t, 2*time.Hour, []string{"a"}, 3*time.Second, time.Hour, time.Hour+time.Second, time.Hour+2*time.Second)
		want := []time.Duration{0, soonest, time.Hour, time.Hour + soonest}
		if !slices.Equal(s.asked, want) {
			t.Errorf("asked at %v, want %v", s.asked, want)
		}
	})
}

func TestRunNeverFloods(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulation{reply: func(string) (*ntp.Response, error) { return nil, errDown }}
		var steps []time.Duration
		for i := range 600 {
			steps = append(steps, time.Duration(i)*time.Second)
		}
		s.run(t, 10*time.Minute, []string{"a"}, steps...)
		for _, wait := range waits(s.asked) {
			if wait < soonest-soonest/4 {
				t.Errorf("asked again after %v", wait)
			}
		}
	})
}

func TestRunHeedsKisses(t *testing.T) {
	tests := []struct {
		code string
		want int // questions in twelve hours of steps every minute
	}{
		{"DENY", 1},
		{"RSTR", 1},
		{"RATE", 12},
		{"", 12},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := simulation{reply: func(string) (*ntp.Response, error) { return kiss(tt.code), nil }}
				var steps []time.Duration
				for i := range 12 * 60 {
					steps = append(steps, time.Duration(i)*time.Minute)
				}
				answers := s.run(t, 12*time.Hour, []string{"a"}, steps...)
				if len(s.asked) != tt.want {
					t.Errorf("asked %d times, want %d", len(s.asked), tt.want)
				}
				for _, a := range answers {
					if !errors.Is(a.Err, ntp.ErrKissOfDeath) {
						t.Errorf("answer %+v isn't a kiss-o'-death", a)
					}
				}
			})
		})
	}
}

func TestRunEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p := Prober{Hosts: []string{"a", "b"}, now: new(clock.Clock).Now}
		p.query = func(ctx context.Context, _ string) (*ntp.Response, error) {
			cancel()
			return nil, ctx.Err()
		}
		p.Run(ctx, nil, func(a Answer) { t.Errorf("reported %+v after the end", a) })
	})
}

func TestAnswerIsOfOneMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulation{skew: -30 * 365 * 24 * time.Hour, start: time.Now()}
		s.reply = func(string) (*ntp.Response, error) {
			time.Sleep(40 * time.Millisecond)
			return response(-s.skew), nil
		}
		p := Prober{query: s.query, now: s.now}
		time.Sleep(time.Minute)
		a := p.ask(t.Context(), &server{host: "a"})
		if a.Err != nil || a.Boot != time.Minute || !a.Wall.Add(a.Offset).Equal(s.start.Add(time.Minute)) {
			t.Errorf("answer %+v, want the true time at 1m0s", a)
		}
		if want := 40 * time.Millisecond; a.MaxError != want {
			t.Errorf("maximum error %v, want %v", a.MaxError, want)
		}
	})
}

func TestStepWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := simulation{start: time.Now()}
		for _, step := range []time.Duration{-time.Hour, -101 * time.Millisecond, 50 * time.Millisecond, time.Hour} {
			s.reply = func(string) (*ntp.Response, error) {
				s.skew += step
				return response(0), nil
			}
			p := Prober{query: s.query, now: s.now}
			a := p.ask(t.Context(), &server{host: "a"})
			if small := step.Abs() <= clock.LineLimit; (a.Err == nil) != small {
				t.Errorf("step by %v: %+v", step, a)
			} else if small && a.MaxError != 40*time.Millisecond+step {
				t.Errorf("step by %v: maximum error %v doesn't hold it", step, a.MaxError)
			}
		}
	})
}
