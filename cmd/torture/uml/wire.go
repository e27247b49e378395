//go:build linux && amd64

package uml

import (
	"fmt"
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/clock/ntptest"

	"golang.org/x/sys/unix"
)

// setup is what the guest's init is told, by way of a file.
type setup struct {
	Config
	Agent string // the host's path of the program that is the guest's init and agent
	Parts string // the host's folder of unpacked packages, if there is one
}

// request is what the host asks of the agent.
type request struct {
	ID      uint64
	Op      string
	Args    []string        `json:",omitempty"`
	Answer  *ntptest.Answer `json:",omitempty"`
	Wall    time.Time       `json:",omitzero"`
	Timeout time.Duration   `json:",omitempty"`
}

// reply is what the agent says: to a request, or of its own accord (Hello).
type reply struct {
	Hello  string  `json:",omitempty"` // a boot ID: the machine has come up
	ID     uint64  `json:",omitempty"`
	Output string  `json:",omitempty"`
	Err    string  `json:",omitempty"`
	Clocks *Clocks `json:",omitempty"`
}

// Clocks is one look at a machine's clocks: what flightrec makes of them, and what
// the kernel said.
type Clocks struct {
	clock.Reading
	Timex unix.Timex
	// State is what adjtimex returned; 5 is TIME_ERROR.
	State int
}

// Offset is the difference of wall clock and boot clock: it changes by steps
// alone.
func (c Clocks) Offset() time.Duration { return time.Duration(c.Wall.UnixNano()) - c.Boot }

// Slept is how long the machine has been suspended since its boot.
func (c Clocks) Slept() time.Duration { return c.Boot - c.Awake }

// String tells what a failed test wants to know.
func (c Clocks) String() string {
	return fmt.Sprintf("%v ± %v by %q, %s, up %v, slept %v (adjtimex: %d, status %#x, maxerror %d, esterror %d)",
		c.Sync, c.MaxError, c.Source, c.Wall.UTC().Format(time.RFC3339Nano), c.Boot, c.Slept(),
		c.State, c.Timex.Status, c.Timex.Maxerror, c.Timex.Esterror)
}
