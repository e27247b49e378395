package reports

import (
	"fmt"
	"strings"
	"time"

	"flightrec/journal"
)

// rule is a line of the table from evidence to words.
type rule struct {
	words string
	// reset says that it looks at what the boot after found of its own beginning.
	reset bool
	// holds returns what was found. With a certainty, the rule's words are the verdict,
	// unless one before has decided; without, it is told all the same.
	holds func(*facts) (Finding, Certainty)
}

// rules is the table, in order of rank. All of it is about an uptime whose recorder was
// cut off, with another boot after it, of which nothing proves that it was ordered.
//
// Where a reset is orderly anyway, as through the watchdog of a Raspberry Pi, by which
// Linux reboots it, a register proves nothing by itself.
var rules = []rule{
	// The kernel's own words rank first: whatever reset the machine then did so after that.
	{"crash,panic,oom", true, panicText(true)},
	{"crash,panic", true, panicText(false)},
	{"crash,panic,oom", true, panicRecord(true)},
	{"crash,panic", true, panicRecord(false)},
	{"", true, oldRecord},
	{"", true, lastOops},

	// The power chip of a Raspberry Pi 5.
	{"crash,power,undervoltage", true, bit("power_reset", 1<<1, CertaintyProven, "the power chip says that it was reset by under-voltage")},
	{"crash,power,overvoltage", true, bit("power_reset", 1<<0, CertaintyProven, "the power chip says that it was reset by over-voltage")},
	{"crash,thermal", true, bit("power_reset", 1<<2, CertaintyProven, "the power chip says that it was reset by heat")},
	{"crash,watchdog", true, bit("power_reset", 1<<4, CertaintyLikely, "the power chip says that its watchdog reset it")},
	{"", true, bit("power_reset", 1<<3, CertaintyNone, "the power chip says that it was switched off by its enable signal")},

	// Watchdogs, by the API's bits (linux/watchdog.h).
	{"crash,power,undervoltage", true, bootStatus(0x10, "a watchdog says that the reset was for under-voltage")},
	{"crash,power,overvoltage", true, bootStatus(0x40, "a watchdog says that the reset was for over-voltage")},
	{"crash,thermal", true, bootStatus(0x01, "a watchdog says that the reset was for heat")},
	{"crash,watchdog", true, cardReset},

	// What the kernel before noted (PSCRR, enum psc_reason).
	{"crash,power,undervoltage", true, word("pscrr", CertaintyProven, "the kernel noted under-voltage before it went down", "1", "under_voltage")},
	{"crash,power,overcurrent", true, word("pscrr", CertaintyProven, "the kernel noted over-current before it went down", "2", "over_current")},
	{"crash,power", true, word("pscrr", CertaintyProven, "the kernel noted that a regulator failed before it went down", "3", "regulator_failure")},
	{"crash,thermal", true, word("pscrr", CertaintyProven, "the kernel noted heat before it went down", "4", "over_temperature")},

	// Why the machine was switched on, by drivers and by boot loaders.
	{"crash,power,undervoltage", true, word("power_on_reason", CertaintyProven, "the board says that it was reset by a brown-out", "brown-out reset")},
	{"crash,power,undervoltage", true, word("reset-source", CertaintyProven, "the boot loader says that the board was reset by a brown-out", "brownout")},
	{"crash,thermal", true, word("reset-source", CertaintyProven, "the boot loader says that the board was reset by heat", "therm")},
	{"crash,watchdog", true, reset("power_on_reason", "watchdog timeout")},
	{"crash,watchdog", true, reset("reset-source", "wdg")},

	// Power on, without a landing. An alarm just before says why.
	{"crash,power,undervoltage", true, powerOn(true)},
	{"crash,power", true, powerOn(false)},
	{"crash,watchdog", true, piWatchdog},

	// What the recorder saw itself.
	{"crash,disk", false, diskRefused},
	{"crash,thermal", false, tooHot},
	{"crash,oom", false, outOfMemory},
	{"crash,power,undervoltage", false, lowVoltage},

	// What only makes ill.
	{"", false, illness},
	{"", false, slowDisk},
}

// panicText holds where the first lines of a new panic record are known, for the lack of
// memory or for other reasons.
func panicText(oom bool) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		atEnd, _ := f.newRecords("panic")
		for _, value := range atEnd {
			if !strings.Contains(value, "Kernel panic") && !strings.Contains(value, "Panic#") {
				continue
			}
			if forMemory := strings.Contains(value, "panic_on_oom") || strings.Contains(value, "Out of memory") || strings.Contains(value, "System is deadlocked on memory"); forMemory != oom {
				return Finding{}, CertaintyNone
			}
			text := "the kernel's last words were of a panic"
			if _, why, ok := strings.Cut(value, "Kernel panic - not syncing: "); ok {
				text = "the kernel panicked: " + why
			}
			return Finding{text, "panic " + strings.Join(strings.Fields(value)[:2], " ")}, CertaintyProven
		}
		return Finding{}, CertaintyNone
	}
}

// panicRecord holds where there is a new record, of which only the time is known: it may
// be of an oops that the kernel survived for less than a heartbeat.
func panicRecord(oom bool) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		atEnd, _ := f.newRecords("pstore")
		if texts, _ := f.newRecords("panic"); len(atEnd) == 0 || len(texts) > 0 {
			return Finding{}, CertaintyNone // the text tells
		}
		_, killed := f.risen(journal.AlarmOOM, time.Minute)
		if (killed && f.setting("panic_on_oom") > 0) != oom {
			return Finding{}, CertaintyNone
		}
		return Finding{"the kernel left a record of a panic or an oops after the last heartbeat", "pstore " + atEnd[0]}, CertaintyLikely
	}
}

// lastOops tells of an oops after the last heartbeat, which the kernel says was no panic.
func lastOops(f *facts) (Finding, Certainty) {
	atEnd, _ := f.newRecords("panic")
	for _, value := range atEnd {
		if strings.Contains(value, "Oops#") && !strings.Contains(value, "Kernel panic") {
			return Finding{"the kernel's last words were of an oops", "panic " + strings.Join(strings.Fields(value)[:2], " ")}, CertaintyNone
		}
	}
	return Finding{}, CertaintyNone
}

// oldRecord tells of a record that was made while heartbeats still came.
func oldRecord(f *facts) (Finding, Certainty) {
	if _, earlier := f.newRecords("pstore"); len(earlier) > 0 {
		return Finding{"the kernel recorded an oops while the machine went on", "pstore " + earlier[0]}, CertaintyNone
	}
	return Finding{}, CertaintyNone
}

// bit holds where a register has a bit.
func bit(source string, mask int64, c Certainty, text string) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		n, raw, ok := f.number(source)
		if !ok || n&mask == 0 {
			return Finding{}, CertaintyNone
		}
		return Finding{text, raw}, c
	}
}

// word holds where a source tells one of some words.
func word(source string, c Certainty, text string, words ...string) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		told, raw := f.told(source)
		for _, w := range words {
			if told == w {
				return Finding{text, raw}, c
			}
		}
		return Finding{}, CertaintyNone
	}
}

// bootStatus holds where a watchdog's bootstatus has a bit.
func bootStatus(mask int64, text string) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		for _, value := range f.after["watchdog"] {
			if n := field(value, "bootstatus"); n > 0 && n&mask != 0 {
				return Finding{text, value}, CertaintyProven
			}
		}
		return Finding{}, CertaintyNone
	}
}

// cardReset holds where a watchdog says that it reset the machine: proven if it guarded
// the boot before.
func cardReset(f *facts) (Finding, Certainty) {
	found, c := bootStatus(0x20, "a watchdog says that it reset the machine")(f)
	if c != CertaintyNone && f.guarded() != guardYes {
		c = CertaintyLikely
	}
	return found, c
}

// reset holds where a source says that a watchdog reset the machine, which an order can
// look like.
func reset(source, says string) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		told, raw := f.told(source)
		if told != says {
			return Finding{}, CertaintyNone
		}
		return Finding{"the board was reset by a watchdog", raw}, f.byWatchdog()
	}
}

// The bits of a Raspberry Pi's reset status (Linux, mfd/bcm2835-pm.h).
const (
	hadPOR = 0x1000 // power on
	hadWRF = 0x20   // watchdog, full reset
)

// piWatchdog holds where the processor was reset by its watchdog, by which Linux reboots
// as well.
func piWatchdog(f *facts) (Finding, Certainty) {
	n, raw, ok := f.number("rsts")
	if !ok || n&hadWRF == 0 || n&hadPOR != 0 {
		return Finding{}, CertaintyNone
	}
	return Finding{"the processor was reset by its watchdog, by which Linux reboots as well", raw}, f.byWatchdog()
}

// byWatchdog judges a reset by a watchdog that an order or a panic can look like: likely
// where the system would have written down an order, or a watchdog is known to have
// guarded the machine.
func (f *facts) byWatchdog() Certainty {
	guarded := f.guarded()
	if guarded == guardYes || f.orderly() == orderlyNone && guarded != guardNo {
		return CertaintyLikely
	}
	return CertaintyNone
}

// guard says whether a watchdog would have reset a machine that hangs.
type guard uint8

const (
	guardUnknown guard = iota
	guardYes
	guardNo
)

// guarded says whether a watchdog guarded the machine before the outage.
func (f *facts) guarded() guard {
	g := guardUnknown
	for _, value := range f.before["watchdog"] {
		switch {
		case strings.Contains(value, " state=active"):
			return guardYes
		case strings.Contains(value, " state=inactive"):
			g = guardNo
		}
	}
	return g
}

// powerOn holds where the board was switched on, with an alarm of low voltage before or
// without.
func powerOn(alarm bool) func(*facts) (Finding, Certainty) {
	return func(f *facts) (Finding, Certainty) {
		if _, low := f.low(); low != alarm {
			return Finding{}, CertaintyNone
		}
		if n, raw, ok := f.number("rsts"); ok && n&hadPOR != 0 {
			return Finding{"the processor says that its power came on", raw}, CertaintyLikely
		}
		for _, says := range []struct{ source, word string }{{"power_on_reason", "regular power-up"}, {"reset-source", "por"}, {"pscrr", "power_on"}} {
			if told, raw := f.told(says.source); told == says.word {
				return Finding{"the board says that its power came on", raw}, CertaintyLikely
			}
		}
		return Finding{}, CertaintyNone
	}
}

// low reports whether the voltage was too low at the last heartbeat, or had been within a
// minute before, and how long before.
func (f *facts) low() (time.Duration, bool) {
	if ago, ok := f.risen(journal.AlarmUndervoltage, time.Minute); ok {
		return ago, true
	}
	return 0, f.now[journal.VitalUndervoltage] > 0
}

// lowVoltage tells of an alarm just before. Where no register tells of a reset, that is
// likely to be why.
func lowVoltage(f *facts) (Finding, Certainty) {
	ago, low := f.low()
	if !low {
		return Finding{}, CertaintyNone
	}
	found := Finding{"under-voltage alarm " + before(ago), ""}
	for _, source := range []string{"rsts", "power_reset", "power_on_reason", "reset-source"} {
		if len(f.after[source]) > 0 {
			return found, CertaintyNone
		}
	}
	return found, CertaintyLikely
}

// before says how long before the last heartbeat something was.
func before(ago time.Duration) string {
	if ago < time.Second {
		return "in the last heartbeat before"
	}
	return fmt.Sprintf("%d s before the last heartbeat", ago.Round(time.Second)/time.Second)
}

// diskRefused holds where appends were refused shortly before the end.
func diskRefused(f *facts) (Finding, Certainty) {
	if n := f.now[journal.VitalRefused]; n > 0 && f.changed(journal.VitalRefused, 2*time.Minute) {
		return Finding{fmt.Sprintf("the disk refused what was to be recorded, %d times, up to the end", n), ""}, CertaintyLikely
	}
	return Finding{}, CertaintyNone
}

// tooHot holds where the machine was about as hot as its driver lets it be.
func tooHot(f *facts) (Finding, Certainty) {
	room, known := f.now[journal.VitalHeadroom]
	heat, measured := f.now[journal.VitalTemperature]
	switch {
	case known && room <= 5:
		return Finding{fmt.Sprintf("%d °C at the last heartbeat, %d °C below what is critical", heat, room), ""}, CertaintyLikely
	case !known && measured && heat >= 85:
		return Finding{fmt.Sprintf("%d °C at the last heartbeat", heat), ""}, CertaintyLikely
	}
	return Finding{}, CertaintyNone
}

// outOfMemory tells of a process that was killed for lack of memory. Alone that is no
// reason to go down: it takes a machine that had no memory left even so.
func outOfMemory(f *facts) (Finding, Certainty) {
	ago, killed := f.risen(journal.AlarmOOM, 2*time.Minute)
	if !killed {
		return Finding{}, CertaintyNone
	}
	found := Finding{"a process was killed for lack of memory " + before(ago), ""}
	pressure, measured := f.now[journal.VitalMemoryPressure]
	if measured && pressure >= 20 {
		found.Text += fmt.Sprintf(", and all waited for memory %d %% of the time", pressure)
		return found, CertaintyLikely
	}
	left, ok := f.now[journal.VitalMemory]
	if total := f.setting("total"); !measured && ok && total > 0 && left*20 < total {
		found.Text += fmt.Sprintf(", and %d of %d MB were left", left, total)
		return found, CertaintyLikely
	}
	return found, CertaintyNone
}

// setting returns a number that sources told in the boot before, -1 where none did.
func (f *facts) setting(name string) int64 {
	for _, source := range []string{"kernel", "memory"} {
		for _, value := range f.before[source] {
			if n := field(value, name); n >= 0 {
				return n
			}
		}
	}
	return -1
}

// illness tells of a kernel that had met with an oops.
func illness(f *facts) (Finding, Certainty) {
	if n := f.now[journal.VitalOopses]; n > 0 {
		return Finding{fmt.Sprintf("the kernel had met with errors of its own before: oops_count %d", n), ""}, CertaintyNone
	}
	return Finding{}, CertaintyNone
}

// slowDisk tells of appends that took long.
func slowDisk(f *facts) (Finding, Certainty) {
	if ms := f.now[journal.VitalAppend]; ms >= 2000 {
		return Finding{fmt.Sprintf("an append took %.1f s to become durable just before", float64(ms)/1000), ""}, CertaintyNone
	}
	return Finding{}, CertaintyNone
}
