//go:build linux || darwin || freebsd || dragonfly || netbsd || openbsd

package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

// read returns the clock's reading, Unknown if the system has no such clock.
func read(id int32) time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(id, &ts) != nil {
		return Unknown
	}
	return time.Duration(ts.Nano())
}

// release returns the kernel's release, as uname -r prints it.
func release() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
