package clock

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	absolute    = true
	freeRunning = true
)

// What package unix doesn't name, or only as deprecated: libSystem's wrappers of
// these calls are out of reach without cgo.
const (
	clockUptimeRaw = 8
	sysGethostuuid = 142
	sysNTPAdjtime  = 527
)

// On macOS CLOCK_MONOTONIC is the wall clock less the time of the boot, so it moves with
// steps. Nobody disciplines the clocks below, so the awake clock is the raw clock.
func boot() time.Duration  { return read(unix.CLOCK_MONOTONIC_RAW) }
func awake() time.Duration { return read(clockUptimeRaw) }
func raw() time.Duration   { return awake() }

// timex is the kernel's struct timex.
type timex struct {
	modes                                uint32
	offset, freq, maxError, estError     int
	status                               int32
	constant, precision, tolerance       int
	ppsFreq, jitter                      int
	shift                                int32
	stabil, jitcnt, calcnt, errcnt, sbct int
}

// readTimex calls ntp_adjtime(2) with modes 0, which changes nothing. ntp_gettime would
// return the state TIME_ERROR as the error EIO.
func readTimex() (timex, error) {
	var tx timex
	_, _, errno := unix.Syscall(sysNTPAdjtime, uintptr(unsafe.Pointer(&tx)), 0, 0)
	if errno != 0 {
		return tx, fmt.Errorf("ntp_adjtime: %w", errno)
	}
	return tx, nil
}

func judge(r Reading, stepped *steps) verdict {
	tx, err := readTimex()
	if err != nil {
		return unknown(err.Error())
	}
	t := ntptime{int64(tx.maxError), int64(tx.estError), tx.status&staUnsync != 0}
	w := word{int64(tx.maxError), int64(tx.offset), int64(tx.freq), int64(tx.constant)}
	return t.classify(SourceNTPAdjtime, stepped.since(r, w))
}

// facts returns what the kernel tells of its wall clock.
func facts() []Fact {
	tx, err := readTimex()
	if err != nil {
		return []Fact{{"ntp_adjtime", nil, err.Error()}}
	}
	return []Fact{
		{"ntp_adjtime status", fmt.Sprintf("0x%04x", tx.status), "0x0040: nobody has set the clock right since the boot"},
		{"ntp_adjtime max error", time.Duration(tx.maxError) * time.Microsecond, "below 16s a time daemon has set the clock right"},
		{"ntp_adjtime est error", time.Duration(tx.estError) * time.Microsecond, ""},
	}
}

func identify() Identity {
	id := Identity{Kernel: release()}
	id.Boot, _ = unix.Sysctl("kern.bootsessionuuid")
	var machine uuid
	var wait unix.Timespec
	_, _, errno := unix.Syscall(sysGethostuuid,
		uintptr(unsafe.Pointer(&machine)), uintptr(unsafe.Pointer(&wait)), 0)
	if errno == 0 && machine != (uuid{}) {
		id.Machine = appID(machine, "")
		id.Hardware = hardwareID(machine.String()) // the ID is the board's own
	}
	return id
}
