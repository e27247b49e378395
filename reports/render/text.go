package render

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// Text writes a report for people: the lines of the original flight-recorder, and after
// them what is known beyond it. Where only the recorder is observed there are the
// original's lines alone.
func Text(w io.Writer, r *reports.Report, _ Look) error {
	t := &text{Writer: bufio.NewWriter(w), bare: r.Observed}
	if r.Count == 0 {
		t.WriteString("no flights recorded\n")
	}
	first, warnings := true, r.Warnings
	for m := range r.Machines {
		t.stamp = newStamp(r.Zone, m)
		if r.Count > 1 {
			if !first {
				t.WriteString("\n")
			}
			t.header(m)
		}
		first = false
		warnings = append(warnings, m.Warnings...)
		switch {
		case r.Clock:
			t.clockLogs(m.ClockLogs)
		case len(m.Periods) == 0:
			t.WriteString("no flights recorded\n")
		default:
			t.periods(m)
			if !t.bare {
				t.notes(m.Notes)
				t.summary(&m.Summary)
				if r.Until == nil {
					t.silent(&m.Latest)
				}
			}
		}
		if _, err := t.Write(nil); err != nil {
			return err
		}
	}
	if t.estimates {
		t.WriteString("~ marks an estimate: 'flightrec help grounding' explains it\n")
	}
	if len(warnings) > 0 {
		t.WriteString("\n")
	}
	for _, warning := range warnings {
		fmt.Fprintf(t, "warning: %s\n", Printable(warning))
	}
	return t.Flush()
}

// text writes a report's lines. The writer's first error stays, so that only its
// Flush need be asked.
type text struct {
	*bufio.Writer
	stamp     stamp
	bare      bool // only what the original flight-recorder prints
	estimates bool // there are some
}

// header writes the line that begins a machine's part of the report.
func (t *text) header(m *reports.Machine) {
	t.WriteString("MACHINE")
	for _, name := range []string{m.Host, m.ID} {
		if name != "" {
			t.WriteString(" " + Printable(name))
		}
	}
	t.WriteString("\n")
}

// periods writes a machine's periods, a crash loop as one line.
func (t *text) periods(m *reports.Machine) {
	var loop *reports.Loop
	for i := range m.Periods {
		p := &m.Periods[i]
		switch {
		case p.Loop != nil:
			if p.Loop != loop {
				t.loop(p.Loop)
			}
		case p.Up():
			t.uptime(p)
		default:
			t.downtime(p)
		}
		loop = p.Loop
	}
}

// begin writes what a line begins with.
func (t *text) begin(kind string, n int) {
	t.WriteString(kind)
	t.Write(append(strconv.AppendInt(t.AvailableBuffer(), int64(n), 10), ": "...))
}

// downtime writes the line of a downtime.
func (t *text) downtime(p *reports.Period) {
	t.begin("DOWNTIME #", p.N)
	start, end := p.Ends()
	if p.Open {
		t.WriteString("-INF => ")
		t.time(p.End, end)
		t.WriteString(" (INF)")
	} else {
		t.span(p.Span, start, end, lengthOf(p))
	}
	if !t.bare {
		t.WriteString(" ")
		t.WriteString(causeText(p))
	}
	if p.Outage() {
		t.cut(p)
	}
	t.marks(p.Notes...)
	t.WriteString("\n")
}

// uptime writes the line of an uptime, and those of what is in it.
func (t *text) uptime(p *reports.Period) {
	t.begin("\nUPTIME #", p.N)
	start, end := p.Ends()
	t.span(p.Span, start, end, lengthOf(p))
	t.aloft(p.Aloft)
	t.cut(p)
	t.marks(p.Notes...)
	t.WriteString("\n")
	gaps := p.Gaps
	for i := range p.Flights {
		f := &p.Flights[i]
		for ; len(gaps) > 0 && gaps[0].Start < f.Start; gaps = gaps[1:] {
			t.gap(gaps[0], p.Estimated())
		}
		t.flight(f)
	}
	for _, gap := range gaps {
		t.gap(gap, p.Estimated())
	}
}

// flight writes the line of a flight, and those of its pauses.
func (t *text) flight(f *reports.Flight) {
	t.begin("\tFLIGHT #", f.N)
	t.stretch(f.Span, f.Estimated())
	t.aloft(f.Ending == journal.EndingAloft)
	t.marks(f.Note)
	t.WriteString("\n")
	for _, pause := range f.Pauses {
		if t.bare {
			break
		}
		t.begin("\tPAUSE #", pause.N)
		t.stretch(pause.Span, f.Estimated())
		t.WriteString(" the machine stood still, its clock had been wrong, or its boot clock runs slow\n")
	}
}

// gap writes the line of a recorder gap.
func (t *text) gap(g reports.Gap, estimated bool) {
	t.begin("\tGAP #", g.N)
	t.stretch(g.Span, estimated)
	t.WriteString(" nobody was recording\n")
}

// loop writes the line that stands for the periods of a crash loop.
func (t *text) loop(l *reports.Loop) {
	t.begin("\nCRASH LOOP #", l.N)
	length := lengthExact
	if l.StartEstimated || l.EndEstimated {
		length = lengthEstimated
	}
	t.span(l.Span, l.StartEstimated, l.EndEstimated, length)
	fmt.Fprintf(t, " %d boots, each under 5 minutes and ended by a crash: UPTIME #%d to #%d (--all lists them)", l.Boots, l.First, l.Last)
	t.marks(l.Note)
	t.WriteString("\n")
}

// stretch writes a span whose length is known, even if its place is not.
func (t *text) stretch(s ground.Span, estimated bool) { t.span(s, estimated, estimated, lengthExact) }

// lengthKnown says what is known of a length.
type lengthKnown uint8

const (
	lengthExact lengthKnown = iota
	lengthEstimated
	lengthUnknown
)

// lengthOf returns what is known of p's length.
func lengthOf(p *reports.Period) lengthKnown {
	switch {
	case p.LengthUnknown():
		return lengthUnknown
	case p.LengthEstimated():
		return lengthEstimated
	}
	return lengthExact
}

// span writes a span and its length, and marks what is estimated.
func (t *text) span(s ground.Span, start, end bool, length lengthKnown) {
	line := t.appendTime(t.AvailableBuffer(), s.Start, start)
	line = append(line, " => "...)
	line = t.appendTime(line, s.End, end)
	line = append(line, " ("...)
	switch {
	case length == lengthUnknown && !t.bare:
		t.Write(append(line, "unknown)"...))
		return
	case length == lengthEstimated && !t.bare:
		line = append(line, '~')
	}
	line = appendDuration(line, reports.LengthOf(s))
	t.Write(append(line, ')'))
}

// time writes a time, marked if it is an estimate.
func (t *text) time(i journal.Instant, estimated bool) {
	t.Write(t.appendTime(t.AvailableBuffer(), i, estimated))
}

// appendTime appends a time, marked if it is an estimate.
func (t *text) appendTime(line []byte, i journal.Instant, estimated bool) []byte {
	if estimated && !t.bare {
		line = append(line, '~')
	}
	return t.stamp.append(line, i)
}

// aloft says that what the line is about still goes on.
func (t *text) aloft(aloft bool) {
	if aloft && !t.bare {
		t.WriteString(" aloft")
	}
}

// cut says how far p really reaches where it was cut to the time asked for.
func (t *text) cut(p *reports.Period) {
	if t.bare {
		return
	}
	if p.Whole.Start < p.Start {
		t.WriteString(" since ")
		t.time(p.Whole.Start, p.StartEstimated)
	}
	if p.End < p.Whole.End {
		t.WriteString(" until ")
		t.time(p.Whole.End, p.EndEstimated)
	}
}

// marks writes the marks of notes; 0 is none.
func (t *text) marks(notes ...int) {
	for _, n := range notes {
		if n > 0 && !t.bare {
			fmt.Fprintf(t, " [%d]", n)
		}
	}
}
