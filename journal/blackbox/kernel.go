package blackbox

import (
	"strconv"
	"strings"

	"flightrec/journal"
)

// kernelSettings tells what the kernel does at a panic, and where it would keep a record
// of it.
func kernelSettings(b *Box) []string {
	text := b.fields("proc/sys/kernel", "panic", "panic_on_oops") + " " + b.fields("proc/sys/vm", "panic_on_oom")
	if backend := b.text("sys/module/pstore/parameters/backend"); backend != "" && backend != "(null)" {
		text += " pstore=" + backend
	}
	return one(strings.TrimSpace(text))
}

// oomKills counts the processes that were killed for lack of memory since boot. After a
// reboot it is 0 again.
func oomKills(b *Box) []journal.Value {
	for line := range strings.Lines(b.vital("proc/vmstat")) {
		if name, value, _ := strings.Cut(line, " "); name == "oom_kill" {
			return counter(journal.VitalOOMKills, value)
		}
	}
	return nil
}

// kernelIllness tells whether the kernel has met with errors of its own.
func kernelIllness(b *Box) (all []journal.Value) {
	all = append(all, counter(journal.VitalOopses, b.vital("sys/kernel/oops_count"))...)
	all = append(all, counter(journal.VitalWarnings, b.vital("sys/kernel/warn_count"))...)
	return append(all, counter(journal.VitalTaint, b.vital("proc/sys/kernel/tainted"))...)
}

// counter returns the value of a vital that is a whole number, none if text isn't one.
func counter(v journal.Vital, text string) []journal.Value {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return nil
	}
	return []journal.Value{{Vital: v, N: n}}
}
