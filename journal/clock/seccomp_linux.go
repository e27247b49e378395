package clock

import (
	"runtime"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// adjtimex calls adjtimex(2), which changes nothing if tx is zero.
func adjtimex(tx *unix.Timex) (state int, err error) {
	if killsAdjtimex() {
		return 0, errKilled
	}
	return unix.Adjtimex(tx)
}

// killsAdjtimex reports whether a seccomp filter kills whoever calls adjtimex(2), as
// SystemCallFilter= does without SystemCallErrorNumber=. A process may not read its
// own filter (ptrace(2): PTRACE_SECCOMP_GET_FILTER needs CAP_SYS_ADMIN), so a child
// tries. A filter can't be taken off again; one that comes later isn't noticed.
var killsAdjtimex = sync.OnceValue(func() bool {
	if !isFiltered(content("/proc/self/status")) {
		return false
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid := forkAdjtimex(new(unix.Timex))
	if pid <= 0 {
		return false
	}
	for {
		var status unix.WaitStatus
		if _, err := unix.Wait4(pid, &status, 0, nil); err != unix.EINTR {
			return err == nil && status.Signaled()
		}
	}
})

// isFiltered reports whether a process with this /proc/self/status has a seccomp
// filter (proc_pid_status(5): mode 2).
func isFiltered(status string) bool {
	for line := range strings.Lines(status) {
		if mode, ok := strings.CutPrefix(line, "Seccomp:"); ok {
			return strings.TrimSpace(mode) == "2"
		}
	}
	return false
}

// forkAdjtimex returns the ID of a child that calls adjtimex(2) and ends. The child is
// a copy of this thread alone, without the Go runtime's others, so it makes system
// calls and nothing else; a second start of the program would cost a slow board a
// second at each boot.
//
//go:norace
//go:nosplit
func forkAdjtimex(tx *unix.Timex) int {
	flags, stack := uintptr(unix.SIGCHLD), uintptr(0)
	if runtime.GOARCH == "s390x" {
		flags, stack = stack, flags
	}
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, flags, stack, 0, 0, 0, 0)
	if errno != 0 {
		return -1
	}
	if pid == 0 {
		syscall.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0, 0) // its death leaves no core
		syscall.RawSyscall(unix.SYS_ADJTIMEX, uintptr(unsafe.Pointer(tx)), 0, 0)
		for {
			syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	return int(pid)
}
