package blackbox

import (
	"path"

	"flightrec/journal"
)

// policies looks for the groups of processors that have one clock.
func policies(b *Box) []string {
	found := b.glob("sys/devices/system/cpu/cpufreq/policy*")
	b.find(func(p *places) { p.policies = found })
	return nil
}

// cap tells what the slowest group of processors is slowed down to.
func cap(b *Box) []journal.Value {
	lowest := int64(-1)
	for _, dir := range b.found().policies {
		now, ok := number(b.vital(path.Join(dir, "scaling_max_freq")))
		most, known := number(b.vital(path.Join(dir, "cpuinfo_max_freq")))
		if part := now * 100 / max(most, 1); ok && known && most > 0 && (lowest < 0 || part < lowest) {
			lowest = part
		}
	}
	if lowest < 0 {
		return nil
	}
	return []journal.Value{{Vital: journal.VitalCap, N: lowest}}
}
