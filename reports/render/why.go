package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"flightrec/journal"
	"flightrec/reports"
)

// maxMoments is how many moments before an outage are shown.
const maxMoments = 6

// Why writes why machines went down: of each machine the latest outage that matches. It
// reports whether there is one.
func Why(w io.Writer, r *reports.Report, matches func(*reports.Period) bool, look Look) (found bool, err error) {
	out := bufio.NewWriter(w)
	t := &table{words: newWords(r, look), Report: r}
	for m := range r.Machines {
		o, ok := m.Outage(matches)
		if !ok {
			continue
		}
		if found {
			out.WriteString("\n")
		}
		found = true
		if r.Count > 1 {
			fmt.Fprintf(out, "%s\n", MachineName(m))
		}
		t.why(out, m, &o)
	}
	return found, out.Flush()
}

// why writes an outage.
func (t *table) why(w io.Writer, m *reports.Machine, o *reports.Outage) {
	say := func(about, text string) {
		io.WriteString(w, t.wrap(fmt.Sprintf("%-11s ", about), text, strings.Repeat(" ", 12)))
	}
	d := o.Down
	marks := ""
	for _, n := range slices.Concat(o.Before.Notes, d.Notes, o.After.Notes) {
		if mark := fmt.Sprintf(" [%d]", n); n > 0 && !strings.Contains(marks, mark) {
			marks += mark
		}
	}
	say("went down", fmt.Sprintf("%s, after %s: %s%s", guess(t.moment(d.Start), d.StartEstimated),
		guess(t.length(o.Before.Length()), o.Before.LengthEstimated()), verdictText(d), marks))
	about := "evidence"
	for _, line := range evidenceLines(o) {
		say(about, line)
		about = ""
	}
	if o.Loop != nil {
		say("crash loop", t.loopText(o))
	}
	t.moments(w, o.Moments)
	length := ", down for " + guess(t.length(d.Length()), d.LengthEstimated())
	if d.State == reports.StateUnknown {
		length = "; for how long it was down isn't known"
	}
	say("came back", guess(t.moment(o.After.Start), d.EndEstimated)+length)
	about = "found then"
	for _, c := range o.Found {
		if !slices.Contains(quietSources, c.Source) {
			say(about, Printable(c.Source)+" "+Printable(c.Value))
			about = ""
		}
	}
	for i := range m.Notes {
		if strings.Contains(marks+" ", fmt.Sprintf(" [%d]", i+1)) {
			io.WriteString(w, t.wrap(fmt.Sprintf("[%d] ", i+1), t.note(&m.Notes[i]), "    "))
		}
	}
}

// quietSources tell of the machine, and nothing of how it went down.
var quietSources = []string{"kernel", "memory", "disk", "card", "thermal", "hwmon", "supply"}

// verdictText returns a verdict in words: "crash, under-voltage (proven)".
func verdictText(p *reports.Period) string {
	text := p.Cause.String()
	if p.Cause == reports.CauseNotRecorded {
		text = "unknown"
	}
	if reason := ReasonText(&p.Verdict); reason != "" {
		text += ", " + reason
	}
	if c := p.Verdict.Certainty; c != reports.CertaintyNone {
		text += " (" + c.String() + ")"
	}
	return text
}

// evidenceLines returns what speaks for a verdict, or why nothing does.
func evidenceLines(o *reports.Outage) (lines []string) {
	for _, f := range o.Down.Verdict.Evidence {
		text := Printable(f.Text)
		if f.Raw != "" {
			text += "  (" + Printable(f.Raw) + ")"
		}
		lines = append(lines, text)
	}
	switch {
	case len(lines) > 0:
	case o.Down.Cause == reports.CauseStopped:
		lines = []string{"the recorder had been stopped before, so nobody knows when and how the machine went down"}
	case o.Down.Cause == reports.CauseNotRecorded:
		lines = []string{"nothing tells whether the machine was down at all"}
	case o.Down.Cause == reports.CauseShutdown:
		lines = []string{"the recorder was stopped because the machine was going down"}
	case !o.Down.Recorded():
		lines = []string{"nothing was recorded before this version of flightrec"}
	default:
		lines = []string{"none: it ended between two heartbeats, and nothing tells why"}
	}
	return lines
}

// loopText tells of a crash loop as a whole.
func (t *table) loopText(o *reports.Outage) string {
	l := o.Loop
	var why []string
	for _, c := range o.LoopReasons {
		reason := ReasonText(&c.Verdict)
		switch {
		case reason == "":
			reason = "for no known reason"
		case c.Verdict.Certainty != reports.CertaintyNone:
			reason += " (" + c.Verdict.Certainty.String() + ")"
		}
		why = append(why, fmt.Sprintf("%d %s", c.N, reason))
	}
	return fmt.Sprintf("%d boots, %d to %d, from %s to %s: %s", l.Boots, l.First, l.Last,
		guess(t.time(l.Start), l.StartEstimated), guess(t.time(l.End), l.EndEstimated), strings.Join(why, ", "))
}

// moments writes what was measured before an outage, a line a moment.
func (t *table) moments(w io.Writer, moments []reports.Moment) {
	var rows [][]string
	for _, m := range moments[:min(maxMoments, len(moments))] {
		cell := func(v journal.Vital, text func(int64) string) string {
			if n, ok := m.Values[v]; ok {
				return text(n)
			}
			return ""
		}
		degree := " C"
		if t.UTF8 {
			degree = " °C"
		}
		var alarms []string
		if m.Values[journal.VitalUndervoltage] > 0 || m.Alarms&journal.AlarmUndervoltage != 0 {
			alarms = append(alarms, "under-voltage")
		}
		if m.Alarms&journal.AlarmOOM != 0 {
			alarms = append(alarms, "kill for memory")
		}
		if m.Alarms&journal.AlarmHeat != 0 {
			alarms = append(alarms, "heat")
		}
		if n, ok := m.Values[journal.VitalCap]; ok && n < 100 {
			alarms = append(alarms, fmt.Sprintf("slowed to %d %%", n))
		}
		rows = append(rows, []string{
			"-" + t.length(reports.Length(m.Ago.Truncate(time.Second))),
			cell(journal.VitalTemperature, func(n int64) string { return fmt.Sprint(n, degree) }),
			strings.Join(alarms, ", "),
			cell(journal.VitalLoad, func(n int64) string { return fmt.Sprintf("load %.1f", float64(n)/100) }),
			cell(journal.VitalMemory, func(n int64) string { return fmt.Sprintf("%d MB free", n) }),
			cell(journal.VitalAppend, func(n int64) string { return fmt.Sprintf("append %d ms", n) }),
		})
	}
	rows = dropEmpty(rows)
	// A narrow terminal is shown less of each.
	for len(rows) > 0 && len(rows[0]) > 2 && t.Width > 0 && 12+widthOf(columns(rows, nil)) > t.Width {
		for i := range rows {
			rows[i] = rows[i][:len(rows[i])-1]
		}
	}
	about := "before"
	for line := range strings.Lines(columns(rows, nil)) {
		fmt.Fprintf(w, "%-11s %s", about, line)
		about = ""
	}
}

// dropEmpty drops the columns that hold nothing.
func dropEmpty(rows [][]string) [][]string {
	if len(rows) == 0 {
		return nil
	}
	for i := len(rows[0]) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(rows, func(row []string) bool { return row[i] != "" }) {
			for j := range rows {
				rows[j] = slices.Delete(rows[j], i, i+1)
			}
		}
	}
	return rows
}

// Item is a thing of a list, with what is said of it.
type Item struct {
	Name, About string
	Lines       []string
}

// List writes a list.
func List(w io.Writer, items []Item, look Look) error {
	t := words{Look: look}
	for _, i := range items {
		if _, err := io.WriteString(w, t.wrap(fmt.Sprintf("%-16s ", i.Name), i.About, strings.Repeat(" ", 17))); err != nil {
			return err
		}
		for _, line := range i.Lines {
			if _, err := io.WriteString(w, t.wrap(strings.Repeat(" ", 17), Printable(line), strings.Repeat(" ", 19))); err != nil {
				return err
			}
		}
	}
	return nil
}

// moment returns i with its seconds.
func (w words) moment(i journal.Instant) string {
	if w.ISO {
		return w.time(i)
	}
	return strings.TrimSpace(w.time(i)) + i.Time().In(w.zone).Format(":05")
}
