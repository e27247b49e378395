package clock

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// facts returns what the kernel tells about its wall clock, and what else may explain a
// wrong time: the time namespace, the hardware clock, and what systemd-timesyncd saves.
func facts() []Fact {
	all := kernelFacts()
	ns := parseTimens(content("/proc/self/timens_offsets"))
	all = append(all,
		Fact{"clock source", text(content("/sys/devices/system/clocksource/clocksource0/current_clocksource")), ""},
		Fact{"time namespace monotonic", ns.monotonic, "added to the awake and the raw clock by a container"},
		Fact{"time namespace boottime", ns.boottime, "added to the boot clock by a container"},
	)
	all = append(all, realTimeClock(), savedClock())
	// The file's time is printed, not its age: the wall clock may have been set since.
	hint := Fact{"timesyncd synchronized", nil, "no such file: systemd-timesyncd hasn't heard of a server"}
	if info, err := os.Stat("/run/systemd/timesync/synchronized"); err == nil {
		hint.Value, hint.Note = info.ModTime().UTC(), "when it last heard of a server; no proof, it stays when the clock is set"
	}
	return append(all, hint)
}

// realTimeClock returns the clock that runs on while the machine is off.
func realTimeClock() Fact {
	name := content("/sys/class/rtc/rtc0/name")
	if name == "" {
		return Fact{"hardware clock", nil, "none that the kernel knows; a board without one begins each boot with a wrong time"}
	}
	return Fact{"hardware clock", name, "what the wall clock begins from at a boot"}
}

// savedClock returns the newest time that a program has saved for the next boot, which
// begins there on a machine without a real-time clock.
func savedClock() Fact {
	f := Fact{"saved clock", nil, "no file of systemd-timesyncd or fake-hwclock that can be read"}
	var newest time.Time
	for _, name := range []string{"/var/lib/systemd/timesync/clock", "/etc/fake-hwclock.data"} {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(newest) {
			newest = info.ModTime()
			f.Value, f.Note = newest.UTC(), "of "+name+": the next boot begins there, without a real-time clock"
		}
	}
	return f
}

// kernelFacts returns what adjtimex(2) tells.
func kernelFacts() []Fact {
	var tx unix.Timex
	state, err := adjtimex(&tx)
	if err != nil {
		return []Fact{{"adjtimex", nil, refusal(err)}}
	}
	unit := time.Microsecond
	if tx.Status&staNano != 0 {
		unit = time.Nanosecond
	}
	return []Fact{
		{"adjtimex state", int64(state), stateName(state)},
		{"adjtimex status", fmt.Sprintf("0x%04x", tx.Status), strings.Join(statusNames(tx.Status), " ")},
		{"adjtimex max error", time.Duration(tx.Maxerror) * time.Microsecond, "below 16s a time daemon has set the clock right"},
		{"adjtimex est error", time.Duration(tx.Esterror) * time.Microsecond, ""},
		{"adjtimex offset", time.Duration(tx.Offset) * unit, "being slewed away"},
		{"adjtimex frequency ppm", float64(tx.Freq) / (1 << 16), "what the crystal is corrected by"},
		{"adjtimex time constant", int64(tx.Constant), ""},
		{"adjtimex tick us", int64(tx.Tick), "10000 unless a large offset is being slewed away"},
		{"adjtimex tai offset s", int64(tx.Tai), ""},
	}
}

// stateName names what adjtimex(2) returns.
func stateName(state int) string {
	names := [...]string{"TIME_OK", "TIME_INS", "TIME_DEL", "TIME_OOP", "TIME_WAIT", "TIME_ERROR: decides nothing here"}
	if state < 0 || state >= len(names) {
		return ""
	}
	return names[state]
}

// statusNames names the bits of a status, from the lowest on.
func statusNames(status int32) []string {
	names := [...]string{
		"PLL", "PPSFREQ", "PPSTIME", "FLL", "INS", "DEL", "UNSYNC", "FREQHOLD",
		"PPSSIGNAL", "PPSJITTER", "PPSWANDER", "PPSERROR", "CLOCKERR", "NANO", "MODE", "CLK",
	}
	var set []string
	for i, name := range names {
		if status&(1<<i) != 0 {
			set = append(set, name)
		}
	}
	return set
}
