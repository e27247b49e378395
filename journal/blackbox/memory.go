package blackbox

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"flightrec/journal"
)

// meminfo returns one of the sizes of /proc/meminfo, in MiB.
func (b *Box) meminfo(name string) (mib int64, ok bool) {
	for line := range strings.Lines(b.vital("proc/meminfo")) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == name+":" {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			return kib >> 10, err == nil
		}
	}
	return 0, false
}

// memorySize tells how much memory there is.
func memorySize(b *Box) []string {
	mib, ok := b.meminfo("MemTotal")
	if !ok {
		return nil
	}
	return []string{fmt.Sprintf("total=%d", mib)}
}

// memory tells how much memory is available, and the load.
func memory(b *Box) (all []journal.Value) {
	if mib, ok := b.meminfo("MemAvailable"); ok {
		all = append(all, journal.Value{Vital: journal.VitalMemory, N: mib})
	}
	first, _, _ := strings.Cut(b.vital("proc/loadavg"), " ")
	return append(all, hundredths(journal.VitalLoad, first, 100)...)
}

// pressure tells how much of the last 10 s all processes waited for memory, and for input
// or output (https://docs.kernel.org/accounting/psi.html).
func pressure(b *Box) (all []journal.Value) {
	for _, p := range []struct {
		name  string
		vital journal.Vital
	}{{"memory", journal.VitalMemoryPressure}, {"io", journal.VitalIOPressure}} {
		for line := range strings.Lines(b.vital("proc/pressure/" + p.name)) {
			if rest, ok := strings.CutPrefix(line, "full avg10="); ok {
				part, _, _ := strings.Cut(rest, " ")
				all = append(all, hundredths(p.vital, part, 1)...)
			}
		}
	}
	return all
}

// hundredths returns the value of a vital that is told with a fraction, times a factor.
func hundredths(v journal.Vital, text string, factor float64) []journal.Value {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.Abs(x) > 1e9 {
		return nil
	}
	return []journal.Value{{Vital: v, N: int64(math.Round(x * factor))}}
}
