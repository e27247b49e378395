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
// heartbeat the runtime's monitor wakes up, and then looks about every 20 µs, and takes
// the processor from a thread that waits for the disk, so that another one must wake
// up as well: half of the threads' switches, for nothing. It is told so little by the
// rest of the program that only the slack of its naps holds it back, and that comes
// from the thread that began it, which was there before all code of ours; but it lasts
// beyond execve(2), says PR_SET_TIMERSLACK(2const). Alarms have none of it.
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
