package clock

import (
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	absolute    = true
	freeRunning = false
)

// The clocks count from the machine's boot, all three; what a time namespace
// adds is taken off.
func boot() time.Duration  { return outside(read(unix.CLOCK_BOOTTIME), namespace().boottime) }
func awake() time.Duration { return outside(read(unix.CLOCK_MONOTONIC), namespace().monotonic) }
func raw() time.Duration   { return outside(read(unix.CLOCK_MONOTONIC_RAW), namespace().monotonic) }

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// namespace returns the offsets of the process's time namespace, which can't
// change once a process runs in it. They are taken off so that the boot clock
// fits the boot ID, which is the host's in all namespaces. Where something is
// mounted over the boot ID, the container is meant to be a machine with boots of
// its own, and its clocks are taken at their word.
var namespace = sync.OnceValue(func() timens {
	var fs unix.Statfs_t
	if unix.Statfs(bootIDFile, &fs) == nil && int64(fs.Type) != unix.PROC_SUPER_MAGIC {
		return timens{}
	}
	return parseTimens(content("/proc/self/timens_offsets"))
})

var stepped steps

func judge(r Reading) verdict {
	var tx unix.Timex
	if _, err := unix.Adjtimex(&tx); err != nil {
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
	id := Identity{Boot: content(bootIDFile), Kernel: release()}
	if machine, ok := parseUUID(content("/etc/machine-id")); ok {
		id.Machine = appID(machine, content("/proc/device-tree/serial-number"))
	}
	return id
}

// content returns a small file's text, without the blanks and NULs around it;
// empty if it can't be read.
func content(name string) string {
	b, _ := os.ReadFile(name)
	return strings.Trim(string(b), "\x00 \t\r\n")
}
