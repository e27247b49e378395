package reports

import (
	"flightrec/ground"
	"flightrec/journal"
)

// Machine is what a report says of one machine.
type Machine struct {
	Host string // its latest name, empty where not known
	ID   string // journal.Takeoff.Machine of its flights, empty where not known

	Line      []Span     // the machine's time line: what was asked for, without a hole
	Periods   []Period   // uptimes with a downtime before each, cut to the time asked for; with [Show.Last] the latest
	Hidden    int        // how many earlier uptimes Periods leaves out
	Loops     []*Loop    // crash loops among them, none with [Show.All]
	Warnings  []string   // what makes it doubtful that all of this is one machine's
	Notes     []Note     // footnotes to them; a note's number is its index and 1
	Summary   Summary    // of Line and Periods
	Latest    Latest     // how things were at the last sign of life
	ClockLogs []ClockLog // of its boots, in order of time; with [Show.Clock]

	before, after *Period // what stands on both sides of Periods, nil for nothing
}

// NewMachine reports on one machine's boots, as [ground.Machine.Ground] returns them.
// It doesn't change them.
func NewMachine(host string, boots []ground.Boot, opts *Options) *Machine {
	m := &Machine{Host: host, ID: boots[0].Machine}
	if opts.Clock {
		m.ClockLogs = clockLogsOf(boots, opts.asked())
	}
	if opts.Observed {
		boots = runsOf(boots)
	}
	whole := periodsOf(uptimesOf(boots, opts.Observed), opts.Observed)
	m.Line = lineOf(whole, upOf(boots, opts.Observed), windowsOf(boots), accounted(whole, &opts.Selection, opts.Now))
	m.Latest = latestOf(whole, boots)
	m.Line = exclude(m.Line, opts.Exclude)
	m.cut(whole, opts.asked())
	number(m.Periods)
	m.Summary = summarize(m, opts.Until == nil)
	m.keepLast(opts.Last)
	if !opts.All {
		m.Loops = findLoops(m.Periods)
	}
	m.takeNotes()
	return m
}

// State says what a machine was at some time.
type State uint8

const (
	StateUnknown State = iota // nothing tells, and it counts as neither
	StateUp
	StateDown
)

var stateNames = [...]string{"unknown", "up", "down"}

// String returns the state as the format "spans" spells it.
func (s State) String() string { return stateNames[s] }

// Span is a stretch of a machine's time line in which its state didn't change. The
// spans of a machine touch, are in order of time, and none is empty.
type Span struct {
	ground.Span
	State  State
	Cause  Cause   // of a state other than up
	Period *Period // what it is a part of; nil for the time since the last sign of life
	// Excluded says that it lies in a time that is left out of all sums.
	Excluded bool
}

// keepLast leaves the n latest uptimes in m.Periods, with the downtimes before each;
// all for 0.
func (m *Machine) keepLast(n int) {
	if n == 0 {
		return
	}
	for i := len(m.Periods) - 1; i >= 0; i-- {
		switch {
		case !m.Periods[i].Up():
		case n > 0:
			n--
		default:
			m.Hidden = m.Periods[i].N
			m.before, m.Periods = &m.Periods[i], m.Periods[i+1:]
			return
		}
	}
}

// exclude splits the spans of a line where excluded times begin and end, and marks what
// lies in them.
func exclude(line []Span, excluded []ground.Span) []Span {
	holes := union(excluded)
	if len(holes) == 0 {
		return line
	}
	var split []Span
	for _, s := range line {
		part := func(end journal.Instant, excluded bool) {
			if s.Start < end {
				piece := s
				piece.End, piece.Excluded = end, excluded
				split = append(split, piece)
				s.Start = end
			}
		}
		for _, hole := range holes.near(s.Span) {
			part(hole.Start, false)
			part(min(hole.End, s.End), true)
		}
		part(s.End, false)
	}
	return split
}

// accounted returns the time that the summary is about: the time asked for, from the
// first uptime on where no beginning was asked for, until now where no end was.
func accounted(whole []Period, s *Selection, now journal.Instant) ground.Span {
	asked := s.asked()
	if s.Since == nil {
		asked.Start = whole[0].Whole.End
	}
	if s.Until == nil {
		asked.End = now
		for i := range whole {
			asked.End = max(asked.End, whole[i].Whole.End)
		}
	}
	asked.End = max(asked.Start, asked.End)
	return asked
}

// lineOf returns the time line of a machine within the time that is accounted for: its
// uptimes are up as far as boots are drawn there that count, and its downtimes are down
// outside of the windows in which boots without an anchor may have been.
func lineOf(whole []Period, up, windows set, asked ground.Span) []Span {
	l := line{to: asked, spans: make([]Span, 0, len(whole)+1)}
	for i := range whole {
		p := &whole[i]
		up, windows = up.from(p.Whole.Start), windows.from(p.Whole.Start)
		switch p.State {
		case StateUp:
			for _, s := range up.near(p.Whole) {
				l.add(s.Start, StateUnknown, CauseNoAnchor, p)
				l.add(min(s.End, p.Whole.End), StateUp, CauseNone, p)
			}
			l.add(p.Whole.End, StateUnknown, CauseNoAnchor, p)
			continue
		case StateDown:
			for _, w := range windows.near(p.Whole) {
				l.add(w.Start, StateDown, p.Cause, p)
				l.add(min(w.End, p.Whole.End), StateUnknown, CauseNoAnchor, p)
			}
		}
		l.add(p.Whole.End, p.State, p.Cause, p)
	}
	l.add(asked.End, StateUnknown, CauseSilent, nil)
	return l.spans
}

// line is a time line that grows.
type line struct {
	to    ground.Span // of which the part that is still to be told
	spans []Span
}

// add adds a span from where the line ends, up to end; none if that is told already,
// as where errors let boots overlap.
func (l *line) add(end journal.Instant, s State, c Cause, p *Period) {
	end = min(end, l.to.End)
	if end <= l.to.Start {
		return
	}
	l.spans = append(l.spans, Span{Span: ground.Span{Start: l.to.Start, End: end}, State: s, Cause: c, Period: p})
	l.to.Start = end
}
