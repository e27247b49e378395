package reports

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// WriteText writes the report for people: the lines of the original flight-recorder,
// and after them what is known beyond it.
func (r *Report) WriteText(w io.Writer) error {
	t := &text{Writer: bufio.NewWriter(w), stamp: r.stamp(), all: r.All, observed: r.Observed}
	if len(r.Machines) == 0 {
		t.WriteString("no flights recorded\n")
	}
	for i := range r.Machines {
		m := &r.Machines[i]
		if len(r.Machines) > 1 {
			t.header(m, i == 0)
		}
		if r.Clock {
			t.clockLogs(m)
		} else {
			t.machine(m)
		}
	}
	if t.estimates {
		t.WriteString("~ marks an estimate: 'flightrec help grounding' explains it\n")
	}
	if len(r.Warnings) > 0 {
		t.WriteString("\n")
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(t, "warning: %s\n", Printable(warning))
	}
	return t.Flush()
}

// text writes a report's lines. The writer's first error stays, so that only its
// Flush need be asked.
type text struct {
	*bufio.Writer
	stamp     stamp
	all       bool // show each boot of a crash loop
	observed  bool // only what the original shows
	estimates bool // there are some

	// Of the machine at hand:
	notes  []note
	shared bool // the vague one serves for more than one
	numbers
}

// numbers are those of what the text numbers itself, as it goes on.
type numbers struct {
	noted               int // how many notes there are
	vague               int // the number of the one that is vague, 0 while there is none
	latest              int // the number of the latest one
	loops, gaps, pauses int
}

// header writes the line that begins a machine's part of the report.
func (t *text) header(m *Machine, first bool) {
	if !first {
		t.WriteString("\n")
	}
	t.WriteString("MACHINE")
	for _, name := range []string{m.Host, m.ID} {
		if name != "" {
			t.WriteString(" " + Printable(name))
		}
	}
	t.WriteString("\n")
}

// machine writes a machine's periods and the footnotes to them.
func (t *text) machine(m *Machine) {
	t.notes, t.shared, t.numbers = nil, false, numbers{}
	if len(m.Periods) == 0 {
		t.WriteString("no flights recorded\n")
		return
	}
	t.walk(m.Periods)
	t.footnotes()
	if !t.observed {
		t.closing(&m.Summary)
	}
}

// walk writes the periods, a crash loop as one line.
func (t *text) walk(periods []Period) {
	for i := 0; i < len(periods); {
		if !periods[i].Up() {
			t.downtime(periods, i)
			i++
			continue
		}
		boots := 1
		if !t.all {
			boots = crashLoop(periods[i:])
		}
		if boots == 1 {
			t.uptime(&periods[i])
			i++
			continue
		}
		end := i + 2*boots - 1 // with the downtimes in between
		t.loop(periods[i:end], boots)
		i = end
	}
}

// begin writes what a line begins with.
func (t *text) begin(kind string, n int) {
	t.WriteString(kind)
	t.Write(append(strconv.AppendInt(t.AvailableBuffer(), int64(n), 10), ": "...))
}

// downtime writes the line of the downtime at periods[i].
func (t *text) downtime(periods []Period, i int) {
	p := &periods[i]
	before := i > 0 && periods[i-1].Estimated
	after := i+1 < len(periods) && periods[i+1].Estimated
	t.begin("DOWNTIME #", p.N)
	if p.Open {
		t.WriteString("-INF => ")
		t.time(p.End, after)
		t.WriteString(" (INF)")
	} else {
		start, end := before && p.Start == p.Whole.Start, after && p.End == p.Whole.End
		t.span(p.Span, start, end, start || end)
	}
	if p.Cause != CauseUnknown {
		t.WriteString(" ")
		t.WriteString(p.Cause.String())
	}
	if p.outage() {
		t.cut(p, before, after)
	}
	var above int
	if before {
		above = t.latest
		t.mark(above)
	}
	if after {
		next := periods[i+1].Uptime
		if below := t.number(note{first: next, last: next}); below != above {
			t.mark(below) // the note that the uptime below will have
		}
	}
	t.WriteString("\n")
}

// uptime writes the line of an uptime, and those of what is in it.
func (t *text) uptime(p *Period) {
	t.begin("\nUPTIME #", p.N)
	start, end := p.Estimated && p.Start == p.Whole.Start, p.Estimated && p.End == p.Whole.End
	t.span(p.Span, start, end, p.Estimated && p.Span != p.Whole)
	t.aloft(p.Aloft)
	t.cut(p, p.Estimated, p.Estimated)
	if p.Estimated {
		t.latest = t.note("UPTIME", p.N, p.Uptime, p.Uptime)
		t.mark(t.latest)
	}
	t.WriteString("\n")
	gaps := p.Gaps
	for i, f := range p.Flights {
		for ; len(gaps) > 0 && gaps[0].Start < f.Start; gaps = gaps[1:] {
			t.gap(gaps[0], p.Estimated)
		}
		t.flight(p.FirstN+i, f, p.Estimated)
	}
	for _, gap := range gaps {
		t.gap(gap, p.Estimated)
	}
}

// flight writes the line of a flight, and those of its pauses. If its uptime is an
// estimate as well, they share a footnote.
func (t *text) flight(n int, f *ground.Flight, shared bool) {
	t.begin("\tFLIGHT #", n)
	t.stretch(f.Span, estimated(f))
	t.aloft(f.Ending == journal.EndingAloft)
	if estimated(f) {
		number := t.latest
		if !shared {
			alone := &Uptime{estimated: true, drawn: f.Grounding == ground.GroundingBounded, Window: f.Window}
			number = t.note("FLIGHT", n, alone, alone)
		}
		t.mark(number)
	}
	t.WriteString("\n")
	for _, pause := range f.Pauses {
		t.pauses++
		fmt.Fprintf(t, "\tPAUSE #%d: ", t.pauses)
		t.stretch(pause, estimated(f))
		t.WriteString(" the machine stood still\n")
	}
}

// gap writes the line of a recorder gap.
func (t *text) gap(s ground.Span, estimated bool) {
	t.gaps++
	fmt.Fprintf(t, "\tGAP #%d: ", t.gaps)
	t.stretch(s, estimated)
	t.WriteString(" nobody was recording\n")
}

// loopBoot is how long a boot of a crash loop lasts at most.
const loopBoot = Length(5 * time.Minute)

// crashLoop returns how many of the uptimes that periods begin with are a crash
// loop: three or more in a row, each short, each ended by a crash. Otherwise it
// returns 1.
func crashLoop(periods []Period) int {
	n := 0
	for i := 0; i+1 < len(periods); i += 2 {
		if lengthOf(periods[i].Whole) >= loopBoot || periods[i+1].Cause != CauseCrash {
			break
		}
		n++
	}
	if n < 3 {
		return 1
	}
	return n
}

// loop writes the line that stands for the periods of a crash loop.
func (t *text) loop(periods []Period, boots int) {
	first, last := &periods[0], &periods[len(periods)-1]
	t.loops++
	fmt.Fprintf(t, "\nCRASH LOOP #%d: ", t.loops)
	t.span(ground.Span{Start: first.Start, End: last.End}, first.Estimated, last.Estimated, first.Estimated || last.Estimated)
	fmt.Fprintf(t, " %d boots, each under 5 minutes and ended by a crash: UPTIME #%d to #%d (--all lists them)", boots, first.N, last.N)
	for i := range periods {
		if periods[i].Up() && periods[i].Estimated {
			t.latest = t.note("CRASH LOOP", t.loops, first.Uptime, last.Uptime)
			t.mark(t.latest)
			break
		}
	}
	t.WriteString("\n")
}

// stretch writes a span whose length is known, even if its place is not.
func (t *text) stretch(s ground.Span, estimated bool) { t.span(s, estimated, estimated, false) }

// span writes a span and its length, and marks what is estimated.
func (t *text) span(s ground.Span, start, end, length bool) {
	line := t.appendTime(t.AvailableBuffer(), s.Start, start)
	line = append(line, " => "...)
	line = t.appendTime(line, s.End, end)
	line = append(line, " ("...)
	if length {
		line = append(line, '~')
	}
	line = appendDuration(line, lengthOf(s))
	t.Write(append(line, ')'))
}

// time writes a time, marked if it is an estimate.
func (t *text) time(i journal.Instant, estimated bool) {
	t.Write(t.appendTime(t.AvailableBuffer(), i, estimated))
}

// appendTime appends a time, marked if it is an estimate.
func (t *text) appendTime(line []byte, i journal.Instant, estimated bool) []byte {
	if estimated {
		line = append(line, '~')
	}
	return t.stamp.append(line, i)
}

// aloft says that what the line is about still goes on.
func (t *text) aloft(aloft bool) {
	if aloft {
		t.WriteString(" aloft")
	}
}

// cut says how far p really reaches where it was cut to the time asked for.
func (t *text) cut(p *Period, startEstimated, endEstimated bool) {
	if p.Whole.Start < p.Start {
		t.WriteString(" since ")
		t.time(p.Whole.Start, startEstimated)
	}
	if p.End < p.Whole.End {
		t.WriteString(" until ")
		t.time(p.Whole.End, endEstimated)
	}
}
