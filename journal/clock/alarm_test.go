package clock

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// TestAlarm has each kind of alarm go off: not early, once, and when it was last
// told to.
func TestAlarm(t *testing.T) {
	for name, a := range map[string]Alarm{"kernel": NewAlarm(t.Context()), "runtime": NewTimer()} {
		for _, d := range []time.Duration{50 * time.Millisecond, 0, -time.Second, time.Millisecond} {
			a.Set(time.Hour)
			began := time.Now()
			a.Set(d)
			<-a.C
			if took := time.Since(began); took < d {
				t.Errorf("%s: set to %v, went off after %v", name, d, took)
			}
			time.Sleep(5 * time.Millisecond)
			select {
			case <-a.C:
				t.Errorf("%s: set to %v, went off twice", name, d)
			default:
			}
		}
	}
}

// TestAlarmEnds looks for what an alarm leaves behind when its context has ended.
func TestAlarmEnds(t *testing.T) {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	a := NewAlarm(ctx)
	a.Set(time.Hour)
	cancel()
	for runtime.NumGoroutine() > before { // or until the test's time is up
		time.Sleep(time.Millisecond)
	}
	a.Set(time.Millisecond) // does no harm
}
