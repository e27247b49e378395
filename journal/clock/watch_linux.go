package clock

import (
	"context"
	"errors"
	"io"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// Watch returns a channel that gets a value when the wall clock was stepped or the
// machine woke from suspend. While a value waits unread, no second one is sent. Values
// end with ctx; the channel is never closed, and nil where the system can't tell.
func Watch(ctx context.Context) <-chan struct{} {
	f, err := setTimer()
	if err != nil {
		return nil
	}
	// Close ends the Read that notify waits in.
	context.AfterFunc(ctx, func() { f.Close() })
	events := make(chan struct{}, 1)
	go func() {
		defer f.Close()
		notify(f, events)
	}()
	return events
}

// setTimer returns a timer on the wall clock whose Read fails with ECANCELED when that
// clock is set (timerfd_create(2)). It is set to the latest time that every architecture
// can express, since nobody waits for it to go off.
func setTimer() (*os.File, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	at := unix.ItimerSpec{Value: unix.Timespec{Sec: math.MaxInt32}}
	err = unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &at, nil)
	// ECANCELED: the clock was set since the line before, the timer is set all the same.
	if err != nil && err != unix.ECANCELED {
		unix.Close(fd)
		return nil, os.NewSyscallError("timerfd_settime", err)
	}
	// The descriptor doesn't block, so that Read waits in the runtime's poller.
	return os.NewFile(uintptr(fd), "timerfd"), nil
}

// notify sends an event for each cancellation of the timer, until reading it
// fails. The kernel keeps watching without the timer being set again, also after
// it went off (which it does once, with a Read that succeeds).
func notify(timer io.Reader, events chan<- struct{}) {
	var ticks [8]byte
	for {
		_, err := timer.Read(ticks[:])
		switch {
		case err == nil:
		case errors.Is(err, unix.ECANCELED):
			ring(events)
		default:
			return
		}
	}
}
