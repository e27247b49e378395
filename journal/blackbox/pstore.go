package blackbox

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// maxRecords bounds the panic records that are told, the newest ones.
const maxRecords = 4

// panicRecords tells names, times and sizes of panic records: where the kernel shows them,
// which often only root may see, and where systemd keeps them. Which of them are new is
// for reports to tell: they are kept for weeks.
func panicRecords(b *Box) []string {
	var all []string
	for _, r := range b.records("sys/fs/pstore", "var/lib/systemd/pstore") {
		all = append(all, fmt.Sprintf("%s %s %d", path.Base(r.name), r.modified.UTC().Format(time.RFC3339), r.size))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// panicFolder is where the root step leaves the first lines of panic records.
const panicFolder = "run/flightrec-panic"

// panicTexts tells the first lines of panic records, behind their names and times.
func panicTexts(b *Box) (all []string) {
	for _, r := range b.records(panicFolder) {
		const most = 300
		text := strings.Join(strings.Fields(b.text(r.name)), " ")
		all = append(all, fmt.Sprintf("%s %s %s", path.Base(r.name), r.modified.UTC().Format(time.RFC3339), text[:min(most, len(text))]))
	}
	return all
}

// record is a file with a panic record.
type record struct {
	name     string
	modified time.Time
	size     int64
}

// records returns the newest files below some folders that are records of what the kernel
// said: of a panic or an oops. Those of its console are there after each reset.
func (b *Box) records(dirs ...string) (all []record) {
	for _, dir := range dirs {
		fs.WalkDir(b.root, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), "dmesg-") {
				return nil // what can't be seen isn't told
			}
			if info, err := d.Info(); err == nil {
				all = append(all, record{name, info.ModTime(), info.Size()})
			}
			return nil
		})
	}
	slices.SortFunc(all, func(a, b record) int { return cmp.Or(b.modified.Compare(a.modified), cmp.Compare(a.name, b.name)) })
	return all[:min(maxRecords, len(all))]
}
