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
	Grounding  Grounding
	Span                     // for an estimate: where a report may draw it, within the window
	Error      time.Duration // neither end lies further off than this; clock.Unknown where nothing bounds it
	VagueStart bool          // the start is an estimate
	VagueEnd   bool          // the end is an estimate
	Window     Window        // of an estimate; zero for others
	Pauses     []Span        // when the machine may have stood still without its boot clock noticing
	Times      []Span        // of each leg: when its first and its last heartbeat were
	Doubts     []Doubt       // claims to be synchronised that are not believed
}

// Estimated reports whether one of f's ends is an estimate: no believed synchronised
// claim places it, or its error is beyond a minute.
func (f *Flight) Estimated() bool {
	return f.Grounding <= GroundingWeak || f.VagueStart || f.VagueEnd
}

// Doubt is a leg that claimed to be synchronised and is not believed.
type Doubt struct {
	Leg      int     // its number in the flight
	Claimed  Span    // what the wall clock said
	Disputed bool    // others contradict it, and nothing decides; else it is a lie
	Against  Against // what contradicts it
}

// Against says what contradicts a claim.
type Against uint8

const (
	AgainstBoot   Against = iota // other claims of the same boot
	AgainstOthers                // the flights before and after it in its journal
	AgainstFloor                 // it is before flightrec was made
	AgainstNow                   // it is after the moment of the report
)

// String returns what contradicts the claim, in words.
func (a Against) String() string {
	return [...]string{
		AgainstBoot:   "the clock itself was set to another time later in the same boot",
		AgainstOthers: "the flights before and after it say otherwise",
		AgainstFloor:  "no flight was recorded before flightrec was made",
		AgainstNow:    "that is still to come",
	}[a]
}

// Boot is what happened between a machine's boot and its end: flights that
// share a boot clock, in order of takeoff. A flight whose boot ID isn't known is
// a boot of its own, unless it continues the one before it in its lane.
type Boot struct {
	Machine    string // journal.Takeoff.Machine of its flights
	ID         string // the boot's ID, empty where not known
	Span              // from the kernel's boot, if that is known, else from the first takeoff, to the last heartbeat
	VagueStart bool   // the kernel's boot is an estimate
	// Undecided is how long before Start the machine may have been up: no boot ID is known,
	// or it may be a container's, as flights of older recorders don't tell.
	Undecided time.Duration
	Flights   []*Flight // never empty
}

// Options change how flights are grounded; the zero value is what users want.
type Options struct {
	Observed bool            // use no boot ID: each flight stands for itself
	Now      journal.Instant // nothing lies after it; 0 where not known
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
	now     journal.Instant // nothing lies after it
	flights []*flightState
	boots   []*bootState
	out     []Boot                   // of boots
	orders  []*order                 // of each journal
	loose   []*bootState             // those without an anchor
	lanes   map[laneKey]*flightState // the last flight of each lane
	slabs   slabs
}

// decide decides which claims are believed.
func (m *machine) decide() {
	m.orders = m.order() // 2
	m.findRates()        // 3
	m.out = make([]Boot, len(m.boots))
	for i, b := range m.boots {
		b.begin(&m.out[i])
		b.findDriftSpans()
		b.measure()
		b.makeClaims(m.now) // 4
	}
	m.believe() // 5
}

// Ground places the machine's flights on the true time line. It returns their boots, in
// order of the first takeoff of each. The package's doc tells the steps.
func (m *Machine) Ground(opts Options) []Boot {
	w := groupBoots(m.Flights, opts) // 1
	w.decide()
	for _, b := range w.boots {
		if b.anchored {
			b.anchor() // 6
			b.bindAnchored()
		} else {
			w.loose = append(w.loose, b)
		}
	}
	w.findNow()
	w.findKernels()
	w.tighten() // 7
	w.writeWindows()
	w.placeAnchored()
	w.estimate() // 8
	for _, b := range w.boots {
		b.finish()
		b.out.Machine = m.ID
	}
	return w.out
}
