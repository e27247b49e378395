package clock

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// NewAlarm returns an alarm made of timerfd_create(2), not set yet. It ends with ctx.
//
// A time.Timer costs more than a heartbeat does: the runtime's monitor wakes on time,
// but the thread that serves the timer sleeps in epoll_wait(2), which the kernel ends
// late by up to a thousandth of the time (10 ms of 10 s); until then the monitor polls
// each 20 µs. A timerfd wakes that thread alone.
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
