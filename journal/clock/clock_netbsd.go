package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

const ntptimeName = "kern.ntptime"

// clockMonotonic is NetBSD's only clock that nobody sets. It has no awake clock.
const clockMonotonic = 3

func boot() time.Duration  { return read(clockMonotonic) }
func awake() time.Duration { return Unknown }
func raw() time.Duration   { return Unknown }

func identify() Identity {
	id := Identity{Kernel: release(), Boot: bootToken("/var/run", boot())}
	serial, _ := unix.Sysctl("machdep.dmi.system-serial")
	id.Hardware = hardwareID(serial)
	text, _ := unix.Sysctl("machdep.dmi.system-uuid")
	if machine, ok := parseUUID(text); ok {
		id.Machine = appID(machine, "")
	}
	return id
}
