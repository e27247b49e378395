package reports

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// Options say what a report is about; the zero value asks for everything.
type Options struct {
	Selection
	Show
	Run
}

// Selection says what a report is about.
type Selection struct {
	Since, Until *journal.Instant // the time asked for; nil is no limit
	Observed     bool             // spans of the recorder alone, no use of boot IDs
	Exclude      []ground.Span    // planned maintenance: left out of all sums, and shown
}

// Show says how much is told of what was selected.
type Show struct {
	All     bool // each boot of a crash loop is told by itself
	Clock   bool // tell of the clocks
	Last    int  // how many of the latest uptimes are listed; 0 for all
	Reverse bool // the other way round than the format has it
}

// Run holds the facts of the moment at which a report is made.
type Run struct {
	Generated journal.Instant // the clock at hand
	Now       journal.Instant // what sums and spans count to
	NowKnown  bool            // nothing lies after Now
	Zone      *time.Location  // of local times; nil is UTC
	Warnings  []string        // what could not be read
	Journal   string          // the folder that was read, where a reader may not expect that one
}

// asked returns the time asked for, empty if it ends before it starts.
func (s *Selection) asked() ground.Span {
	asked := everything
	if s.Since != nil {
		asked.Start = *s.Since
	}
	if s.Until != nil {
		asked.End = *s.Until
	}
	asked.End = max(asked.Start, asked.End)
	return asked
}

// now returns the moment of the report as grounding may use it, 0 where it isn't known.
func (r *Run) now() journal.Instant {
	if !r.NowKnown {
		return 0
	}
	return r.Now
}

// Report says of each machine when it was up and when it was down.
type Report struct {
	Options
	Count int // of machines
	// Machines yields them in order of host, then of ID. Each is made when it is asked
	// for, or shortly before, and not kept: a fleet takes the memory of a few machines.
	Machines iter.Seq[*Machine]
}

// New reports on flights, which may come in any order and from several machines, and
// which must not change while the report is read.
func New(flights []journal.Flight, opts Options) *Report {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	machines := sortedMachines(flights)
	return &Report{Options: opts, Count: len(machines), Machines: inOrder(len(machines), func(i int) *Machine {
		return newMachine(&machines[i], &opts)
	})}
}

// Flights grounds flights, which may come in any order and from several machines. It
// returns those that may have flown in the time asked for, in order of takeoff.
func Flights(flights []journal.Flight, asked Selection) []*ground.Flight {
	machines := ground.Machines(flights)
	var all []*ground.Flight
	for boots := range inOrder(len(machines), func(i int) []ground.Boot { return machines[i].Ground(ground.Options{}) }) {
		for _, b := range boots {
			for _, f := range b.Flights {
				if touches(placeOf(f), asked.asked()) {
					all = append(all, f)
				}
			}
		}
	}
	slices.SortStableFunc(all, compareTakeoff)
	return all
}

// placeOf returns where a flight may have been: its span, or its window where no
// anchor places it.
func placeOf(f *ground.Flight) ground.Span {
	if !f.Estimated() {
		return f.Span
	}
	return extent(f.Window, ground.Span{Start: everything.End, End: everything.Start})
}

// compareTakeoff puts flights in the journal's order of takeoff.
func compareTakeoff(a, b *ground.Flight) int {
	return cmp.Or(slices.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Lane, b.Lane))
}

// compareStart puts flights in order of takeoff on the true time line.
func compareStart(a, b *ground.Flight) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), compareTakeoff(a, b))
}
