package reports

import (
	"math"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// A clock log has the boots that have to do with the time asked for.
func TestClockLogSince(t *testing.T) {
	boots := []ground.Boot{boot("a", fly(1, "01:00:00", "02:00:00")), boot("b", fly(2, "03:00:00", "04:00:00"))}
	m := machineOf(boots, Options{Selection: Selection{Since: ref("02:30:00")}, Show: Show{Clock: true}})
	if clocks := m.ClockLogs; len(clocks) != 1 || clocks[0].Boot != "b" {
		t.Errorf("got %+v", clocks)
	}
	if clocks := machineOf(boots, Options{}).ClockLogs; clocks != nil {
		t.Errorf("nobody asked for %+v", clocks)
	}
}

func TestOscillator(t *testing.T) {
	fix := func(after time.Duration, ppm float64, err time.Duration) journal.Fix {
		raw := after + time.Duration(float64(after)*ppm/1e6)
		return journal.Fix{Elapsed: after, Awake: after, Raw: raw, Wall: at("00:00:00").Add(after), Sync: clock.SyncSynced, MaxError: err}
	}
	const ms = time.Millisecond
	for _, test := range []struct {
		p, q journal.Fix
		want *Oscillator
	}{
		// 10 ms and 30 ms in 10000 s are 4 ppm.
		{fix(0, 0, 0), fix(10000*time.Second, -30, 30*ms), &Oscillator{PPM: -30, Error: 4, Over: 10000 * time.Second}},
		{fix(0, 0, 20*ms), fix(10000*time.Second, 8, 20*ms), &Oscillator{PPM: 8, Error: 4, Over: 10000 * time.Second}},
		// 40 ms in 2 h are 5.6 ppm: too little is known.
		{fix(0, 0, 20*ms), fix(2*time.Hour, 8, 20*ms), nil},
		{fix(0, 0, 0), fix(0, 0, 0), nil},
		{fix(time.Hour, 0, 0), fix(0, 0, 0), nil},
	} {
		got := rate(test.p, test.q)
		switch {
		case got == nil && test.want == nil:
		case got == nil || test.want == nil:
			t.Errorf("got %+v, want %+v", got, test.want)
		case math.Abs(got.PPM-test.want.PPM) > 0.01 || math.Abs(got.Error-test.want.Error) > 0.01 || got.Over != test.want.Over:
			t.Errorf("got %+v, want %+v", got, test.want)
		}
	}
}
