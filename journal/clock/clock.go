// Package clock reads the machine's clocks, and insulates the rest of flightrec
// from the way each operating system wants that done.
//
// The one fact that a caller must know: only the boot clock can be trusted. The
// wall clock of a board without a real-time clock is wrong at each boot until
// network time arrives, so every [Reading] pairs the two and says what the
// operating system knows of the wall clock's worth.
//
// A reading never fails. What a system can't tell is [Unknown] (a duration) or
// [SyncUnknown] (the state of synchronisation), and Reading.Reason says why.
package clock

import (
	"fmt"
	"time"
)

// Unknown stands for a duration that the system can't tell.
const Unknown time.Duration = -1

// Sync says whether the wall clock is synchronised to network time. Its values
// are part of the journal's format and don't change.
type Sync uint8

const (
	SyncUnknown  Sync = iota // the system can't tell, or wouldn't
	SyncUnsynced             // nobody has set the clock right since boot or since the last step
	SyncWeak                 // somebody disciplines the clock, without proof that it is right
	SyncSynced               // the clock is right, within Reading.MaxError
)

var syncNames = [...]string{"unknown", "unsynced", "weak", "synced"}

// String returns the state as dump lines spell it: "unknown", "unsynced",
// "weak" or "synced".
func (s Sync) String() string {
	if int(s) < len(syncNames) {
		return syncNames[s]
	}
	return fmt.Sprintf("sync(%d)", uint8(s))
}

// MarshalText writes the state as [Sync.String] does. The states that this
// version doesn't know are written as "unknown".
func (s Sync) MarshalText() ([]byte, error) {
	if int(s) >= len(syncNames) {
		s = SyncUnknown
	}
	return []byte(s.String()), nil
}

// UnmarshalText is the inverse of MarshalText; any other word is an error.
func (s *Sync) UnmarshalText(text []byte) error {
	for i, name := range syncNames {
		if name == string(text) {
			*s = Sync(i)
			return nil
		}
	}
	return fmt.Errorf("sync state %q: not one of unknown, unsynced, weak, synced", text)
}

// Reading is one look at all of the machine's clocks, taken together.
type Reading struct {
	// Boot is the clock that counts suspend (Linux: CLOCK_BOOTTIME). It counts
	// from the machine's boot if Absolute, else from the process's start.
	Boot     time.Duration
	Absolute bool
	// Awake is the clock that stops in suspend (Linux: CLOCK_MONOTONIC), on the
	// scale of Boot; equal to Boot where a system has no such clock. AwakeAbsolute says
	// that it has one, and that it counts from the machine's boot.
	Awake         time.Duration
	AwakeAbsolute bool
	// Raw is the clock that nobody disciplines (Linux: CLOCK_MONOTONIC_RAW),
	// Unknown where there is none. It stops in suspend, like Awake.
	Raw time.Duration
	// Wall is the wall clock.
	Wall time.Time
	// Sync is what the system says of the wall clock, MaxError its maximum error
	// (Unknown where the system doesn't say).
	Sync     Sync
	MaxError time.Duration
	// Source is what told Sync. Where it is SourceNone, Reason tells why, with the
	// cure if there is one.
	Source Source
	Reason string
}

// Identity says which machine this is, and which boot of it. A field that the
// system can't tell is empty.
type Identity struct {
	Host     string // the host's name
	Machine  string // an application-specific hash of the machine's ID, a UUID
	Hardware string // an application-specific hash of the board's serial number, a UUID
	Boot     string // the boot's ID: another one after each boot
	OS       string // GOOS/GOARCH, as "linux/arm64"
	Kernel   string // the kernel's release, as uname -r prints it
	// BootOrigin says whose boot Boot names, Container what kind of container laid it
	// over the kernel's ("lxc", "systemd-nspawn", …); empty unless BootOriginContainer.
	BootOrigin BootOrigin
	Container  string
}

// BootOrigin says whether a boot ID names the boot that the boot clock counts from.
type BootOrigin uint8

const (
	BootOriginUnknown   BootOrigin = iota // not recorded: by an older recorder
	BootOriginKernel                      // it does
	BootOriginContainer                   // it names a container's start, on the clock of the container's host
)
