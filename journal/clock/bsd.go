//go:build freebsd || dragonfly || netbsd

package clock

import (
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	absolute    = true
	freeRunning = false
)

// judge reads the sysctl that holds the result of ntp_gettime(2). On all three systems
// any user may read it.
func judge(r Reading, stepped *steps) verdict {
	b, err := unix.SysctlRaw(ntptimeName)
	if err != nil {
		return unknown(fmt.Sprintf("sysctl %s: %v", ntptimeName, err))
	}
	t, ok := parseNTPTime(b, int(unsafe.Sizeof(unix.Timespec{})), strconv.IntSize/8)
	if !ok {
		return unknown("sysctl " + ntptimeName + ": not of this program's word size")
	}
	return t.classify(SourceNTPGettime, stepped.since(r, word{maxError: t.maxError}))
}
