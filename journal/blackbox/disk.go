package blackbox

import (
	"path"
	"strconv"
	"strings"

	"flightrec/journal"
)

// device looks for the device that the journal is on. A partition stands for its disk.
func device(b *Box) []string {
	if stat := b.found().stat; stat != "" { // looking opens a thousand files where there are loop devices
		return []string{"journal on " + path.Base(path.Dir(stat))}
	}
	number := deviceOf(b.dir)
	if number == "" { // as in memory
		return nil
	}
	var disk string
	for _, pattern := range []string{"sys/block/*/dev", "sys/block/*/*/dev"} {
		for _, name := range b.glob(pattern) {
			if b.text(name) == number {
				disk = strings.Split(name, "/")[2]
			}
		}
	}
	if disk == "" {
		return nil
	}
	b.find(func(p *places) { p.stat = path.Join("sys/block", disk, "stat") })
	return []string{"journal on " + disk}
}

// disk tells the journal's free space, and how much was written: by the recorder since
// its start, and to the device since boot.
func disk(b *Box) (all []journal.Value) {
	if free, readOnly, ok := spaceOf(b.dir); ok {
		all = append(all, journal.Value{Vital: journal.VitalDiskFree, N: free}, journal.Value{Vital: journal.VitalReadOnly, N: readOnly})
	}
	for line := range strings.Lines(b.vital("proc/self/io")) {
		if value, ok := strings.CutPrefix(line, "write_bytes: "); ok {
			all = append(all, scaled(journal.VitalWritten, value, 1, 1<<10)...)
		}
	}
	// The seventh field counts sectors of 512 bytes that were written
	// (https://docs.kernel.org/block/stat.html).
	if stat := b.found().stat; stat != "" {
		if f := strings.Fields(b.vital(stat)); len(f) > 6 {
			all = append(all, scaled(journal.VitalDeviceWritten, f[6], 512, 1<<20)...)
		}
	}
	return all
}

// scaled returns the value of a vital that a text counts in units of of, in units of to.
func scaled(v journal.Vital, text string, of, to int64) []journal.Value {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < 0 {
		return nil
	}
	return []journal.Value{{Vital: v, N: n / (to / of)}}
}
