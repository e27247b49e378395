package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// slack is how much later than asked the naps of the recorder's threads may end. The
// longest one that the Go runtime's monitor takes is as long (runtime/proc.go: sysmon).
const slack = 10 * time.Millisecond

// keepDrowsy begins the program anew, with more slack for its threads' naps. At each
// heartbeat the runtime's monitor wakes up as well, looks what goes on each 20 µs, and
// hands what the thread that waits for the disk was doing to another one, which must
// wake up for it: half of all switches, for nothing. Nothing stops the monitor, but
// with this slack it oversleeps most heartbeats. A thread has the slack of the one that
// began it, and the monitor is begun before any code of ours runs; so it must be there
// before the program is, which PR_SET_TIMERSLACK(2const) says it can: it is preserved
// across execve(2). Alarms, which are the kernel's, are as exact as before.
func keepDrowsy() {
	const anew = "FLIGHTREC_BEGUN_ANEW" // where a kernel doesn't keep its word, once is enough
	defer os.Unsetenv(anew)
	before, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil || time.Duration(before) >= slack || os.Getenv(anew) != "" {
		return
	}
	program, err := os.Executable()
	if err != nil {
		return
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0) == nil && os.Setenv(anew, "yes") == nil {
		syscall.Exec(program, os.Args, os.Environ()) // where it fails, all is as before
	}
}

// forgetStart gives back the pages of the program's file that only its start took,
// which are nearly all: they are resident until the machine is short of memory.
// Those that a heartbeat takes come back with the next one, from the page cache.
func forgetStart() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	var from, to uintptr
	ours := false
	for line := range strings.Lines(string(maps)) {
		var begin, end uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &begin, &end); n == 2 {
			from, to = begin, end
			ours = strings.HasSuffix(strings.TrimSpace(line), " "+program)
			continue
		}
		// What was written isn't in the file; a linker that moves the program writes
		// into parts that are read-only by now.
		if written, ok := strings.CutPrefix(line, "Anonymous:"); ok && ours && strings.TrimSpace(written) == "0 kB" {
			syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}
