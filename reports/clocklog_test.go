package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// The clock log's stories are in testdata/flights.

// Whatever clocks a dump shows, there is a clock log of it.
func TestClockLogOfExtremes(t *testing.T) {
	walls := []journal.Instant{math.MinInt64, 0, at("12:00:00"), math.MaxInt64}
	spans := []time.Duration{0, time.Hour, math.MaxInt64}
	for _, wall := range walls {
		for _, then := range walls {
			for _, elapsed := range spans {
				for _, since := range append(spans, clock.Unknown) {
					checkClockLog(t, wall, then, elapsed, since)
				}
			}
		}
	}
}

// checkClockLog writes the clock log of a flight that has two legs.
func checkClockLog(t *testing.T, wall, then journal.Instant, elapsed, since time.Duration) {
	t.Helper()
	f := fly(1, "12:00:00", "13:00:00")
	f.Takeoff.SinceBoot, f.Error = since, elapsed
	from := journal.Fix{Wall: wall, Sync: clock.SyncSynced, MaxError: 0}
	to := journal.Fix{Wall: then, Sync: clock.SyncUnsynced, MaxError: elapsed, Elapsed: elapsed, Raw: elapsed}
	f.Legs = []journal.Leg{{Beats: 1, First: from, Last: from}, {Cause: journal.CauseSync, Beats: 1, First: to, Last: to}}
	f.Pauses = []ground.Span{{Start: wall, End: max(wall, then)}}
	r := New([]ground.Boot{boot("a", f)}, Options{Clock: true})
	var text, object strings.Builder
	if err := r.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(&object); err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(object.String())) {
		t.Errorf("not valid JSON: %s", &object)
	}
	if !strings.HasPrefix(text.String(), "BOOT #1: ") {
		t.Errorf("got\n%s", &text)
	}
}

// A clock log has the boots that have to do with the time asked for.
func TestClockLogSince(t *testing.T) {
	boots := []ground.Boot{boot("a", fly(1, "01:00:00", "02:00:00")), boot("b", fly(2, "03:00:00", "04:00:00"))}
	r := New(boots, Options{Clock: true, Since: ref("02:30:00")})
	if clocks := r.Machines[0].Clock; len(clocks) != 1 || clocks[0].Boot != "b" {
		t.Errorf("got %+v", clocks)
	}
	if clocks := New(boots, Options{}).Machines[0].Clock; clocks != nil {
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
