package clock

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	absolute    = true
	freeRunning = false
)

// All three clocks count from the machine's boot. What a time namespace adds is
// subtracted.
func boot() time.Duration  { return outside(read(unix.CLOCK_BOOTTIME), namespace().boottime) }
func awake() time.Duration { return outside(read(unix.CLOCK_MONOTONIC), namespace().monotonic) }
func raw() time.Duration   { return outside(read(unix.CLOCK_MONOTONIC_RAW), namespace().monotonic) }

// namespace returns the offsets of the process's time namespace, which can't change
// while a process runs in it. They are subtracted so that the boot clock fits the boot
// ID, which is the host's in all namespaces. A container that lays a boot ID of its own
// over the host's is a machine of its own, whose clocks are taken as they are.
var namespace = sync.OnceValue(func() timens {
	if over, _ := laidOver(content("/proc/self/mountinfo")); over {
		return timens{}
	}
	return parseTimens(content("/proc/self/timens_offsets"))
})

func judge(r Reading, stepped *steps) verdict {
	var tx unix.Timex
	if _, err := adjtimex(&tx); err != nil {
		return unknown(refusal(err))
	}
	v := linuxSync(tx.Status, int64(tx.Maxerror), int64(tx.Esterror))
	w := word{int64(tx.Maxerror), int64(tx.Offset), int64(tx.Freq), int64(tx.Constant)}
	if stepped.since(r, w) && v.Sync == SyncWeak {
		v.Sync = SyncUnsynced
	}
	return v
}

func identify() Identity {
	id := Identity{Boot: content(bootIDFile), Kernel: release(), Hardware: hardwareID(serial())}
	id.BootOrigin, id.Container = origin()
	if machine, ok := parseUUID(content("/etc/machine-id")); ok {
		id.Machine = appID(machine, content("/proc/device-tree/serial-number"))
	}
	return id
}
