//go:build linux && amd64

package uml

import (
	"encoding/json"
	"strings"
	"time"

	"flightrec/journal/clock/ntptest"
)

// Console returns what the machine has printed so far.
func (m *Machine) Console() string { return m.console.String() }

// BootID returns the ID of the machine's boot, as its kernel has it.
func (m *Machine) BootID() string { return m.bootID }

// Run runs a program to its end and returns what it printed; that it doesn't
// succeed ends the test.
func (m *Machine) Run(argv ...string) string {
	m.t.Helper()
	out, reason := m.Try(argv...)
	if reason != "" {
		m.t.Fatalf("%s: %s\n%s", strings.Join(argv, " "), reason, out)
	}
	return out
}

// Try is Run for a program that may fail: reason says how it did, and is empty if
// it didn't.
func (m *Machine) Try(argv ...string) (output, reason string) {
	m.t.Helper()
	r := m.call(request{Op: "run", Args: argv, Timeout: limit / 2})
	return r.Output, r.Err
}

// Shell runs a line of shell.
func (m *Machine) Shell(line string) string {
	m.t.Helper()
	return m.Run("/bin/sh", "-c", line)
}

// Start starts a program and leaves it running; it prints to the console.
func (m *Machine) Start(argv ...string) {
	m.t.Helper()
	m.must(request{Op: "start", Args: argv})
}

// Clocks reads the machine's clocks.
func (m *Machine) Clocks() Clocks {
	m.t.Helper()
	return *m.must(request{Op: "clocks"}).Clocks
}

// Await reads the clocks until they are as wanted, and ends the test if that takes
// longer than anything should.
func (m *Machine) Await(what string, wanted func(Clocks) bool) Clocks {
	m.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(50 * time.Millisecond) {
		c := m.Clocks()
		if wanted(c) {
			return c
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("awaiting %s: still %v", what, c)
		}
	}
}

// Serve starts a time server at the machine's own port 123, whose clock says wall now,
// or what the machine's says if wall is zero; a server that runs already only changes
// its answer.
func (m *Machine) Serve(wall time.Time, answer ntptest.Answer) {
	m.t.Helper()
	m.must(request{Op: "serve", Wall: wall, Answer: &answer})
}

// PowerOff ends the machine in good order: by systemd if that is its init.
func (m *Machine) PowerOff() {
	m.t.Helper()
	m.leave(request{Op: "poweroff"})
	m.awaitExit()
}

// Reboot reboots the machine in good order and waits for it to come up again.
func (m *Machine) Reboot() {
	m.t.Helper()
	m.leave(request{Op: "reboot"})
	m.awaitHello()
}

// Panic makes the machine's kernel crash. The machine is gone then.
func (m *Machine) Panic() {
	m.t.Helper()
	m.leave(request{Op: "panic"})
	m.awaitExit()
}

// Cut ends the machine as a power cut does: what it had not written to its disk is
// lost.
func (m *Machine) Cut() { m.end() }

// leave asks for something that the agent may not live to answer.
func (m *Machine) leave(r request) {
	m.t.Helper()
	m.send(&r)
}

func (m *Machine) must(r request) reply {
	m.t.Helper()
	answer := m.call(r)
	if answer.Err != "" {
		m.t.Fatalf("%s: %s", r.Op, answer.Err)
	}
	return answer
}

// call asks the agent and waits for its reply; replies to what was asked before
// are passed over.
func (m *Machine) call(r request) reply {
	m.t.Helper()
	m.send(&r)
	for timeout := time.After(limit); ; {
		select {
		case answer := <-m.replies:
			if answer.ID == r.ID {
				return answer
			}
		case <-m.exited:
			m.t.Fatalf("%s: the machine ended", r.Op)
		case <-timeout:
			m.t.Fatalf("%s: no answer within %v", r.Op, limit)
		}
	}
}

func (m *Machine) send(r *request) {
	m.t.Helper()
	m.lastID++
	r.ID = m.lastID
	line, err := json.Marshal(r)
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err := m.conn.Write(append(line, '\n')); err != nil {
		m.t.Fatalf("%s: %v", r.Op, err)
	}
}
