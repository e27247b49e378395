package render

import (
	"fmt"
	"strings"
	"time"

	"flightrec/journal"
	"flightrec/reports"

	"github.com/rivo/uniseg"
)

// words writes times and lengths as people say them, or with ISO as programs write them.
type words struct {
	Look
	now  time.Time // in the zone of all times
	zone *time.Location
}

// newWords returns the words for a report.
func newWords(r *reports.Report, look Look) words {
	return words{look, r.Now.Time().In(r.Zone), r.Zone}
}

// length returns l in two units, without a fraction beyond a minute: "9 h 48 m".
func (w words) length(l reports.Length) string {
	d := time.Duration(min(l, 1<<63-1))
	if w.ISO {
		if d >= time.Minute {
			d = d.Round(time.Second)
		}
		return "PT" + strings.ToUpper(d.Round(time.Millisecond).String())
	}
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}}
	for i, u := range units[:3] {
		// Rounded to the smaller unit, it may be a whole one of the larger: 59 m 60 s.
		if part := units[i+1].of; d.Round(part) >= u.of {
			d = d.Round(part)
			return strings.TrimSuffix(fmt.Sprintf("%d %s %d %s", d/u.of, u.name, d%u.of/part, units[i+1].name), fmt.Sprintf(" 0 %s", units[i+1].name))
		}
	}
	if 0 < d && d < time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// LengthText returns l as people say it.
func LengthText(l reports.Length) string { return words{}.length(l) }

// time returns i with its weekday where it is within a year of now, with its year elsewhere.
func (w words) time(i journal.Instant) string {
	t := i.Time().In(w.zone)
	switch {
	case w.ISO:
		return t.Format("2006-01-02T15:04:05Z07:00")
	case t.Before(w.now.AddDate(-1, 0, 1)) || t.After(w.now.AddDate(1, 0, -1)):
		return t.Format("_2 Jan 2006 15:04")
	}
	return t.Format("Mon _2 Jan 15:04")
}

// date returns the date of i.
func (w words) date(i journal.Instant) string {
	t := i.Time().In(w.zone)
	if w.ISO {
		return t.Format(time.DateOnly)
	}
	return t.Format("2 Jan 2006")
}

// after returns i, which comes after since, as shortly as it can be told then: without the
// date on the same day, with the weekday within six days. Short leaves more out, and all
// of a time as programs write it.
func (w words) after(i, since journal.Instant, short bool) string {
	t, s := i.Time().In(w.zone), since.Time().In(w.zone)
	switch day := t.Format(time.DateOnly); {
	case w.ISO && short:
		return ""
	case w.ISO:
		return t.Format("2006-01-02T15:04:05Z07:00")
	case day == s.Format(time.DateOnly) && short:
		return t.Format("15:04")
	case t.Sub(s) < 6*24*time.Hour:
		return t.Format("Mon 15:04")
	case t.Sub(s) > 300*24*time.Hour:
		return t.Format("_2 Jan 2006")
	case short:
		return t.Format("_2 Jan")
	}
	return t.Format("_2 Jan 15:04")
}

// errorText returns how far a clock may be off, with one digit or two.
func errorText(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1g ms", d.Seconds()*1e3)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// MachineName returns what a machine is called.
func MachineName(m *reports.Machine) string {
	switch {
	case m.Host != "":
		return Printable(m.Host)
	case m.ID != "":
		return Printable(m.ID)
	}
	return "(no name)"
}

// guess marks text that is an estimate.
func guess(text string, estimated bool) string {
	if estimated {
		return "~" + text
	}
	return text
}

// plural returns a number of things.
func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// flow joins parts by three spaces, on as many lines as the width asks for.
func (w words) flow(parts ...string) string {
	var b strings.Builder
	used := 0
	for _, part := range parts {
		width := widthIn(part)
		switch {
		case part == "":
			continue
		case used == 0:
		case w.Width > 0 && used+3+width > w.Width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteString("   ")
			used += 3
		}
		b.WriteString(part)
		used += width
	}
	b.WriteByte('\n')
	return b.String()
}

// wrap breaks text behind a lead between words where the width asks for it, with an
// indent.
func (w words) wrap(lead, text, indent string) string {
	var b strings.Builder
	b.WriteString(lead)
	used := widthIn(lead)
	first := true
	for word := range strings.FieldsSeq(text) {
		width := widthIn(word)
		switch {
		case first:
			first = false
		case w.Width > 0 && used+1+width > w.Width:
			b.WriteString("\n" + indent)
			used = len(indent)
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += width
	}
	b.WriteByte('\n')
	return b.String()
}

// Colours that a terminal of 16 shows (ECMA-48). None tells what no word or sign does.
const (
	colorBad     = "\x1b[31m"
	colorGood    = "\x1b[32m"
	colorUnknown = "\x1b[33m"
	colorOff     = "\x1b[0m"
)

// paint returns text in a colour, if there are any.
func (w words) paint(color, text string) string {
	if !w.Color || color == "" || text == "" {
		return text
	}
	return color + text + colorOff
}

// widthIn returns how many cells a line takes, whatever its colours.
func widthIn(line string) int {
	if !strings.Contains(line, "\x1b") {
		return uniseg.StringWidth(line)
	}
	for _, color := range []string{colorBad, colorGood, colorUnknown, colorOff} {
		line = strings.ReplaceAll(line, color, "")
	}
	return uniseg.StringWidth(line)
}

// columns writes rows of cells with two spaces between them, each column as wide as its
// widest cell. Those whose index is in right are aligned to that side.
func columns(rows [][]string, right map[int]bool) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], widthIn(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i > 0 {
				line.WriteString("  ")
			}
			room := strings.Repeat(" ", widths[i]-widthIn(cell))
			if right[i] {
				cell = room + cell
			} else {
				cell += room
			}
			line.WriteString(cell)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// widthOf returns how wide the widest line of text is.
func widthOf(text string) (widest int) {
	for line := range strings.Lines(text) {
		widest = max(widest, widthIn(strings.TrimSuffix(line, "\n")))
	}
	return widest
}
