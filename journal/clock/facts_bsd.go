//go:build freebsd || dragonfly || netbsd

package clock

import (
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// facts returns what the kernel tells of its wall clock.
func facts() []Fact {
	b, err := unix.SysctlRaw(ntptimeName)
	if err != nil {
		return []Fact{{"sysctl " + ntptimeName, nil, err.Error()}}
	}
	t, ok := parseNTPTime(b, int(unsafe.Sizeof(unix.Timespec{})), strconv.IntSize/8)
	if !ok {
		return nil
	}
	return []Fact{
		{"ntp_gettime unsynchronised", t.unsync, "only the beginning is worth something: it isn't set again"},
		{"ntp_gettime max error", time.Duration(t.maxError) * time.Microsecond, "below 16s a time daemon has set the clock right"},
		{"ntp_gettime est error", time.Duration(t.estError) * time.Microsecond, ""},
	}
}
