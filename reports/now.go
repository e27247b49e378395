package reports

import (
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
)

// Hand is what the clocks of this machine say when a report is made.
type Hand struct {
	Wall   journal.Instant
	Synced bool // the wall clock is synchronised

	// Live says that the flights come from a journal and not from dumps: what is aloft is
	// being recorded at this moment. Boot and SinceBoot are this machine's boot ID and boot
	// clock then; empty and clock.Unknown where there is none.
	Live      bool
	Boot      string
	SinceBoot time.Duration
}

// agreement is how far a clock that isn't synchronised may be from what the flights tell
// and still count as right.
const agreement = time.Minute

// Now returns the moment to which a report on flights counts, and whether it is known that
// nothing lies after it. A synchronised clock tells it. Another one counts as far as the
// flights agree: where one is aloft, now is where grounding puts that, else it is no
// earlier than the latest sign of life.
func Now(flights []journal.Flight, hand Hand) (now journal.Instant, known bool) {
	if hand.Synced || !hand.flies(flights) && hand.Wall >= latestPossible(flights) {
		return hand.Wall, hand.Synced
	}
	now, best := hand.Wall, 0
	for _, f := range Flights(flights, Selection{}) {
		at, sure := hand.at(f)
		if sure > best || sure == best && at > now {
			now, best = at, sure
		}
	}
	if best < nowCertain && now.Sub(hand.Wall).Abs() <= agreement {
		now = hand.Wall
	}
	return now, best == nowCertain
}

// How sure it is that now is what a flight says: no earlier, about, or exactly.
const (
	nowLater = iota
	nowAloft
	nowThisBoot
	nowCertain
)

// at returns the moment that f tells of now, and how sure that is.
func (h *Hand) at(f *ground.Flight) (now journal.Instant, sure int) {
	last := f.Legs[len(f.Legs)-1].Last.Elapsed
	now = f.End
	if f.Dumped != nil {
		now = now.Add(max(0, f.Dumped.Elapsed-last))
	}
	switch {
	case !h.Live || f.Ending != journal.EndingAloft:
		return now, nowLater
	case h.Boot == "" || f.Takeoff.Boot != h.Boot || f.Takeoff.SinceBoot < 0 || h.SinceBoot < 0:
		return now, nowAloft
	}
	now = now.Add(max(0, h.SinceBoot-f.Takeoff.SinceBoot-last)) // a boot clock is no older than the flight
	if f.Estimated() {
		return now, nowThisBoot
	}
	return now, nowCertain
}

// flies reports whether one of the flights is being recorded at this moment.
func (h *Hand) flies(flights []journal.Flight) bool {
	for i := range flights {
		if h.Live && flights[i].Ending == journal.EndingAloft {
			return true
		}
	}
	return false
}

// latestPossible returns after which moment no flight can have been, without grounding
// them: a machine's flights whose clocks were wrong may have been one after another, after
// its latest synchronised leg.
func latestPossible(flights []journal.Flight) journal.Instant {
	latest := everything.Start
	after := make(map[string]journal.Instant) // of each machine, how long that was in all
	for i := range flights {
		f := &flights[i]
		unplaced, last := after[f.Takeoff.Machine].Add(max(0, f.Takeoff.SinceBoot)), time.Duration(0)
		for j := range f.Legs {
			leg := &f.Legs[j]
			latest = max(latest, leg.Last.Wall)
			unplaced, last = unplaced.Add(leg.Last.Elapsed-last), leg.Last.Elapsed
			if leg.Last.Sync == clock.SyncSynced {
				unplaced = 0
			}
		}
		if f.Dumped != nil {
			unplaced = unplaced.Add(max(0, f.Dumped.Elapsed-last))
		}
		after[f.Takeoff.Machine] = unplaced
	}
	var longest journal.Instant
	for _, unplaced := range after {
		longest = max(longest, unplaced)
	}
	return latest.Add(time.Duration(longest))
}
