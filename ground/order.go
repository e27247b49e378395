package ground

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// An order is what one journal proves of the order of its flights.
type order struct {
	stages []*stage
	boots  []*bootState    // in order of takeoff
	now    journal.Instant // nothing in it lies after that
}

// A stage is a part of a journal that began with a boot clock: that of its first flight,
// which is known to have begun when others were over. Its flights run on that boot clock
// or on later ones.
type stage struct {
	boots   []*bootState    // in order of takeoff
	flights []*flightState  // in order of takeoff
	journal int             // which of the machine's journals it is of
	lanes   int             // how many lanes the flights are in
	over    int             // boots that took off up to that index were over before
	clocks  []*flightState  // takeoffs after which none showed as much or more on the boot clock
	own     *flightState    // the last takeoff whose boot ID is the kernel's own
	ceiling journal.Instant // when it had begun
}

// order lays m's flights out in stages, for each journal.
func (m *machine) order() (all []*order) {
	for _, f := range m.flights {
		f.boot.findAnew(f)
	}
	index := make(map[string]int) // of each journal
	for _, f := range m.flights {
		i, ok := index[f.journal]
		if !ok {
			i = len(all)
			index[f.journal] = i
			all = append(all, &order{now: m.now, stages: []*stage{m.newStage(i, -1)}})
		}
		all[i].add(f)
	}
	for i, o := range all {
		stages := o.stages
		for _, b := range o.boots {
			for len(stages) > 0 && stages[0].over < b.flights[0].index {
				stages = stages[1:]
			}
			if len(stages) > 0 {
				if b.until == nil {
					b.until = m.slabs.ofBoots.take(len(all))[:len(all)]
				}
				b.until[i] = stages[0]
			}
		}
	}
	return all
}

// newStage returns an empty stage.
func (m *machine) newStage(journal, over int) *stage {
	s := m.slabs.stages.one()
	*s = stage{journal: journal, over: over, boots: m.slabs.inStages.take(1), flights: m.slabs.inBoots.take(1)}
	return s
}

// add adds the next takeoff.
func (o *order) add(f *flightState) {
	m := f.boot.machine
	s := o.stages[len(o.stages)-1]
	if n := len(s.flights); n > 0 {
		if before := s.flights[n-1]; before.boot != f.boot {
			f.before, before.after = before, f
		}
		if over := o.lastUpTo(s.overBefore(f)); over > s.over && !m.opts.Observed {
			s = m.newStage(s.journal, over)
			o.stages = append(o.stages, s)
		}
	}
	if len(f.boot.stages) == 0 || !slices.ContainsFunc(f.boot.stages, func(t *stage) bool { return t.journal == s.journal }) {
		o.boots = append(o.boots, f.boot)
	}
	s.add(f)
}

// lastUpTo returns the index of the last takeoff up to index that began a boot, -1 for none.
func (o *order) lastUpTo(index int) int {
	if n := len(o.boots); n > 0 && o.boots[n-1].flights[0].index <= index {
		return o.boots[n-1].flights[0].index // nearly always
	}
	i := sort.Search(len(o.boots), func(i int) bool { return o.boots[i].flights[0].index > index })
	if i == 0 {
		return -1
	}
	return o.boots[i-1].flights[0].index
}

// overBefore returns the index of the last flight that is known to have been over when
// the boot clock of f, the next takeoff, began: its kernel's clock showed more than f's
// does. It returns -1 if there is none.
func (s *stage) overBefore(f *flightState) (last int) {
	since := f.Takeoff.SinceBoot
	if since < 0 || f.boot.flights[0] != f {
		return -1
	}
	last = -1
	// The last one that showed more.
	if n := sort.Search(len(s.clocks), func(i int) bool { return since >= sub(s.clocks[i].Takeoff.SinceBoot, simultaneous) }); n > 0 {
		last = s.clocks[n-1].index
	}
	last = max(last, f.boot.anew)
	if s.own != nil && f.kernelsOwn() && f.Takeoff.Boot != s.own.Takeoff.Boot {
		last = max(last, s.own.index)
	}
	return last
}

// findAnew takes note of what f, one of b's flights, tells of b's boot clock: it began anew
// after the flight before f in its lane, if that one's clock showed more.
func (b *bootState) findAnew(f *flightState) {
	first, p := b.flights[0], f.prev
	if f == first {
		b.anew = -1
	}
	if p != nil && p.index < first.index && f.journal == first.journal && p.Takeoff.SinceBoot >= 0 &&
		f.Takeoff.SinceBoot >= 0 && f.Takeoff.SinceBoot < sub(p.ended, clock.OriginError) {
		b.anew = max(b.anew, p.index)
	}
}

// kernelsOwn reports whether f's boot ID is known to be the kernel's own.
func (f *flightState) kernelsOwn() bool {
	return f.Takeoff.BootOrigin == clock.BootOriginKernel && f.Takeoff.Boot != ""
}

// add adds the next takeoff to s.
func (s *stage) add(f *flightState) {
	if !slices.Contains(f.boot.stages, s) {
		if f.boot.stages == nil {
			f.boot.stages = f.boot.machine.slabs.ofBoots.take(1)
		}
		f.boot.stages = append(f.boot.stages, s)
		s.boots = append(s.boots, f.boot)
	}
	if f.prev == nil || f.prev.stage != s {
		s.lanes++
	}
	f.stage = s
	s.flights = append(s.flights, f)
	if since := f.Takeoff.SinceBoot; since >= 0 {
		for n := len(s.clocks); n > 0 && s.clocks[n-1].Takeoff.SinceBoot <= since; n-- {
			s.clocks = s.clocks[:n-1]
		}
		s.clocks = append(s.clocks, f)
	}
	if f.kernelsOwn() {
		s.own = f
	}
}

// findNow finds after which moment nothing in each journal lies: now, where that is known,
// and the latest heartbeat and its interval of what is aloft, or when that was dumped.
func (m *machine) findNow() {
	for _, o := range m.orders {
		latest, anchored := never, false
		for _, f := range m.flights {
			if f.Ending == journal.EndingAloft && f.boot.anchored && m.orders[f.stage.journal] == o {
				latest, anchored = max(latest, f.latestNow()), true
			}
		}
		if anchored {
			o.now = min(o.now, latest)
		}
	}
}

// autoInterval is the longest that the interval auto lets pass between heartbeats.
const autoInterval = 30 * time.Second

// latestNow returns the latest moment that it can be while f, whose boot has an anchor, is
// aloft.
func (f *flightState) latestNow() journal.Instant {
	if f.Dumped != nil {
		at := f.boot.moment(f.clock(*f.Dumped))
		return f.boot.boundsAt(at, f.boot.locate(at)).hi
	}
	return f.end.hi.Add(cmp.Or(f.Takeoff.Interval, autoInterval))
}

// soon is how long after its kernel's boot a recorder takes off that starts with it.
const soon = 5 * time.Minute

// findKernels decides for each boot whether its uptime begins where its boot clock does.
// A kernel's own does, a container's doesn't. Where that isn't known, of boots that may have
// shared a boot clock certain is what both readings share: the first of them counts from
// there if it took off soon after, the others from where the boot clock stood when those
// before had ended, or else from takeoff.
func (m *machine) findKernels() {
	for _, o := range m.orders {
		for _, s := range o.stages {
			shared := false
			s.findLeads()
			for i, b := range s.boots {
				b.kernel = b.flights[0].Takeoff.SinceBoot >= 0 && !m.opts.Observed && (b.anchored || b.out.ID != "")
				switch origin := b.flights[0].Takeoff.BootOrigin; {
				case !b.kernel && b.out.ID == "":
					b.undecide()
				case origin == clock.BootOriginContainer:
					b.kernel = false
				case origin == clock.BootOriginKernel:
				case i > 0 && !follows(s.boots[i-1], b):
					b.kernel, shared = false, true
					b.undecide()
				}
			}
			if first := s.boots[0].flights[0]; shared && first.Takeoff.BootOrigin == clock.BootOriginUnknown && first.Takeoff.SinceBoot > soon {
				first.boot.kernel = false
				first.boot.undecide()
			}
		}
	}
}

// findLeads finds for how long before the takeoffs that begin boots in s their kernel ran
// in any case: since the boots before had ended, if the boot clock went on, or else since
// its own boot. Containers alone tell nothing of their host.
func (s *stage) findLeads() {
	first := s.flights[0].Takeoff
	if first.SinceBoot < 0 || first.SinceBoot > soon || first.BootOrigin == clock.BootOriginContainer || s.boots[0].machine.opts.Observed {
		return
	}
	end := s.flights[0].ended
	for _, f := range s.flights[1:] {
		if b, since := f.boot, f.Takeoff.SinceBoot; f.number == 0 && f.Takeoff.BootOrigin == clock.BootOriginUnknown && since > end {
			b.lead = b.ranSince(end)
		}
		if f.ended < 0 {
			return
		}
		end = max(end, f.ended)
	}
}

// undecide notes that it isn't known whose boot clock b's is. One that showed a day or
// more at takeoff was likely that of a host that went on, on which b was a container.
func (b *bootState) undecide() {
	if since := b.flights[0].Takeoff.SinceBoot; since > 0 && since < likelyHost && !b.machine.opts.Observed {
		b.out.Undecided = sub(since, b.lead)
	}
}

// likelyHost is the reading of the boot clock from which on a takeoff was likely in a
// container that was started on a host that ran already.
const likelyHost = 24 * time.Hour

// follows reports whether the anchors of a and b prove that b's boot clock began after a
// ended.
func follows(a, b *bootState) bool {
	return a.anchored && b.anchored && b.kernelStart.lo >= a.flights[len(a.flights)-1].end.lo && b.flights[0].Takeoff.SinceBoot >= 0
}
