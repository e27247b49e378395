package journal

import (
	"encoding"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// Cause says why a leg began. Its values are part of the format and don't change.
type Cause uint8

const (
	CauseTakeoff Cause = iota // the flight began
	CauseSync                 // the sync state changed
	CauseStep                 // the wall clock was stepped
	CauseWake                 // the machine woke from suspend
	CauseStall                // the recorder itself had stood still
)

var causeNames = [...]string{"takeoff", "sync", "step", "wake", "stall"}

// String returns the cause as dump lines spell it.
func (c Cause) String() string {
	if int(c) < len(causeNames) {
		return causeNames[c]
	}
	return fmt.Sprintf("cause(%d)", uint8(c))
}

// MarshalText writes the cause as [Cause.String] does.
func (c Cause) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is the inverse of MarshalText, for the causes of a newer version,
// too; any other word is an error.
func (c *Cause) UnmarshalText(text []byte) error {
	for i, name := range causeNames {
		if name == string(text) {
			*c = Cause(i)
			return nil
		}
	}
	if digits, ok := strings.CutPrefix(string(text), "cause("); ok {
		n, err := strconv.ParseUint(strings.TrimSuffix(digits, ")"), 10, 8)
		if err == nil && Cause(n).String() == string(text) {
			*c = Cause(n)
			return nil
		}
	}
	return fmt.Errorf("cause %q: not one of takeoff, sync, step, wake, stall", text)
}

var _ encoding.TextUnmarshaler = (*Cause)(nil)

// Fix is a pair of boot clock and wall clock, read together.
type Fix struct {
	Elapsed  time.Duration // since takeoff, on the clock that counts suspend
	Awake    time.Duration // since takeoff, on the clock that stops in suspend
	Raw      time.Duration // since takeoff, on the clock that nobody disciplines; clock.Unknown where there is none
	Wall     Instant       // what the wall clock said
	Sync     clock.Sync    // what was known of the wall clock
	MaxError time.Duration // its maximum error, clock.Unknown where not known
}

// Beat is one heartbeat: at this point of the boot clock the machine was alive.
// The fold makes one Beat stand for several.
type Beat struct {
	Leg    uint64       // the leg's number within its flight, from 0
	Cause  Cause        // why that leg began
	Source clock.Source // what told the sync state
	Count  uint64       // how many heartbeats this one stands for, itself included
	Fix
}

// Takeoff is what a flight's first record says beyond its heartbeat.
type Takeoff struct {
	clock.Identity
	Journal        string        // the journal's ID, a UUID; empty where a flight is older than that
	SinceBoot      time.Duration // the boot clock at takeoff, clock.Unknown where there is none
	AwakeSinceBoot time.Duration // the clock that stops in suspend, clock.Unknown where it isn't known
	Recorder       string        // the recorder's version
	Built          Instant       // when the recorder was built; 0 where that isn't known
	PID            int64         // the recorder's process
	Interval       time.Duration // between heartbeats; 0 is the interval auto
	Continues      ksuid.KSUID   // the flight that this one goes on from, or ksuid.Nil
}

// Landing is what a flight's last record says beyond its heartbeat.
type Landing struct {
	Reason   string   // what made the recorder stop: a signal's name, or an error
	Shutdown Shutdown // whether the machine was going down
	To       string   // what to: "reboot", "poweroff", "halt" or "kexec"; empty where that isn't known
}

// Shutdown says whether the machine was going down when a flight landed. Its
// values are part of the format and don't change.
type Shutdown uint8

const (
	ShutdownUnknown Shutdown = iota
	ShutdownNo
	ShutdownYes
)

// Leg is a stretch of a flight in which wall clock and boot clock kept one
// relation: the same sync state, no step, no suspend, no stall.
type Leg struct {
	Cause  Cause
	Beats  uint64 // heartbeats appended in it
	Source clock.Source
	First  Fix
	Last   Fix
}

// Ending says how a flight ended.
type Ending uint8

const (
	EndingLost   Ending = iota // no landing, and nobody is recording
	EndingLanded               // it wrote a landing
	EndingAloft                // its lane is held at this moment
)

// Flight is one run of the recorder, as the journal has it.
type Flight struct {
	ID      ksuid.KSUID
	Ending  Ending
	Lane    string
	Takeoff Takeoff
	Legs    []Leg    // never empty, in order of Elapsed
	Landing *Landing // nil if it wrote none

	Evidence Evidence // what was found at takeoff, and shortly after
	Vitals   Vitals   // what was measured with its heartbeats
	// Dumped is what the clocks told when a flight aloft was dumped; nil for all others,
	// and for what comes from a journal.
	Dumped *Fix
}

var endingNames = [...]string{"lost", "landed", "aloft"}

// String returns the ending as dump lines spell it.
func (e Ending) String() string { return endingNames[e] }

// MarshalText writes the ending as [Ending.String] does.
func (e Ending) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText is the inverse of MarshalText; any other word is an error.
func (e *Ending) UnmarshalText(text []byte) error {
	for i, name := range endingNames {
		if name == string(text) {
			*e = Ending(i)
			return nil
		}
	}
	return fmt.Errorf("ending %q: not one of lost, landed, aloft", text)
}

// ErrLaneLost is the error of an Append after which no other one can succeed: the
// lane isn't the recorder's any more, or what it holds is damaged. A new recorder
// will find or make another one.
var ErrLaneLost = errors.New("lane is lost")
