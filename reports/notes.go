package reports

import (
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// Note is a footnote to something whose place on the time line is not certain.
type Note struct {
	// What it is a note to: the uptime, flight, crash loop or downtime of number N.
	Of NoteKind
	N  int
	// Others says that it stands for others as well that say the same: a machine that
	// never hears of the network's time would have one for each boot.
	Others bool

	Certain bool           // its place is not in question; only Doubts are told
	Boots   bool           // it is about several boots
	Window  ground.Window  // where it must have been
	Guessed bool           // the wall clock was of no use
	Weak    bool           // somebody set the clock, without proof
	Aloft   bool           // it still goes on
	Doubts  []ground.Doubt // claims to be synchronised that are not believed

	// Undecided says that the machine may have been up before the start, see
	// [ground.Boot].
	Undecided bool

	// Anchored says that the clock was right for a part of the time, and that the ends
	// that are estimates, Start or End or both, are too far from it to be exact.
	Anchored, Start, End bool
}

// NoteKind says what a note is about.
type NoteKind uint8

const (
	NoteUptime NoteKind = iota
	NoteFlight
	NoteLoop
	NoteBefore // the uptime before a downtime, which is not listed
	NoteAfter  // the uptime after a downtime, which is not listed
)

// Vague reports whether n says only that nothing is known.
func (n *Note) Vague() bool {
	return n.Window == ground.Window{} && !n.Guessed && !n.Aloft && !n.Anchored && !n.Undecided && len(n.Doubts) == 0
}

// Loop is a crash loop: uptimes in a row, each short and ended by a crash.
type Loop struct {
	N           int // its number among the machine's loops, from 1
	ground.Span     // from the first uptime to the last
	Boots       int
	First, Last int // the numbers of its uptimes

	StartEstimated, EndEstimated bool // as those of a [Period]
	Note                         int  // the number of the note to it, 0 for none
}

const (
	// loopBoot is how long a boot of a crash loop lasts at most.
	loopBoot = Length(5 * time.Minute)
	// loopBoots is how many make one.
	loopBoots = 3
)

// findLoops returns the crash loops among periods, and tells each of their periods.
func findLoops(periods []Period) []*Loop {
	var loops []*Loop
	for i := 0; i < len(periods); i++ {
		if !periods[i].Up() {
			continue
		}
		n := 0
		for j := i; j+1 < len(periods) && LengthOf(periods[j].Whole) < loopBoot && periods[j+1].Cause == CauseCrash; j += 2 {
			n++
		}
		if n < loopBoots {
			continue
		}
		parts := periods[i : i+2*n-1] // with the downtimes in between
		first, last := &parts[0], &parts[len(parts)-1]
		loop := &Loop{
			N: len(loops) + 1, Boots: n, Span: ground.Span{Start: first.Start, End: last.End},
			StartEstimated: first.Estimated(), EndEstimated: last.Estimated(),
		}
		for k := range parts {
			parts[k].Loop = loop
		}
		loops = append(loops, loop)
		i += len(parts) - 1
	}
	return loops
}

// number numbers the periods and the flights in them in the order in which they stand.
func number(periods []Period) {
	var ups, downs, flights, all int
	for i := range periods {
		if u := periods[i].Uptime; u != nil {
			all += len(u.flights)
		}
	}
	room := make([]Flight, all)
	for i := range periods {
		p := &periods[i]
		if !p.Up() {
			downs++
			p.N = downs
			continue
		}
		ups++
		p.N = ups
		p.Flights, room = room[:len(p.flights):len(p.flights)], room[len(p.flights):]
		for j, f := range p.flights {
			flights++
			p.Flights[j] = Flight{N: flights, Flight: f}
			for _, pause := range f.Pauses {
				p.Flights[j].Pauses = append(p.Flights[j].Pauses, Pause{Span: pause})
			}
		}
	}
}

// takeNotes makes the notes to the periods, and numbers what is in them.
func (m *Machine) takeNotes() {
	n := notes{Machine: m}
	for i := range m.Periods {
		p := &m.Periods[i]
		switch {
		case !p.Up():
		case p.Loop == nil:
			n.uptime(p)
		case p.Loop.First == 0:
			n.loop(m.Periods[i:], p.Loop)
		}
	}
	for i := range m.Periods {
		if p := &m.Periods[i]; !p.Up() && p.Loop == nil {
			n.downtime(i)
		}
	}
}

// notes makes a machine's notes.
type notes struct {
	*Machine
	gaps, pauses int
	vague        int // the number of the note that is vague, 0 while there is none
}

// note takes down a note and returns its number. Notes that are vague share one.
func (n *notes) note(note Note) int {
	if note.Vague() && n.vague > 0 {
		n.Notes[n.vague-1].Others = true
		return n.vague
	}
	n.Notes = append(n.Notes, note)
	if note.Vague() {
		n.vague = len(n.Notes)
	}
	return len(n.Notes)
}

// uptime numbers what is in an uptime, and makes the notes to it. If it is an estimate
// its flights share its note.
func (n *notes) uptime(p *Period) {
	shared := 0
	note := p.explain(NoteUptime, p.N)
	if p.Estimated() || len(note.Doubts) > 0 {
		shared = n.note(note)
		p.Notes = []int{shared}
	}
	for i := range p.Gaps {
		n.gaps++
		p.Gaps[i].N = n.gaps
	}
	for i := range p.Flights {
		f := &p.Flights[i]
		if f.Estimated() {
			f.Note = shared
			if shared == 0 {
				f.Note = n.note(Note{Of: NoteFlight, N: f.N, Window: f.Window, Guessed: !told(f.Flight), Weak: f.Grounding == ground.GroundingWeak})
			}
		}
		for j := range f.Pauses {
			n.pauses++
			f.Pauses[j].N = n.pauses
		}
	}
}

// explain makes a note that tells what is known of the place of p, an uptime.
func (p *Period) explain(of NoteKind, n int) Note {
	note := Note{Of: of, N: n, Certain: !p.Estimated(), Window: p.Window, Guessed: p.guessed(), Aloft: p.Aloft, Undecided: p.undecided > 0}
	if p.anchored || !p.estimated && p.Estimated() {
		note.Anchored, note.Start, note.End, note.Window = true, p.StartEstimated, p.EndEstimated, p.edges()
	}
	for _, f := range p.flights {
		note.Doubts = append(note.Doubts, f.Doubts...)
		note.Weak = note.Weak || f.Grounding == ground.GroundingWeak
	}
	return note
}

// edges returns the window of p, or of the one end of it that is an estimate.
func (p *Period) edges() ground.Window {
	switch {
	case p.StartEstimated && p.EndEstimated:
		return p.Window
	case p.EndEstimated:
		return ground.Window{Earliest: p.earliestEnd(), Latest: p.Window.Latest}
	}
	late := p.span.Start.Add(time.Duration(min(p.slack, uint64(forever))))
	return ground.Window{Earliest: p.Window.Earliest, Latest: &late}
}

// loop makes the note to a crash loop, with which periods begin.
func (n *notes) loop(periods []Period, l *Loop) {
	l.First, l.Last = periods[0].N, periods[0].N+l.Boots-1
	first, last := periods[0].Uptime, periods[2*l.Boots-2].Uptime
	note := Note{
		Of: NoteLoop, N: l.N, Certain: true, Boots: true, Aloft: last.Aloft,
		Window: ground.Window{Earliest: first.earliest(), Latest: last.latest()},
	}
	for i := range periods[:2*l.Boots-1] {
		p := &periods[i]
		if !p.Up() {
			continue
		}
		note.Certain = note.Certain && !p.Estimated()
		note.Undecided = note.Undecided || p.undecided > 0
		note.Guessed = note.Guessed || p.guessed()
		for _, f := range p.flights {
			note.Doubts = append(note.Doubts, f.Doubts...)
		}
	}
	if !note.Certain || len(note.Doubts) > 0 {
		l.Note = n.note(note)
	}
}

// downtime refers the i-th period to the notes to what stands before and after it.
func (n *notes) downtime(i int) {
	p := &n.Periods[i]
	refer := func(to int) {
		if to > 0 && !slices.Contains(p.Notes, to) {
			p.Notes = append(p.Notes, to)
		}
	}
	switch {
	case !p.StartEstimated:
	case i > 0:
		refer(n.Periods[i-1].note())
	case n.before != nil:
		refer(n.note(n.before.explain(NoteBefore, p.N)))
	}
	switch {
	case !p.EndEstimated:
	case i+1 < len(n.Periods):
		refer(n.Periods[i+1].note())
	case n.after != nil:
		refer(n.note(n.after.explain(NoteAfter, p.N)))
	}
}

// note returns the number of the note to an uptime or to the crash loop that it is a part
// of, 0 for none.
func (p *Period) note() int {
	switch {
	case p.Loop != nil:
		return p.Loop.Note
	case len(p.Notes) > 0:
		return p.Notes[0]
	}
	return 0
}

// guessed reports whether no wall clock told where a part of u is.
func (u *Uptime) guessed() bool {
	return u.drawn || u.estimated && slices.ContainsFunc(u.flights, func(f *ground.Flight) bool { return f.Estimated() && !told(f) })
}

// told reports whether f lies about where a clock put it. Boots are moved on where they
// would overlap.
func told(f *ground.Flight) bool {
	const moved = time.Hour
	switch {
	case f.Grounding == ground.GroundingBounded:
		return false
	case f.Grounding != ground.GroundingWall || len(f.Times) != len(f.Legs):
		return true
	}
	for i := range f.Legs {
		if f.Legs[i].Last.Wall.Sub(f.Times[i].End).Abs() <= moved {
			return true
		}
	}
	return false
}

// earliest returns before which moment u can't have begun, nil if nothing tells.
func (u *Uptime) earliest() *journal.Instant {
	if (!u.estimated || u.sureStart) && u.undecided == 0 {
		return &u.span.Start
	}
	return u.place().Earliest
}

// latest returns after which moment u can't have ended, nil if nothing tells.
func (u *Uptime) latest() *journal.Instant {
	if !u.estimated || u.sureEnd {
		return &u.span.End
	}
	return u.window.Latest
}
