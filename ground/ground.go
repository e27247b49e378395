package ground

import (
	"slices"
	"time"

	"flightrec/journal"
)

// Grounding says by what evidence a flight was placed on the time line.
type Grounding uint8

const (
	GroundingBounded Grounding = iota // by nothing but its neighbours: its length is known, its place only within the window
	GroundingWall                     // by the wall clock that it saw, which fits in the window: an estimate
	GroundingWeak                     // by a weak fix: somebody disciplined the clock, without proof
	GroundingBoot                     // by the anchor of another flight of the same boot
	GroundingNTP                      // by a synchronised fix of its own
)

// Span is a stretch of the true time line, half-open: [Start, End).
type Span struct{ Start, End journal.Instant }

// Window bounds what isn't anchored: it did not start before Earliest nor end
// after Latest. A side that nothing bounds is nil.
type Window struct{ Earliest, Latest *journal.Instant }

// Flight is a flight and its place on the true time line.
type Flight struct {
	*journal.Flight
	Grounding Grounding
	Span                    // for a GroundingBounded flight: where a report may draw it, within the window
	Error     time.Duration // neither end lies further off than this; clock.Unknown where nothing bounds it
	Window    Window        // of a flight without an anchor (GroundingWall and GroundingBounded); zero for others
	Pauses    []Span        // when the machine stood still without its boot clock noticing
}

// Boot is what happened between a machine's boot and its end: flights that
// share a boot clock, in order of takeoff. A flight whose boot ID isn't known is
// a boot of its own, unless it continues the one before it in its lane.
type Boot struct {
	Machine string    // journal.Takeoff.Machine of its flights
	ID      string    // the boot's ID, empty where not known
	Span              // from the kernel's boot, if that is known, else from the first takeoff, to the last heartbeat
	Flights []*Flight // never empty
}

// Options change how flights are grounded; the zero value is what users want.
type Options struct {
	Observed bool // use no boot ID: each flight stands for itself
}

// Ground places flights on the true time line. They may come in any order, from
// several lanes and several machines; it returns their boots, in order of the first
// takeoff of each, and never changes the flights it is given.
func Ground(flights []journal.Flight, opts Options) []Boot {
	machines := Machines(flights)
	var boots []Boot
	for i := range machines {
		boots = append(boots, machines[i].Ground(opts)...)
	}
	if len(machines) > 1 {
		slices.SortStableFunc(boots, func(b, c Boot) int { return compareFlights(b.Flights[0].Flight, c.Flights[0].Flight) })
	}
	return boots
}

// machine is one machine's flights and boots while they are being placed, in order
// of takeoff.
type machine struct {
	opts    Options
	flights []*flightState
	boots   []*bootState
	loose   []*bootState            // those without an anchor
	lanes   map[string]*flightState // the last flight of each lane
}

// Ground places the machine's flights on the true time line. It returns their boots, in
// order of the first takeoff of each. The package's doc tells the steps.
func (m *Machine) Ground(opts Options) []Boot {
	w := groupBoots(m.Flights, opts) // 1
	for _, b := range w.boots {
		b.begin()
		b.measure() // 2
		b.anchor()  // 3
		b.kernel = b.flights[0].Takeoff.SinceBoot >= 0 && !opts.Observed && (len(b.segments) > 0 || b.out.ID != "")
		if len(b.segments) > 0 {
			b.placeByAnchors() // 4
		} else {
			b.mark()
			w.loose = append(w.loose, b)
		}
	}
	w.link(w.disputed()) // 5
	w.markFresh()
	w.tighten() // 6
	w.writeWindows()
	w.estimate() // 7
	boots := make([]Boot, len(w.boots))
	for i, b := range w.boots {
		b.finish()
		boots[i] = *b.out
	}
	return boots
}
