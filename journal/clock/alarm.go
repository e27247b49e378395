package clock

import "time"

// Alarm sends a value on C once, the given time after Set was last called. While a
// value waits unread, no second one is sent. Set may race with a value on its way, so
// the receiver checks the time.
type Alarm struct {
	C   <-chan struct{}
	Set func(time.Duration)
}

// NewTimer returns an alarm made of a time.Timer, not set yet.
func NewTimer() Alarm {
	c := make(chan struct{}, 1)
	timer := time.AfterFunc(time.Hour, func() { ring(c) })
	timer.Stop()
	return Alarm{c, func(d time.Duration) { timer.Reset(d) }}
}

// ring sends a value, unless one waits already.
func ring(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
