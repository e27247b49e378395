package clock

import (
	"runtime"
	"testing"
	"time"
)

func TestNow(t *testing.T) {
	var c Clock
	a := c.Now()
	b := c.Now()
	if b.Boot < a.Boot || b.Awake < a.Awake {
		t.Errorf("clocks run backwards: %+v, then %+v", a, b)
	}
	if around := time.Since(b.Wall); around.Abs() > time.Minute {
		t.Errorf("wall clock %v is %v away", b.Wall, around)
	}
	if a.MaxError != Unknown && a.Sync != SyncSynced {
		t.Errorf("%v clock has maximum error %v", a.Sync, a.MaxError)
	}
	if (a.Source == "") != (a.Sync == SyncUnknown) || (a.Source == "") != (a.Reason != "") {
		t.Errorf("sync %v, source %q, reason %q", a.Sync, a.Source, a.Reason)
	}
	if runtime.GOOS == "linux" && (!a.Absolute || a.Raw == Unknown || a.Boot < a.Awake-slow) {
		t.Errorf("on Linux, %+v", a)
	}
}

// A scripted boot clock: each look at it gives the next value.
func script(values ...time.Duration) func() time.Duration {
	return func() time.Duration {
		v := values[0]
		values = values[1:]
		return v
	}
}

func TestBracket(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name  string
		looks []time.Duration
		want  time.Duration
		reads int
	}{
		{"quick", []time.Duration{100 * ms, 102 * ms}, 101 * ms, 1},
		{"slow once", []time.Duration{100 * ms, 120 * ms, 130 * ms, 130 * ms}, 130 * ms, 2},
		{"always slow", []time.Duration{100 * ms, 120 * ms, 130 * ms, 140 * ms, 150 * ms, 180 * ms}, 135 * ms, 3},
		{"no boot clock", []time.Duration{Unknown, Unknown}, Unknown, 1},
	}
	for _, tt := range tests {
		reads := 0
		r := bracket(script(tt.looks...), func() Reading {
			reads++
			return Reading{}
		})
		if r.Boot != tt.want || reads != tt.reads {
			t.Errorf("%s: boot %v after %d reads, want %v after %d", tt.name, r.Boot, reads, tt.want, tt.reads)
		}
	}
}

func TestParseTimens(t *testing.T) {
	tests := []struct {
		text string
		want timens
	}{
		{"monotonic           0         0\nboottime            0         0\n", timens{}},
		{"monotonic     -604800         1\nboottime       86400 500000000\n",
			timens{-604800*time.Second + 1, 86400*time.Second + 500*time.Millisecond}},
		{"", timens{}},
		{"monotonic\nrealtime 1 1\nboottime x 2\n", timens{}},
	}
	for _, tt := range tests {
		if got := parseTimens(tt.text); got != tt.want {
			t.Errorf("parseTimens(%q) = %+v, want %+v", tt.text, got, tt.want)
		}
	}
	if got := outside(3*time.Second, -7*time.Second); got != 10*time.Second {
		t.Errorf("outside = %v, want 10s", got)
	}
	if got := outside(Unknown, time.Second); got != Unknown {
		t.Errorf("outside(Unknown) = %v", got)
	}
}
