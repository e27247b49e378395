package clock

import "time"

// An Alarm goes off once, a while after it was last set, with a value on C. While
// one waits unread no second is sent. It may go off early if it is set anew at that
// very moment, so whoever it wakes looks at the time.
type Alarm struct {
	C   <-chan struct{}
	Set func(time.Duration)
}

// NewTimer returns an alarm of Go's own, not set yet.
func NewTimer() Alarm {
	c := make(chan struct{}, 1)
	timer := time.AfterFunc(time.Hour, func() { ring(c) })
	timer.Stop()
	return Alarm{c, func(d time.Duration) { timer.Reset(d) }}
}

// ring sends an event, unless one waits already.
func ring(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
