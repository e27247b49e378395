package worlds

import (
	"fmt"
	"math"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// noise is how exact all of this is: no clock is read quicker.
const noise = time.Millisecond

// stored returns what of the flights that were read contradicts what was recorded.
func (w *world) stored() string {
	if n := len(journal.Unique(slices.Clone(w.flights))); n != len(w.records) {
		return fmt.Sprintf("%d flights were recorded, and %d read", len(w.records), n)
	}
	last := map[string]*record{} // of each lane on each card
	for _, f := range journal.Unique(slices.Clone(w.flights)) {
		r := w.records[f.ID]
		if r == nil {
			return fmt.Sprintf("nobody recorded flight %v", f.ID)
		}
		if f.Beats() != uint64(len(r.beats)) {
			return fmt.Sprintf("flight %v has %d heartbeats, recorded were %d", f.ID, f.Beats(), len(r.beats))
		}
		landed := r.landing != nil
		if (f.Landing != nil) != landed || landed && *f.Landing != *r.landing || (f.Ending == journal.EndingLanded) != landed {
			return fmt.Sprintf("flight %v: landing %+v, recorded was %+v", f.ID, f.Landing, r.landing)
		}
		card := fmt.Sprint(r.card)
		if before := last[card]; before != nil && before.span().Start > r.span().Start {
			return fmt.Sprintf("flights %v and %v are not in order of takeoff", before.id, r.id)
		}
		last[card] = r
	}
	return ""
}

// shared reports whether a boot's flights are known to share a boot clock.
func (w *world) shared() bool { return w.named && w.since }

// vague reports whether a board's evidence leads astray.
func (w *world) vague(board int, shared bool) bool {
	return slices.ContainsFunc(w.livesOf(board), func(l *life) bool { return l.vague(shared) })
}

// places returns where the grounding contradicts the truth, or "".
func (w *world) places(boots []ground.Boot, opts ground.Options) string {
	n := 0
	var all []*ground.Flight
	for _, b := range boots {
		n += len(b.Flights)
		all = append(all, b.Flights...)
		board := slices.Index(boards, b.Machine)
		vague := w.vague(board, w.shared() && !opts.Observed)
		for _, f := range b.Flights {
			if f.Start < b.Start || f.End > b.End {
				return fmt.Sprintf("flight %v lies outside of its boot", f.ID)
			}
			if vague {
				continue
			}
			if msg := w.place(f); msg != "" {
				return fmt.Sprintf("flight %v: %s", f.ID, msg)
			}
		}
		for i, f := range b.Flights[1:] {
			if w.records[f.ID].life != w.records[b.Flights[i].ID].life {
				return fmt.Sprintf("flights %v and %v are no boot", b.Flights[i].ID, f.ID)
			}
		}
	}
	if n != len(w.records) {
		return fmt.Sprintf("%d flights became %d", len(w.records), n)
	}
	return w.order(all, opts)
}

// place returns what is wrong about the place of f, or "".
func (w *world) place(f *ground.Flight) string {
	r := w.records[f.ID]
	truth := r.span()
	off := max(f.Start.Sub(truth.Start).Abs(), f.End.Sub(truth.End).Abs())
	switch anchored := f.Grounding >= ground.GroundingBoot; {
	case anchored && f.Error != clock.Unknown && off > f.Error+noise:
		return fmt.Sprintf("off by %v, error %v", off, f.Error)
	case f.Estimated():
		lo, hi := f.Window.Earliest, f.Window.Latest
		switch {
		case lo != nil && truth.Start.Add(noise) < *lo:
			return fmt.Sprintf("it started %v before its window", lo.Sub(truth.Start))
		case hi != nil && truth.End > hi.Add(noise):
			return fmt.Sprintf("it ended %v after its window", truth.End.Sub(*hi))
		case lo != nil && f.Start < *lo:
			return "it is drawn before its window"
		case hi != nil && f.End > *hi:
			return "it is drawn after its window"
		}
	case f.Error == clock.Unknown:
		return "nothing bounds its error"
	case f.Window != (ground.Window{}):
		return "it is certain and has a window"
	}
	return ""
}

// lengths returns which boot without an anchor is drawn shorter than its boot clock
// was long though there is room for it and its neighbours, or "". It looks at boards
// with one lane, where nothing but the neighbours bounds a boot.
func (w *world) lengths(boots []ground.Boot) string {
	for board := range boards {
		own := slices.DeleteFunc(slices.Clone(boots), func(b ground.Boot) bool { return b.Machine != boards[board] })
		elsewhere := func(b ground.Boot) bool {
			return slices.ContainsFunc(b.Flights, func(f *ground.Flight) bool { return f.Lane != "lane-0" })
		}
		if !w.shared() || w.vague(board, true) || slices.ContainsFunc(own, elsewhere) {
			continue
		}
		for i, b := range own {
			length := clockLength(b)
			if b.Flights[0].Grounding >= ground.GroundingWeak || b.End.Sub(b.Start) >= length-time.Microsecond || w.records[b.Flights[0].ID].life.odd {
				continue
			}
			first, last := i, i
			for first > 0 && own[first].Flights[0].Grounding < ground.GroundingWeak {
				first--
			}
			for last < len(own)-1 && own[last].Flights[0].Grounding < ground.GroundingWeak {
				last++
			}
			need, room := time.Duration(0), own[last].Start.Sub(own[first].End)
			for _, n := range own[first : last+1] {
				if n.Flights[0].Grounding < ground.GroundingWeak {
					need += clockLength(n)
				}
			}
			if own[first].Flights[0].Grounding < ground.GroundingWeak || own[last].Flights[0].Grounding < ground.GroundingWeak {
				room = math.MaxInt64
			}
			if need < room {
				return fmt.Sprintf("%s is drawn %v short, though there is room for %v and only %v is needed", b.ID, length-b.End.Sub(b.Start), room, need)
			}
		}
	}
	return ""
}

// clockLength returns how long a boot was by its boot clock, from the kernel's boot, or
// from where it is told from if nothing tells whose boot clock it was.
func clockLength(b ground.Boot) time.Duration {
	first, last := b.Flights[0], b.Flights[len(b.Flights)-1]
	length := last.Takeoff.SinceBoot + last.Legs[len(last.Legs)-1].Last.Elapsed
	if b.Undecided > 0 || first.Takeoff.SinceBoot >= day {
		return length - first.Takeoff.SinceBoot + first.Start.Sub(b.Start)
	}
	return length
}

// weakSlack is how far a boot is off whose clock somebody set right: by what its
// crystal makes of its length.
func weakSlack(l *life) time.Duration { return time.Second + l.Now.Sub(l.Start())/1e6*drift }

// order returns what in the order of flights contradicts that of takeoff, where
// anything but anchors decides it, or "".
func (w *world) order(flights []*ground.Flight, opts ground.Options) string {
	slices.SortFunc(flights, func(f, g *ground.Flight) int { return ksuid.Compare(f.ID, g.ID) })
	lanes := make(map[string]*ground.Flight)
	for _, f := range flights {
		lane := f.Takeoff.Machine + f.Lane
		prev := lanes[lane]
		lanes[lane] = f
		if prev == nil || prev.Grounding >= ground.GroundingBoot && f.Grounding >= ground.GroundingBoot || w.vague(slices.Index(boards, f.Takeoff.Machine), w.shared() && !opts.Observed) {
			continue
		}
		if room := max(0, prev.Error) + max(0, f.Error); f.Start.Add(room) < prev.End {
			return fmt.Sprintf("flight %v is drawn %v before the end of that before it", f.ID, prev.End.Sub(f.Start))
		}
	}
	return ""
}
