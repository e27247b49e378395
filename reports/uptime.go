package reports

import (
	"cmp"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// Uptime is what a report says of an uptime beyond its span.
type Uptime struct {
	Boot    string   // the ID of the boot that it began with, empty where not known
	Kernel  string   // the kernel's release at its first takeoff, empty where not known
	Boots   int      // how many boots it is made of: more than one only where boots overlap
	Aloft   bool     // one of its flights goes on at this moment
	Flights []Flight // in order of takeoff, as far as they lie in the time asked for
	Gaps    []Gap    // when nobody was recording, between flights

	flights   []*ground.Flight // Flights, before they are numbered
	span      ground.Span
	estimated bool           // one of its ends is an estimate
	sureStart bool           // its start isn't, though its end is
	sureEnd   bool           // its end isn't, though its start is
	anchored  bool           // an anchor places it, though not exactly
	undecided time.Duration  // for how long before its start the machine may have been up, see [ground.Boot]
	window    ground.Window  // where the boots without an anchor can lie; zero if there are none
	drawn     bool           // no clock told the place of part of it
	slack     uint64         // its ends lie no further off, in nanoseconds
	lastID    string         // the ID of the boot that it ended with
	last      *ground.Flight // the flight that tells how the uptime ended
}

// Flight is one run of the recorder: a flight, or several of which each continues the
// one before.
type Flight struct {
	N int // its number among the machine's flights, from 1
	*ground.Flight
	Note   int     // the number of the note to it, 0 for none
	Pauses []Pause // in place of those of ground.Flight
}

// Gap is when nobody was recording, though the machine was up.
type Gap struct {
	N int // its number among the machine's gaps, from 1; 0 in a crash loop
	ground.Span
}

// PauseMayBe are the words for what may have been in a [Pause]: the machine stood still,
// its clock had been called right and wasn't, or its boot clock runs slow.
var PauseMayBe = []string{"pause", "lie", "slow clock"}

// Pause is when the machine may have stood still without its boot clock noticing.
type Pause struct {
	N int // its number among the machine's pauses, from 1; 0 in a crash loop
	ground.Span
}

// runsOf makes each run of the recorder a boot of its own.
func runsOf(boots []ground.Boot) []ground.Boot {
	var flights []*ground.Flight
	for _, b := range boots {
		flights = append(flights, b.Flights...)
	}
	slices.SortStableFunc(flights, compareTakeoff)
	var alone []ground.Boot
	for _, f := range runs(flights) {
		alone = append(alone, ground.Boot{Machine: f.Takeoff.Machine, Span: f.Span, Flights: []*ground.Flight{f}})
	}
	return alone
}

// uptimesOf makes uptimes of a machine's boots, in order of time.
func uptimesOf(boots []ground.Boot, observed bool) []*Uptime {
	inTime := func(a, b ground.Boot) int { return cmp.Compare(a.Start, b.Start) }
	if !slices.IsSortedFunc(boots, inTime) {
		boots = slices.Clone(boots)
		slices.SortStableFunc(boots, inTime)
	}
	uptimes, room := make([]*Uptime, 0, len(boots)), make([]Uptime, len(boots))
	for i := range boots {
		next := &room[i]
		next.begin(&boots[i])
		if n := len(uptimes); n > 0 && uptimes[n-1].joins(next, observed) {
			uptimes[n-1].join(next)
			continue
		}
		uptimes = append(uptimes, next)
	}
	for _, u := range uptimes {
		if !slices.IsSortedFunc(u.flights, compareStart) {
			u.flights = slices.Clone(u.flights)
			slices.SortStableFunc(u.flights, compareStart)
		}
		u.Gaps = gapsBetween(u.flights)
	}
	return uptimes
}

// begin makes u the uptime of one boot.
func (u *Uptime) begin(b *ground.Boot) {
	*u = Uptime{Boot: b.ID, Kernel: b.Flights[0].Takeoff.Kernel, Boots: 1, flights: runs(b.Flights), span: b.Span, lastID: b.ID, undecided: b.Undecided}
	for _, f := range u.flights {
		u.Aloft = u.Aloft || f.Ending == journal.EndingAloft
		// An error that isn't known, -1, is the largest of all.
		u.slack = max(u.slack, uint64(f.Error))
		u.drawn = u.drawn || f.Grounding == ground.GroundingBounded
	}
	u.last = lastOf(u.flights)
	if !anchored(*b) {
		u.estimated = true
		u.window = windowOf(*b)
		u.findEdges(b)
	}
}

// findEdges finds which end of u, the uptime of an estimated boot, is certain.
func (u *Uptime) findEdges(b *ground.Boot) {
	first, last := b.Flights[0], b.Flights[0]
	for _, f := range b.Flights {
		if f.Grounding < ground.GroundingBoot || f.Error == clock.Unknown {
			return
		}
		if f.End > last.End {
			last = f
		}
	}
	u.anchored = true
	u.sureStart = !b.VagueStart && (!first.VagueStart || b.Start < first.Start)
	u.sureEnd = !last.VagueEnd
}

// earliestEnd returns before which moment u can't have ended, nil if nothing tells.
func (u *Uptime) earliestEnd() *journal.Instant {
	if !u.estimated || u.sureEnd {
		return &u.span.End
	}
	return moved(u.window.Earliest, u.span.End.Sub(u.span.Start))
}

// latestStart returns after which moment u can't have begun, nil if nothing tells.
func (u *Uptime) latestStart() *journal.Instant {
	if !u.estimated || u.sureStart {
		return &u.span.Start
	}
	return moved(u.window.Latest, u.span.Start.Sub(u.span.End))
}

// place returns where u may lie, with what it may have been up before its start; zero if
// it is certain.
func (u *Uptime) place() ground.Window {
	w := u.window
	if u.undecided == 0 {
		return w
	}
	if !u.estimated {
		w = ground.Window{Earliest: &u.span.Start, Latest: &u.span.End}
	}
	w.Earliest = moved(w.Earliest, -u.undecided)
	return w
}

// moved returns the instant that lies by d after i, nil for nil.
func moved(i *journal.Instant, d time.Duration) *journal.Instant {
	if i == nil {
		return nil
	}
	after := i.Add(d)
	return &after
}

// lastOf returns that of a boot's flights which tells how it ended: one that landed as
// the machine was going down, unless another took off after that, for then it didn't;
// else the one that ended last.
func lastOf(flights []*ground.Flight) *ground.Flight {
	last := flights[0]
	for _, f := range flights[1:] {
		if last.End <= f.End {
			last = f
		}
	}
	for _, f := range flights {
		later := func(g *ground.Flight) bool { return g.Start > f.End }
		if goingDown(f) && !slices.ContainsFunc(flights, later) {
			last = f
		}
	}
	return last
}

// goingDown reports whether f landed because the machine was going down.
func goingDown(f *ground.Flight) bool {
	return f.Landing != nil && f.Landing.Shutdown == journal.ShutdownYes
}

// joins reports whether u and the uptime next, which begins no earlier, are one.
func (u *Uptime) joins(next *Uptime, observed bool) bool {
	switch {
	case observed:
		return next.span.Start <= u.span.End
	case u.sameBoot(next):
		return true
	case u.drawn || next.drawn:
		return false // that they touch is the report's own doing
	case u.lastID == "" || next.Boot == "":
		return next.span.Start <= u.span.End
	case u.estimated || next.estimated:
		// Where neither drew the other away, they were recorded side by side, in
		// lanes of their own.
		return next.span.Start < u.span.End && !u.shares(next)
	}
	// u:    f----------t
	// next:      f---------t
	overlap := LengthOf(ground.Span{Start: next.span.Start, End: u.span.End})
	return uint64(overlap) > addSlack(u.slack, next.slack)
}

// sameBoot reports whether u ended with the boot that next began with. Where the boot
// clock at takeoff is known, package ground has put the flights of a boot together, and
// boots that it keeps apart only have the same ID.
func (u *Uptime) sameBoot(next *Uptime) bool {
	clockless := u.last.Takeoff.SinceBoot < 0 || next.last.Takeoff.SinceBoot < 0
	return u.lastID != "" && u.lastID == next.Boot && clockless
}

// shares reports whether u and v have flights in one lane: those never overlap.
func (u *Uptime) shares(v *Uptime) bool {
	for _, f := range u.flights {
		for _, g := range v.flights {
			if f.Lane == g.Lane {
				return true
			}
		}
	}
	return false
}

// addSlack returns a+b, or the largest slack there is.
func addSlack(a, b uint64) uint64 {
	if sum := a + b; sum >= a {
		return sum
	}
	return 1<<64 - 1
}

// join makes next, which begins no earlier, a part of u.
func (u *Uptime) join(next *Uptime) {
	if u.Boot != "" && next.Boot != "" && next.Boot != u.Boot && next.Boot != u.lastID {
		u.Boots++
	}
	u.Boot = cmp.Or(u.Boot, next.Boot)
	u.Aloft = u.Aloft || next.Aloft
	u.flights = append(u.flights, next.flights...)
	u.slack = max(u.slack, next.slack)
	if u.span.End <= next.span.End {
		u.sureEnd = next.sureEnd || !next.estimated && u.estimated
	}
	switch {
	case u.estimated && next.estimated:
		u.window = widest(u.window, next.window)
	case next.estimated && (u.span.End < next.span.End || u.sameBoot(next) && !within(next.window, u.span)):
		u.sureStart = !u.estimated && u.span.Start < next.span.Start
		u.window, u.estimated, u.anchored = next.window, true, next.anchored
	}
	u.drawn = u.drawn || next.drawn
	if u.span.End <= next.span.End {
		u.last, u.lastID = next.last, next.lastID
	}
	u.span = hull(u.span, next.span)
}

// runs returns the flights with each that continues another made one with it: the
// reader of a report sees one run of the recorder. What it returns may be what it is
// given, and must not be changed.
func runs(flights []*ground.Flight) []*ground.Flight {
	continues := func(f *ground.Flight) bool { return !f.Takeoff.Continues.IsNil() }
	if !slices.ContainsFunc(flights, continues) {
		return slices.Clip(flights)
	}
	var whole []*ground.Flight
	index := make(map[ksuid.KSUID]int)
	for _, f := range flights {
		i, ok := index[f.Takeoff.Continues]
		if ok && continues(f) {
			whole[i] = fuse(whole[i], f)
		} else {
			i = len(whole)
			whole = append(whole, f)
		}
		index[f.ID] = i
	}
	return whole
}

// fuse returns the flight that a and its continuation b are to the reader.
func fuse(a, b *ground.Flight) *ground.Flight {
	recorded := *a.Flight
	recorded.Landing, recorded.Ending = b.Landing, b.Ending
	recorded.Legs, recorded.Vitals = b.Legs, b.Vitals
	recorded.Evidence = slices.Concat(a.Evidence, b.Evidence)
	whole := &ground.Flight{
		Flight:    &recorded,
		Grounding: min(a.Grounding, b.Grounding),
		Span:      hull(a.Span, b.Span),
		Error:     max(a.Error, b.Error),
		Window:    ground.Window{Earliest: a.Window.Earliest, Latest: b.Window.Latest},
		Pauses:    slices.Concat(a.Pauses, b.Pauses),
		Doubts:    slices.Concat(a.Doubts, b.Doubts),

		VagueStart: a.VagueStart,
		VagueEnd:   b.VagueEnd,
	}
	if a.Error == clock.Unknown || b.Error == clock.Unknown {
		whole.Error = clock.Unknown
	}
	return whole
}

// gapsBetween returns the stretches between the flights, which come in order of
// their start, that none of them covers.
func gapsBetween(flights []*ground.Flight) []Gap {
	var gaps []Gap
	end := flights[0].End
	for _, f := range flights[1:] {
		if end < f.Start {
			gaps = append(gaps, Gap{Span: ground.Span{Start: end, End: f.Start}})
		}
		end = max(end, f.End)
	}
	return gaps
}
