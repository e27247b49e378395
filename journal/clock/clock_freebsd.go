package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

const ntptimeName = "kern.ntp_pll.gettime"

// CLOCK_UPTIME stops in suspend since FreeBSD 15. Before, both are one clock.
func boot() time.Duration  { return read(unix.CLOCK_MONOTONIC) }
func awake() time.Duration { return read(unix.CLOCK_UPTIME) }
func raw() time.Duration   { return Unknown }

func identify() Identity {
	id := Identity{Kernel: release(), Boot: bootID()}
	text, _ := unix.Sysctl("kern.hostuuid")
	if machine, ok := parseUUID(text); ok {
		id.Machine = appID(machine, "")
	}
	return id
}

// bootID asks the kernel, which has an ID since FreeBSD 13.
func bootID() string {
	b, err := unix.SysctlRaw("kern.boot_id")
	if err != nil || len(b) != len(uuid{}) {
		return bootToken("/var/run", boot())
	}
	return uuid(b).String()
}
