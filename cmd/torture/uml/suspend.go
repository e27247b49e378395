//go:build linux && amd64

package uml

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// armed is a struct itimerspec in which a timer is to go off in a second.
var armed = strings.Repeat("00", 16) + "01" + strings.Repeat("00", 15)

// Suspend suspends the machine to memory, for a second or so. It skips the test
// where there is no strace, or where that may not be used.
//
// User-Mode Linux wakes from suspend at once, since it finds that no timer is
// armed and takes that for having been woken. So it is told, by strace, that one
// is; then it sleeps until it gets SIGUSR1.
func (m *Machine) Suspend() {
	m.t.Helper()
	pid := m.cmd.Process.Pid
	strace := exec.Command(hostProgram(m.t, "strace", "/usr/bin/strace"),
		"-o", "/dev/null", "-p", strconv.Itoa(pid), "-e", "trace=timer_gettime",
		"-e", "inject=timer_gettime:poke_exit=@arg2="+armed)
	var says bytes.Buffer
	strace.Stderr = &says
	if err := strace.Start(); err != nil {
		m.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = strace.Wait() // it ends by the signal below
		close(ended)
	}()
	defer func() {
		_ = strace.Process.Signal(syscall.SIGTERM)
		<-ended
	}()
	for !traced(pid) {
		select {
		case <-ended:
			m.t.Skipf("needs to trace its own processes: %s", &says)
		case <-time.After(10 * time.Millisecond):
		}
	}
	woken := make(chan struct{})
	defer close(woken)
	go m.wake(woken)
	// A wake-up that is under way refuses the suspend (EBUSY): for a moment, or for longer
	// on a busy host.
	m.Shell("for i in $(seq 100); do echo mem > /sys/power/state && exit; sleep 0.2; done; exit 1")
}

// wake wakes the machine from suspend. A signal that comes before it sleeps is
// lost, so more follow.
func (m *Machine) wake(woken <-chan struct{}) {
	tick := time.NewTicker(1500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-woken:
			return
		case <-tick.C:
			_ = m.cmd.Process.Signal(syscall.SIGUSR1)
		}
	}
}

func traced(pid int) bool {
	status, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	return !strings.Contains(string(status), "\nTracerPid:\t0\n")
}
