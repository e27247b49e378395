package reports

import (
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// Latest is how things were at a machine's last sign of life, whatever was asked for.
type Latest struct {
	Up     *Period         // the latest uptime, whole
	N      int             // its number among all uptimes
	For    Length          // how long it had lasted
	Flight *ground.Flight  // the flight that ended last
	Sign   journal.Instant // the last sign of life
	Fix    journal.Fix     // the last heartbeat
	Right  *Right          // since when the wall clock is right; nil where it isn't
	Down   *Period         // the downtime before Up, whole; nil before the first uptime
}

// Right is how a wall clock came to be right.
type Right struct {
	Since journal.Instant
	Ahead time.Duration // how far the clock was ahead before, negative if behind; 0 where it was right at the first takeoff
}

// latestOf returns how things were at the end of a machine's periods, which are whole.
func latestOf(whole []Period, boots []ground.Boot) Latest {
	n := len(whole)
	up := whole[n-1]
	up.Span = up.Whole
	l := Latest{Up: &up, For: LengthOf(up.Whole), Flight: up.flights[0]}
	for i := range whole {
		if whole[i].Up() {
			l.N++
		}
	}
	for _, f := range up.flights {
		if f.End >= l.Flight.End {
			l.Flight = f
		}
	}
	l.Sign, l.Fix = l.Flight.End, l.Flight.Legs[len(l.Flight.Legs)-1].Last
	for i := range slices.Backward(boots) {
		if slices.ContainsFunc(boots[i].Flights, func(f *ground.Flight) bool { return f.ID == l.Flight.ID }) && anchored(boots[i]) {
			l.Right = rightSince(stretchesOf(boots[i]))
			break
		}
	}
	if n > 2 {
		down := whole[n-2]
		down.Span = down.Whole
		l.Down = &down
	}
	return l
}

// rightSince returns since when the wall clock is synchronised at the end of a boot, nil
// if it isn't.
func rightSince(seen []stretch) *Right {
	first := len(seen)
	for first > 0 && seen[first-1].Last.Sync == clock.SyncSynced {
		first--
	}
	if first == len(seen) {
		return nil
	}
	r := &Right{Since: seen[first].span.Start}
	if first > 0 {
		before := &seen[first-1]
		r.Ahead = before.Last.Wall.Sub(before.span.End)
	}
	return r
}
