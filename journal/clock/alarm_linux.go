package clock

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// NewAlarm returns an alarm, not set yet, that ends with ctx.
//
// A timer of Go's own costs more than a heartbeat does: the runtime's monitor wakes
// for it at the time, but the thread that serves it sleeps in epoll_wait, which the
// kernel ends late by up to a thousandth of the time (10 ms of 10 s), and until then
// the monitor looks for it each 20 µs. A timer of the kernel's wakes the thread
// alone.
func NewAlarm(ctx context.Context) Alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return NewTimer()
	}
	f := os.NewFile(uintptr(fd), "timerfd")
	context.AfterFunc(ctx, func() { f.Close() })
	c := make(chan struct{}, 1)
	go func() {
		defer f.Close()
		var ticks [8]byte
		for {
			if _, err := f.Read(ticks[:]); err != nil {
				return
			}
			ring(c)
		}
	}()
	raw, _ := f.SyscallConn() // fails for no file that was made by NewFile
	return Alarm{c, func(d time.Duration) {
		// A time of nothing would stop the timer.
		at := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 1)))}
		raw.Control(func(fd uintptr) { unix.TimerfdSettime(int(fd), 0, &at, nil) })
	}}
}
