package clock

import (
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// at is a reading at a point of the boot clock, with the wall clock off by skew.
func at(boot, skew time.Duration) Reading {
	return Reading{Boot: boot, Wall: epoch.Add(boot + skew)}
}

func TestStepsRememberedUntilDaemonSpeaks(t *testing.T) {
	var s steps
	const hour = time.Hour
	tests := []struct {
		name string
		r    Reading
		w    word
		want bool
	}{
		{"first reading", at(0, 0), word{maxError: 1000}, false},
		{"error grows", at(10*time.Second, 0), word{maxError: 6000}, false},
		{"set by hand, daemon spoke just before", at(20*time.Second, hour), word{maxError: 1000}, true},
		{"nobody spoke since", at(30*time.Second, hour), word{maxError: 6000}, true},
		{"daemon writes the error", at(40*time.Second, hour), word{maxError: 900}, false},
		{"set back by hand", at(50*time.Second, 0), word{maxError: 5900}, true},
		{"the offset shrinks by itself", at(60*time.Second, 0), word{maxError: 10900}, true},
		{"daemon steers the frequency", at(70*time.Second, 0), word{maxError: 15900, freq: 7}, false},
	}
	for _, tt := range tests {
		if got := s.since(tt.r, tt.w); got != tt.want {
			t.Errorf("%s: stepped = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestWordFollows(t *testing.T) {
	before := word{maxError: 16e6, offset: -900, freq: 5, constant: 6}
	tests := []struct {
		name  string
		after word
		want  bool
	}{
		{"the same", before, false},
		{"offset decays", word{16e6, -400, 5, 6}, false},
		{"error grows", word{17e6, -900, 5, 6}, false},
		{"error written", word{15e6, -900, 5, 6}, true},
		{"offset written", word{16e6, 901, 5, 6}, true},
		{"frequency written", word{16e6, -900, 6, 6}, true},
		{"time constant written", word{16e6, -900, 5, 7}, true},
	}
	for _, tt := range tests {
		if got := tt.after.follows(before); got != tt.want {
			t.Errorf("%s: follows = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestStepLimit(t *testing.T) {
	tests := []struct {
		passed time.Duration
		free   bool
		want   time.Duration
	}{
		{-time.Hour, true, 100 * time.Millisecond},
		{10 * time.Second, true, 100 * time.Millisecond},
		{30 * time.Second, true, 180 * time.Millisecond},
		{24 * time.Hour, false, 100 * time.Millisecond},
	}
	for _, tt := range tests {
		if got := stepLimit(tt.passed, tt.free); got != tt.want {
			t.Errorf("stepLimit(%v, %v) = %v, want %v", tt.passed, tt.free, got, tt.want)
		}
	}
}
