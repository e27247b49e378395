package journal

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Evidence is what sources told at takeoff of how the boot came about and how the one
// before it ended, raw. What it proves is decided by whoever makes a report.
type Evidence []Clue

// Clue is what one source told.
type Clue struct {
	Source string // as package blackbox names it: "rsts"
	Value  string // as it was read: "0x1000"
}

// Vital is something that is measured with heartbeats. Its values are part of the format
// and don't change; one that has no name here comes from a newer version.
type Vital uint8

const (
	VitalTemperature    Vital = iota + 1 // of the hottest thermal zone, °C
	VitalUndervoltage                    // 1 while the supply's voltage is too low, else 0
	VitalCap                             // what the processor's clock is capped to, per cent of its highest
	VitalMemory                          // memory available, MiB
	VitalOOMKills                        // processes killed for lack of memory since boot
	VitalLoad                            // load average of a minute, in hundredths
	VitalMemoryPressure                  // of the last 10 s, in which all waited for memory, per cent
	VitalIOPressure                      // of the last 10 s, in which all waited for input or output, per cent
	VitalDiskFree                        // on the journal's file system, MiB
	VitalReadOnly                        // 1 while the journal's file system is mounted read-only, else 0
	VitalAppend                          // how long the append before took to become durable, ms
	VitalRefused                         // appends that the store refused in this flight
	VitalWritten                         // what the recorder wrote since its start, KiB
	VitalDeviceWritten                   // what was written to the journal's device since boot, MiB
	VitalOopses                          // oopses of the kernel since boot
	VitalWarnings                        // warnings of the kernel since boot
	VitalTaint                           // the kernel's taint flags
	VitalAlarms                          // alarms written in the last day of this flight
	VitalHeadroom                        // of the thermal zone that is nearest to its critical temperature, °C; 20 for more
)

// vitalNames are how dumps spell vitals, from the first on.
var vitalNames = [...]string{
	"temperature_c", "undervoltage", "cap_percent", "memory_mib", "oom_kills", "load_hundredths", "memory_pressure_percent",
	"io_pressure_percent", "disk_free_mib", "read_only", "append_ms", "refused", "written_kib", "device_written_mib",
	"oopses", "warnings", "taint", "alarms", "headroom_c",
}

// String returns the vital as dumps spell it.
func (v Vital) String() string { return nameOf(int(v)-1, vitalNames[:], "vital") }

// ParseVital is the inverse of [Vital.String]; any other word is an error.
func ParseVital(text string) (Vital, error) {
	i, err := indexOf(text, vitalNames[:], "vital", 254)
	return Vital(i + 1), err
}

// Alarms is a set of what may be about to end a flight. Its bits are part of the format
// and don't change.
type Alarms uint32

const (
	AlarmUndervoltage Alarms = 1 << iota // the supply's voltage became too low
	AlarmOOM                             // a process was killed for lack of memory
	AlarmHeat                            // the temperature became critical
)

// MaxAlarms is how many heartbeats a recorder writes in a day because an alarm rose: each
// costs the card what any heartbeat does.
const MaxAlarms = 100

// alarmNames are how dumps spell alarms, from the lowest bit on.
var alarmNames = [...]string{"undervoltage", "oom", "heat"}

// Names returns the alarms of the set as dumps spell them.
func (a Alarms) Names() []string {
	var names []string
	for ; a != 0; a &= a - 1 {
		names = append(names, nameOf(bits.TrailingZeros32(uint32(a)), alarmNames[:], "alarm"))
	}
	return names
}

// ParseAlarm returns the alarm that [Alarms.Names] spells so; any other word is an error.
func ParseAlarm(text string) (Alarms, error) {
	i, err := indexOf(text, alarmNames[:], "alarm", 31)
	return Alarms(1) << i, err
}

// nameOf returns the i-th of some names; a number of that kind where there is none.
func nameOf(i int, names []string, kind string) string {
	if i >= 0 && i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i+1)
}

// indexOf is the inverse of nameOf, for indexes up to last.
func indexOf(text string, names []string, kind string, last int) (int, error) {
	if i := slices.Index(names, text); i >= 0 {
		return i, nil
	}
	digits := strings.TrimSuffix(strings.TrimPrefix(text, kind+"("), ")")
	if n, err := strconv.Atoi(digits); err == nil && n >= 0 && n <= last+1 && nameOf(n-1, names, kind) == text {
		return n - 1, nil
	}
	return 0, fmt.Errorf("%s %q: not one that is known", kind, text)
}

// Value is what a vital was.
type Value struct {
	Vital Vital
	N     int64
}

// Sample is what was measured with a heartbeat. A vital that it doesn't tell is as it
// was in the sample before.
type Sample struct {
	Elapsed time.Duration // since takeoff, in whole seconds
	Alarms  Alarms        // those that rose
	Values  []Value       // in order of Vital, each once
}

// Extremes stands for samples: the first ones of a flight.
type Extremes struct {
	Samples uint64 // how many
	Alarms  []AlarmSpan
	Vitals  []Extreme // in order of Vital, each once
}

// AlarmSpan says when an alarm rose.
type AlarmSpan struct {
	Alarm       Alarms        // a single one
	First, Last time.Duration // since takeoff
	Count       uint64
}

// Extreme is between what values a vital was.
type Extreme struct {
	Vital          Vital
	Min, Max, Last int64
	MinAt, MaxAt   time.Duration // when it was so first, since takeoff
}

// Vitals are what was measured in a flight, as the fold leaves it: the latest samples,
// and the extremes of those before. The zero value holds none.
type Vitals struct {
	log string // records of kindExtremes and kindVitals, in this order
}

// NewVitals returns the vitals of records, each an [Extremes] or a [Sample], in order of
// time. Others are left out.
func NewVitals(records ...Record) Vitals {
	records = slices.DeleteFunc(slices.Clone(records), func(r Record) bool { return !isVitals(r) })
	return Vitals{string(AppendLog(nil, foldVitals(records)))}
}

// IsZero reports whether nothing was measured.
func (v Vitals) IsZero() bool { return v.log == "" }

// Parts returns the extremes of the older samples, with Samples 0 where there are none,
// and the latest samples, at most eight.
func (v Vitals) Parts() (older Extremes, latest []Sample) {
	for _, r := range Records([]byte(v.log)) {
		switch r := r.(type) {
		case Extremes:
			older = r
		case Sample:
			latest = append(latest, r)
		}
	}
	return older, latest
}
