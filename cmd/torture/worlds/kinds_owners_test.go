package worlds

import (
	"time"

	"flightrec/journal"

	"pgregory.net/rapid"
)

// noMachineIDs: two machines without an ID are told apart by their names.
func noMachineIDs(w *world) {
	first := w.now
	var ends journal.Instant
	for board := range 2 {
		w.now = first
		for n := range rapid.IntRange(1, 3).Draw(w.t, "boots") {
			l := w.begin(board, w.between("down", 10*time.Second, hour))
			l.as.Machine = ""
			if n == 0 || rapid.Bool().Draw(w.t, "online") {
				l.right(10*w.interval, 50*w.interval)
			} else {
				l.run("unsynchronised", 10*w.interval, 50*w.interval)
			}
			w.end(l)
			w.whole(l, board)
		}
		ends = max(ends, w.now)
	}
	w.now = ends
}
