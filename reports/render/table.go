package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

// Table writes a report for a person at a terminal: an uptime a line, the newest first,
// below a head that says how things are, and above notes. A wider terminal shows more.
func Table(w io.Writer, r *reports.Report, look Look) error {
	out := bufio.NewWriter(w)
	t := table{words: newWords(r, look), Report: r}
	if r.Count == 0 {
		out.WriteString("no flights recorded\n")
	}
	first := true
	for m := range r.Machines {
		if !first {
			out.WriteString("\n")
		}
		first = false
		out.WriteString(t.machine(m))
		if _, err := out.Write(nil); err != nil {
			return err
		}
	}
	for _, warning := range r.Warnings {
		out.WriteString(t.wrap("warning: ", Printable(warning), "  "))
	}
	return out.Flush()
}

// table writes machines.
type table struct {
	words
	*reports.Report
}

// machine returns a machine's part.
func (t *table) machine(m *reports.Machine) string {
	var b strings.Builder
	b.WriteString(t.head(m))
	if len(m.Periods) == 0 {
		return b.String()
	}
	b.WriteString("\n")
	b.WriteString(t.rows(m))
	if m.Hidden > 0 {
		fmt.Fprintf(&b, " %s  %d more: flightrec report --all\n", t.ellipsis(), m.Hidden)
	}
	if len(m.Notes) > 0 {
		b.WriteString("\n")
	}
	for i := range m.Notes {
		b.WriteString(t.wrap(fmt.Sprintf("[%d] ", i+1), t.note(&m.Notes[i]), "    "))
	}
	return b.String()
}

func (t *table) ellipsis() string {
	if t.UTF8 {
		return "…"
	}
	return "..."
}

// head returns the lines that say how things are.
func (t *table) head(m *reports.Machine) string {
	now := []string{MachineName(m)}
	s := &m.Summary
	if l := m.Latest; l.Up != nil && isHeard(m, t.Now) {
		start := guess(t.time(l.Up.Start), l.Up.StartEstimated)
		now = append(now, "up "+t.length(l.For)+" since "+start, "recording")
		now = append(now, t.clock(l.Fix))
	} else if l.Up != nil {
		now = append(now, "nobody is recording", "last sign of life "+guess(t.time(l.Sign), l.Up.EndEstimated))
	}
	sums := []string{plural(s.Boots, "boot", "boots")}
	if len(m.Periods) > 0 {
		sums[0] += " since " + t.date(m.Line[0].Start)
	}
	if a, ok := s.Availability(); ok {
		sums = append(sums, "up "+PercentText(a))
	}
	var ends []string
	for _, e := range []struct {
		n         int
		one, more string
	}{{s.Crashes, "crash", "crashes"}, {s.Shutdowns, "shutdown", "shutdowns"}, {s.Stopped, "stopped", "stopped"}} {
		if e.n > 0 {
			ends = append(ends, plural(e.n, e.one, e.more))
		}
	}
	sums = append(sums, strings.Join(ends, ", "))
	if s.Excluded > 0 {
		sums = append(sums, t.length(s.Excluded)+" excluded")
	}
	sums = append(sums, t.zone.String())
	if t.Journal != "" {
		sums = append(sums, "journal "+Printable(t.Journal))
	}
	return t.flow(now...) + t.flow(sums...)
}

// clock says what is known of a clock.
func (w words) clock(f journal.Fix) string {
	switch {
	case f.Sync == clock.SyncSynced && f.MaxError > 0:
		return "clock right to " + errorText(f.MaxError)
	case f.Sync == clock.SyncSynced:
		return "clock synchronised"
	case f.Sync == clock.SyncWeak:
		return "clock set by somebody, without proof"
	case f.Sync == clock.SyncUnsynced:
		return "clock not synchronised"
	}
	return ""
}

// rows returns the table. Where it is wider than the terminal, the times at which uptimes
// ended are told more shortly.
func (t *table) rows(m *reports.Machine) string {
	text := t.tabulate(m, false, false)
	if t.Width == 0 {
		return text
	}
	if wide := t.tabulate(m, true, false); widthOf(wide) <= t.Width {
		return wide
	}
	if widthOf(text) > t.Width {
		return t.tabulate(m, false, true)
	}
	return text
}

// tabulate returns the table; wide with what only wide terminals show, short with times
// that leave out what can be guessed.
func (t *table) tabulate(m *reports.Machine, wide, short bool) string {
	header := []string{"#", " up since", "for", "went down", "", " was down"}
	if wide {
		header = append(header, "kernel", "boot", "error")
	}
	var rows [][]string
	t.each(m, short, func(p *reports.Period, row []string, marks []int) {
		for _, n := range marks {
			row[len(row)-1] += fmt.Sprintf(" [%d]", n)
		}
		if wide {
			row = append(row, t.wide(p)...)
		}
		rows = append(rows, row)
	})
	if !t.Reverse {
		slices.Reverse(rows)
	}
	return columns(append([][]string{header}, rows...), map[int]bool{0: true, 2: true})
}

// each calls tell with the cells of each uptime, in order of time, and the numbers of the
// notes to them. The uptimes of a crash loop are one row, of which p is the first.
func (t *table) each(m *reports.Machine, short bool, tell func(p *reports.Period, row []string, notes []int)) {
	for i := 0; i < len(m.Periods); i++ {
		p := &m.Periods[i]
		if !p.Up() {
			continue
		}
		first, last := p, i
		for p.Loop != nil && last+2 < len(m.Periods) && m.Periods[last+2].Loop == p.Loop {
			last += 2
		}
		row := t.uptime(first, &m.Periods[last], short)
		if last+1 < len(m.Periods) {
			row = append(row, t.downtime(&m.Periods[last+1], p, short)...)
		} else {
			row = append(row, t.end(m, &m.Periods[last]), "", "")
		}
		marks := slices.Clone(p.Notes)
		if p.Loop != nil {
			marks = []int{p.Loop.Note}
		}
		if p.Loop != nil && !short { // the numbers say it
			row[len(row)-1] = strings.TrimSpace(row[len(row)-1]+" ") + fmt.Sprintf(" (%d boots)", p.Loop.Boots)
		}
		for j := range p.Flights {
			if n := p.Flights[j].Note; p.Loop == nil && !slices.Contains(marks, n) {
				marks = append(marks, n)
			}
		}
		tell(p, row, slices.DeleteFunc(marks, func(n int) bool { return n == 0 }))
		i = last
	}
}

// uptime returns the cells of an uptime, or of the uptimes of a crash loop from first to
// last.
func (t *table) uptime(first, last *reports.Period, short bool) []string {
	start, _ := first.Ends()
	mark := " "
	if start {
		mark = "~"
	}
	n := fmt.Sprint(first.N)
	length := guess(t.length(first.Length()), first.LengthEstimated())
	if first != last {
		n = fmt.Sprintf("%d-%d", first.N, last.N)
		length = guess(t.length(reports.LengthOf(ground.Span{Start: first.Start, End: last.End})), first.Estimated() || last.Estimated())
	}
	since := t.time(first.Start)
	if t.ISO && short { // the head names the zone
		since = first.Start.Time().In(t.zone).Format("2006-01-02T15:04:05")
	}
	return []string{n, mark + since, length}
}

// downtime returns the cells of the downtime p, which follows the uptime up.
func (t *table) downtime(p, up *reports.Period, short bool) []string {
	start, _ := p.Ends()
	mark, length := " ", t.length(p.Length())
	if start {
		mark = "~"
	}
	lengthMark := " "
	switch {
	case p.State == reports.StateUnknown && p.Cause != reports.CauseStopped:
		length = "?"
	case p.LengthEstimated():
		lengthMark = "~"
	}
	end := t.after(p.Start, up.Start, short)
	if end == "" {
		mark = ""
	} else if reason := shortReason(&p.Verdict, short); reason != "" {
		length += " " + reason
	}
	return []string{t.cause(p.Cause), mark + end, lengthMark + length}
}

// causeColors are the colours of causes; a shutdown has none.
var causeColors = map[reports.Cause]string{
	reports.CauseCrash: colorBad, reports.CauseStopped: colorUnknown, reports.CauseNotRecorded: colorUnknown,
}

// cause returns the cause of a downtime.
func (t *table) cause(c reports.Cause) string { return t.paint(causeColors[c], c.String()) }

// end says how the last uptime ended, if it did.
func (t *table) end(m *reports.Machine, p *reports.Period) string {
	switch {
	case p.Aloft && p.End == p.Whole.End && isHeard(m, t.Now):
		return t.paint(colorGood, "still up")
	case p.End < p.Whole.End:
		return "up beyond"
	case m.Latest.Flight.Ending == journal.EndingLanded:
		return "landed"
	}
	return t.paint(colorUnknown, "silent")
}

// wide returns the cells of an uptime that only wide terminals show.
func (t *table) wide(p *reports.Period) []string {
	boot := Printable(p.Boot)
	if len(boot) > 8 {
		boot = boot[:8]
	}
	var worst string
	for i := range p.Flights {
		switch e := p.Flights[i].Error; {
		case e == clock.Unknown:
			worst = "?"
		case worst != "?":
			worst = errorText(e)
		}
	}
	return []string{Printable(p.Kernel), boot, worst}
}

// note returns a note in one sentence.
func (t *table) note(n *reports.Note) string {
	what := fmt.Sprint(n.N)
	switch n.Of {
	case reports.NoteFlight:
		what = fmt.Sprintf("flight %d", n.N)
	case reports.NoteLoop:
		what = fmt.Sprintf("crash loop %d", n.N)
	}
	if n.Others {
		what += " and others"
	}
	what += ": "
	for _, d := range n.Doubts {
		what += "its clock claimed " + t.time(d.Claimed.Start) + ", but " + d.Against.String() + "; "
	}
	switch {
	case n.Certain:
		return what + "that is not believed."
	case n.Weak:
		what += "somebody set its clock, without proof; "
	case len(n.Doubts) == 0:
		what += "its clock was never set; "
	}
	switch w := n.Window; {
	case w.Earliest == nil && w.Latest == nil:
		what += "nothing tells when this was."
	case w.Latest == nil:
		what += "somewhere after " + t.time(*w.Earliest) + "."
	case w.Earliest == nil:
		what += "somewhere before " + t.time(*w.Latest) + "."
	default:
		what += "somewhere between " + t.time(*w.Earliest) + " and " + t.time(*w.Latest) + "."
	}
	return what
}
