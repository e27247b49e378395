package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

const ntptimeName = "kern.ntp_pll.gettime"

func boot() time.Duration  { return read(unix.CLOCK_MONOTONIC) }
func awake() time.Duration { return read(unix.CLOCK_UPTIME) }
func raw() time.Duration   { return Unknown }

func identify() Identity {
	id := Identity{Kernel: release(), Boot: bootToken("/var/run", boot())}
	text, _ := unix.Sysctl("kern.hostuuid")
	if machine, ok := parseUUID(text); ok {
		id.Machine = appID(machine, "")
	}
	return id
}
