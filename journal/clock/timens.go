package clock

import (
	"fmt"
	"strings"
	"time"
)

// timens holds what a Linux time namespace adds to its clocks (time_namespaces(7)).
type timens struct{ monotonic, boottime time.Duration }

// parseTimens reads /proc/self/timens_offsets: a line for each clock, with its
// name, seconds and nanoseconds. A line that can't be read counts as no offset.
func parseTimens(text string) timens {
	var ns timens
	for line := range strings.Lines(text) {
		var name string
		var sec, nsec int64
		if n, _ := fmt.Sscan(line, &name, &sec, &nsec); n != 3 {
			continue
		}
		offset := time.Duration(sec)*time.Second + time.Duration(nsec)
		switch name {
		case "monotonic":
			ns.monotonic = offset
		case "boottime":
			ns.boottime = offset
		}
	}
	return ns
}

// outside returns a clock's reading without the offset of its time namespace.
func outside(inside, offset time.Duration) time.Duration {
	if inside == Unknown {
		return Unknown
	}
	return inside - offset
}
