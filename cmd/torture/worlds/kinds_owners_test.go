package worlds

import (
	"fmt"
	"time"

	"flightrec/journal"

	"pgregory.net/rapid"
)

// newMachineIDs: a machine makes an ID at each boot, and forgets it.
func newMachineIDs(w *world) {
	for i := range rapid.IntRange(3, 6).Draw(w.t, "boots") {
		l := w.begin(0, w.between("down", 10*time.Second, day))
		l.as.Machine = fmt.Sprint("machine-", i)
		if i == 0 || rapid.IntRange(0, 3).Draw(w.t, "online") > 0 {
			l.right(5*w.interval, 50*w.interval)
		} else {
			l.run("unsynchronised", 5*w.interval, 50*w.interval)
		}
		w.end(l)
		w.whole(l, 0)
	}
}

// machineIDAnew: somebody makes the machine's ID anew while it runs.
func machineIDAnew(w *world) {
	l := w.begin(0, w.between("down", 10*time.Second, day))
	l.right(5*w.interval, 50*w.interval)
	half := l.Now
	l.Run(10 * time.Second)
	l.run("right", 5*w.interval, 50*w.interval)
	w.end(l)
	s := w.fly(l, 0, l.Start().Add(time.Second), half)
	s.landing = &journal.Landing{Reason: "SIGTERM", Shutdown: journal.ShutdownNo}
	other := l.as
	other.Machine = "made-anew"
	w.fly(l, 0, half.Add(5*time.Second), l.Now).as = &other
	after := w.clean(0, 0)
	after.as.Machine = "made-anew"
	w.odd = l
}

// clonedCard: two boards have one machine ID, and run at the same time.
func clonedCard(w *world) {
	w.oneJournal = true // the card was cloned with its journal
	first := w.now
	var ends journal.Instant
	for board := range 2 {
		w.now = first
		for range rapid.IntRange(2, 3).Draw(w.t, "boots") {
			l := w.begin(board, w.between("down", 10*time.Second, hour))
			l.as.Machine = "cloned"
			l.right(hour+2*hour/time.Duration(board+1), 5*hour)
			w.end(l)
			w.whole(l, board)
		}
		ends = max(ends, w.now)
	}
	w.now = ends
	w.interval = 5 * time.Minute
}

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

// movedCard: one card is in two boards by turns. They have a serial number each, and the
// card has the machine's ID.
func movedCard(w *world) {
	for range rapid.IntRange(3, 6).Draw(w.t, "boots") {
		l := w.begin(rapid.IntRange(0, 1).Draw(w.t, "board"), w.between("down", 10*time.Second, day))
		l.as.Machine, l.as.Host, l.as.Hardware = "card", "pi", fmt.Sprint("serial-", l.board)
		if rapid.Bool().Draw(w.t, "online") {
			l.right(5*w.interval, 50*w.interval)
		} else {
			l.run("unsynchronised", 5*w.interval, 50*w.interval)
		}
		w.end(l)
		w.whole(l, 0)
	}
}
