package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	absolute    = true
	freeRunning = false
)

func boot() time.Duration  { return read(unix.CLOCK_BOOTTIME) }
func awake() time.Duration { return read(unix.CLOCK_UPTIME) }
func raw() time.Duration   { return Unknown }

// judge can't tell: OpenBSD's ntpd doesn't tell the kernel whether it is synchronised,
// and only root may ask ntpd.
func judge(Reading, *steps) verdict {
	return unknown("OpenBSD's kernel doesn't know whether its clock is synchronised; name an NTP server to ask")
}

func identify() Identity {
	id := Identity{Kernel: release(), Boot: bootToken("/var/run", boot())}
	serial, _ := unix.Sysctl("hw.serialno")
	id.Hardware = hardwareID(serial)
	text, _ := unix.Sysctl("hw.uuid")
	if machine, ok := parseUUID(text); ok {
		id.Machine = appID(machine, "")
	}
	return id
}
