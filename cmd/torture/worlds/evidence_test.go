package worlds

import (
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// A freeze is a pause of a machine whose clock was said to be synchronised.
type freeze struct {
	synced  journal.Instant // since when it was
	from    journal.Instant // when the machine stood still
	noticed journal.Instant // when the wall clock was stepped for it
}

// told reports whether one of the flights, by their heartbeats, can tell f from
// the passing of time, or all of them lie on one side of it.
func (f freeze) told(l *life, flights []*record) bool {
	var before, after, unsure bool
	var witness, again bool
	for _, r := range flights {
		var synced, stepped int
		for _, t := range r.beats {
			switch {
			case t <= f.from:
				before = true
				if t >= f.synced {
					synced++
				}
			case t < f.noticed:
				unsure = true
			default:
				after = true
				if t < f.noticed.Add(l.minute()) {
					stepped++
				}
			}
		}
		witness = witness || synced > 1
		again = again || stepped > 1
	}
	switch {
	case !unsure && !(before && after):
		return true
	case before && !witness:
		return false
	}
	return again
}

// A lie is a stretch in which the wall clock was said to be synchronised, and wasn't.
type lie struct {
	from, to journal.Instant
	right    journal.Instant // until when it was synchronised after that
}

// exposed reports whether the flights that saw the lie, or others of the boot, saw
// the truth right after it, for a hundredth of the time in which they saw the lie.
func (f lie) exposed(flights []*record) bool {
	var lie, truth []journal.Instant // the heartbeats that saw it; of the truth those of the flight that saw it longest
	for _, r := range flights {
		var right []journal.Instant
		for _, t := range r.beats {
			switch {
			case f.from <= t && t < f.to:
				lie = append(lie, t)
			case f.to <= t && t < f.right:
				right = append(right, t)
			}
		}
		if len(right) > 1 && (truth == nil || length(right) > length(truth)) {
			truth = right
		}
	}
	return len(lie) == 0 || truth != nil && 100*length(truth) > length(lie)
}

// length returns how long heartbeats were seen.
func length(beats []journal.Instant) time.Duration {
	return slices.Max(beats).Sub(slices.Min(beats))
}

// watched reports whether one flight saw all of s, or none can be misled by it;
// since tells that what was before takeoff matters too.
func watched(s ground.Span, flights []*record, since bool) bool {
	before, after := since, false
	for _, r := range flights {
		first, last := r.beats[0], r.beats[len(r.beats)-1]
		if first <= s.Start && last >= s.End {
			return true
		}
		before = before || first < s.End
		after = after || last > s.Start
	}
	return !before || !after
}

// astray reports whether something in l left no trace in what the flights tell of
// it, or a false one.
func (l *life) astray(flights []*record) bool {
	for _, f := range l.freezes {
		if !f.told(l, flights) {
			return true
		}
	}
	for _, s := range l.slews {
		if !watched(s, flights, l.w.since) {
			return true
		}
	}
	for _, f := range l.lies {
		if !f.exposed(flights) {
			return true
		}
	}
	return false
}

// vague reports whether l's evidence leads astray: that of all its flights, where
// they are known to be of one boot, else that of one of them.
func (l *life) vague(shared bool) bool {
	if len(l.flights) == 0 {
		return false
	}
	if shared {
		return l.astray(l.flights)
	}
	for i := range l.flights {
		if l.astray(l.flights[i : i+1]) {
			return true
		}
	}
	return false
}
