package sntp

import (
	"testing"
	"time"

	"flightrec/journal/clock"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// told is the answer that it was noon when the boot clock stood at an hour, of
// which the machine had slept half.
var told = Answer{
	Boot: time.Hour, Awake: 30 * time.Minute, Raw: 30 * time.Minute,
	Wall: time.Unix(0, 0), Offset: noon.Sub(time.Unix(0, 0)), MaxError: 10 * time.Millisecond,
}

// later is a reading so long after it, of a clock that is right within a millisecond.
func later(passed time.Duration) clock.Reading {
	return clock.Reading{
		Boot: told.Boot + passed, Awake: told.Awake + passed, Raw: told.Raw + passed,
		Wall: noon.Add(passed), MaxError: time.Millisecond,
	}
}

func TestAt(t *testing.T) {
	for _, tt := range []struct {
		name   string
		passed time.Duration
		raw    time.Duration // how far the raw clock got ahead of the awake one
		want   time.Duration // the maximum error
	}{
		{"at once", 0, 0, 10 * time.Millisecond},
		{"drift", 2000 * time.Second, 0, 1010 * time.Millisecond},
		{"a boot clock that is slewed back", 2000 * time.Second, 3 * time.Second, 4010 * time.Millisecond},
		{"a boot clock that is slewed forward", 2000 * time.Second, -3 * time.Second, 4010 * time.Millisecond},
	} {
		r := later(tt.passed)
		r.Raw += tt.raw
		at, maxError := told.At(r)
		if !at.Equal(noon.Add(tt.passed)) || maxError != tt.want {
			t.Errorf("%s: %v ± %v, want noon + %v ± %v", tt.name, at, maxError, tt.passed, tt.want)
		}
		r.Raw = clock.Unknown
		if _, maxError = told.At(r); maxError != 10*time.Millisecond+tt.passed/2000 {
			t.Errorf("%s, without a raw clock: ± %v", tt.name, maxError)
		}
	}
}

func TestSlept(t *testing.T) {
	for _, tt := range []struct {
		asleep time.Duration
		want   bool
	}{{0, false}, {50 * time.Millisecond, false}, {51 * time.Millisecond, true}, {time.Hour, true}} {
		r := later(time.Minute)
		r.Boot += tt.asleep
		if got := told.Slept(r); got != tt.want {
			t.Errorf("asleep for %v: %v", tt.asleep, got)
		}
	}
}

func TestContradicts(t *testing.T) {
	const errors = 111 * time.Millisecond // the answer's, the reading's, and noise
	for _, tt := range []struct {
		off      time.Duration // of the wall clock
		maxError time.Duration
		want     bool
	}{
		{0, time.Millisecond, false},
		{errors, time.Millisecond, false},
		{errors + 1, time.Millisecond, true},
		{-errors - 1, time.Millisecond, true},
		{365 * 24 * time.Hour, time.Millisecond, true},
		{15 * time.Second, clock.Unknown, false},
		{17 * time.Second, clock.Unknown, true},
	} {
		r := later(0)
		r.Wall, r.MaxError = r.Wall.Add(tt.off), tt.maxError
		if got := told.Contradicts(r); got != tt.want {
			t.Errorf("off by %v, maximum error %v: %v", tt.off, tt.maxError, got)
		}
	}
}

func TestAsk(t *testing.T) {
	good := serve(t, func(r packet) *packet { return reply(r, time.Hour) })
	p := Prober{Hosts: []string{good, "127.0.0.1:99999"}}
	answers := p.Ask(t.Context())
	if len(answers) != 2 || answers[0].Err != nil || answers[1].Err == nil {
		t.Errorf("answers %+v", answers)
	}
}
