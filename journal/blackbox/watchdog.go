package blackbox

import "path"

// watchdogs tells of each watchdog. A bootstatus holds for one boot. The device itself is
// never opened: that would start it.
func watchdogs(b *Box) (all []string) {
	for _, dir := range b.glob("sys/class/watchdog/watchdog*") {
		// The identity may have blanks, so it stands last.
		if text := b.fields(dir, "bootstatus", "state", "timeout", "identity"); text != "" {
			all = append(all, path.Base(dir)+" "+text)
		}
	}
	return all
}
