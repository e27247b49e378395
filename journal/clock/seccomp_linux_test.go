package clock

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestSeccomp reads the clock in a process whose seccomp filter kills it for
// adjtimex(2), which is this test anew. As a separate program it is tried by
// testdata/script/seccomp.txtar.
func TestSeccomp(t *testing.T) {
	const filtered = "FLIGHTREC_TEST_FILTERED"
	if os.Getenv(filtered) != "" {
		runtime.LockOSThread()
		if err := killFor(unix.SYS_ADJTIMEX); err != nil {
			t.Fatal(err)
		}
		r := new(Clock).Now()
		if r.Sync != SyncUnknown || r.Source != SourceNone || !strings.Contains(r.Reason, "SystemCallFilter=") {
			t.Errorf("%+v", r)
		}
		_, facts := Describe()
		if len(facts) < 10 {
			t.Errorf("facts %v", facts)
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestSeccomp$", "-test.v")
	cmd.Env = append(os.Environ(), filtered+"=yes")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestSeccomp") {
		t.Errorf("%v\n%s", err, out)
	}
}

// killFor has the kernel kill this process when one of its threads makes a system call.
func killFor(call uint32) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: call},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&filter)))
	if errno != 0 {
		return errno
	}
	return nil
}

// A filter that lets adjtimex(2) through doesn't keep it from being asked.
func TestKillsNobody(t *testing.T) {
	var tx unix.Timex
	if _, err := adjtimex(&tx); errors.Is(err, errKilled) {
		t.Errorf("adjtimex: %v", err)
	}
	for status, want := range map[string]bool{"Name:\tx\nSeccomp:\t2\nSeccomp_filters:\t1\n": true, "Seccomp:\t0\n": false, "": false} {
		if got := isFiltered(status); got != want {
			t.Errorf("%q: %v, want %v", status, got, want)
		}
	}
}
