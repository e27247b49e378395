package blackbox

import (
	"fmt"
	"strings"

	"flightrec/journal"
)

// source is something that tells of the machine.
type source struct {
	name   string // as evidence is recorded
	about  string // what it tells
	hint   string // what to do where it tells nothing; empty where nothing helps
	clues  func(*Box) []string
	vitals func(*Box) []journal.Value
}

// sources are all that are known, in the order in which they are recorded.
var sources = []source{
	{"power_reset", "why the power chip was reset (Raspberry Pi 5)", "", powerReset, nil},
	{"rsts", "why the processor was reset (Raspberry Pi)", "", resetStatus, nil},
	{"reset-source", "why the processor was reset, as barebox found it", "", resetSource, nil},
	{"supply", "what the power supply can deliver (Raspberry Pi 5)", "", supply, nil},
	{"power_on_reason", "why the machine was switched on, as its driver says", "", powerOnReason, nil},
	{"pscrr", "why the machine was reset, as the kernel before noted it", "", pscrr, nil},
	{"watchdog", "whether a watchdog reset the machine, and whether one guards it now", "RuntimeWatchdogSec=30 in /etc/systemd/system.conf", watchdogs, nil},
	{"pstore", "records of the kernel's panics, by name and time", "dtoverlay=ramoops in config.txt, and panic=10 on the kernel's command line", panicRecords, nil},
	{"panic", "the first lines of those records", "systemctl enable --now flightrec-panic.service", panicTexts, nil},
	{"wtmp", "whether the boot before was shut down in order", "", wtmp, nil},
	{"kernel", "what the kernel does at a panic, and where it would keep a record", "", kernelSettings, nil},
	{"card", "which card it is, and how worn", "", card, nil},
	{"thermal", "how hot it is, and when that is critical", "", zones, temperature},
	{"hwmon", "whether the supply's voltage is too low", "", voltageAlarms, voltage},
	{"cpufreq", "whether the processor is slowed down", "", policies, cap},
	{"vmstat", "processes that were killed for lack of memory", "", nil, oomKills},
	{"oops", "oopses, warnings and taints of the kernel", "", nil, kernelIllness},
	{"memory", "memory and load", "", memorySize, memory},
	{"pressure", "what waits for memory and for the disk", "psi=1 on the kernel's command line", nil, pressure},
	{"disk", "free space, and what was written", "", device, disk},
}

// aside are sources whose clues are only about where vitals come from: they are listed, and
// not recorded with each boot.
var aside = map[string]bool{"thermal": true, "hwmon": true, "disk": true}

// Source is what one source tells at this moment.
type Source struct {
	Name, About string
	Told        []string // nothing where the machine doesn't have it
	Hint        string   // what to do about that, or ""
}

// Sources returns what each source tells, without end to its patience.
func (b *Box) Sources() []Source {
	var all []Source
	for i := range sources {
		s := &sources[i]
		told := Source{Name: s.name, About: s.about, Hint: s.hint}
		if s.clues != nil {
			told.Told = s.clues(b)
		}
		if s.vitals != nil {
			var values []string
			for _, v := range s.vitals(b) {
				values = append(values, fmt.Sprintf("%v=%d", v.Vital, v.N))
			}
			told.Told = append(told.Told, one(strings.Join(values, " "))...)
		}
		all = append(all, told)
	}
	return all
}
