package blackbox

import (
	"path"
	"slices"
	"sync"

	"flightrec/journal"
)

// piVoltage is the driver of the Raspberry Pi's alarm.
const piVoltage = "rpi_volt"

// voltageAlarms tells which drivers warn of low voltage.
func voltageAlarms(b *Box) (names []string) {
	var found []string
	for _, pattern := range []string{"in*_lcrit_alarm", "in*_min_alarm", "in[0-9]_alarm", "in[0-9][0-9]_alarm"} {
		for _, file := range b.glob("sys/class/hwmon/hwmon*/" + pattern) {
			found = append(found, file)
			names = append(names, b.text(path.Join(path.Dir(file), "name")))
		}
	}
	slices.Sort(names)
	b.find(func(p *places) { p.alarms = found })
	return slices.Compact(names)
}

// quiet holds the alarms that were seen to be off.
type quiet struct {
	sync.Mutex
	seen map[string]bool
}

// voltage tells whether the supply's voltage is too low. Many boards have inputs that are
// connected to nothing, whose alarm is always on: so an alarm counts once it was off.
func voltage(b *Box) []journal.Value {
	alarms := b.found().alarms
	if len(alarms) == 0 {
		return nil
	}
	low := int64(0)
	b.quiet.Lock()
	defer b.quiet.Unlock()
	for _, file := range alarms {
		n, ok := number(b.vital(file))
		switch {
		case !ok:
		case n == 0:
			b.quiet.seen[file] = true
		case b.quiet.seen[file], b.text(path.Join(path.Dir(file), "name")) == piVoltage:
			low = 1
		}
	}
	return []journal.Value{{Vital: journal.VitalUndervoltage, N: low}}
}
