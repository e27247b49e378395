package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

// statusDays is how many days a status looks back.
const statusDays = 30

// StatusSince returns since when a report for [Status] is to be asked for.
func StatusSince(now journal.Instant) journal.Instant {
	return now.Add(-statusDays * 24 * 60 * 60 * 1e9)
}

// Status writes how machines are, a screen each. The report must be of the time from
// [StatusSince] on; dir is the journal's folder, empty where dumps were read.
func Status(w io.Writer, r *reports.Report, dir string, look Look) error {
	out := bufio.NewWriter(w)
	t := newWords(r, look)
	if r.Count == 0 {
		out.WriteString("no flights recorded\n")
	}
	first := true
	for m := range r.Machines {
		if !first {
			out.WriteString("\n")
		}
		first = false
		fmt.Fprintf(out, "%s\n", MachineName(m))
		for _, line := range t.status(r, m, dir) {
			out.WriteString(t.wrap(fmt.Sprintf("  %-11s ", line[0]), line[1], strings.Repeat(" ", 14)))
		}
		if _, err := out.Write(nil); err != nil {
			return err
		}
	}
	return out.Flush()
}

// status returns the lines of a machine, each with what it is about.
func (w words) status(r *reports.Report, m *reports.Machine, dir string) (lines [][2]string) {
	say := func(about, format string, args ...any) {
		lines = append(lines, [2]string{about, fmt.Sprintf(format, args...)})
	}
	l := &m.Latest
	sign := guess(w.time(l.Sign), l.Up.EndEstimated)
	into, in := ", into "+Printable(dir), ", in "+Printable(dir)
	if dir == "" {
		into, in = "", ""
	}
	heard := isHeard(m, r.Now)
	if heard {
		say("up", "%s, since %s (boot %d)", w.length(l.For), guess(w.time(l.Up.Start), l.Up.StartEstimated), l.N)
	} else {
		say("last seen", "%s, %s, after %s up (boot %d)", sign, w.ago(l.Sign, r.Now), w.length(l.For), l.N)
	}
	switch landing := l.Flight.Landing; {
	case heard:
		say("recording", "yes: last heartbeat %s, %s%s", w.ago(l.Sign, r.Now), w.interval(l.Flight), into)
	case l.Flight.Ending == journal.EndingAloft && dir == "":
		say("recording", "it was when this was dumped")
	case l.Flight.Ending == journal.EndingAloft:
		say("recording", "a recorder runs, but its heartbeats stay away%s", in)
	case landing != nil:
		say("recording", "no: the recorder landed (%s)%s", Printable(landing.Reason), in)
	default:
		say("recording", "no: the recorder ended without landing%s", in)
	}
	if text := strings.TrimPrefix(w.clock(l.Fix), "clock "); text != "" {
		if l.Right != nil {
			text += ", since " + w.after(l.Right.Since, l.Up.Start, false) + w.before(l.Right.Ahead)
		}
		say("clock", "%s", text)
	}
	if d := l.Down; d != nil {
		length := guess(w.length(d.Length()), d.LengthEstimated())
		if d.State == reports.StateUnknown {
			length = "?"
		}
		say("last down", "%s to %s, %s: %s", guess(w.time(d.Start), d.StartEstimated), guess(w.after(d.End, d.Start, false), d.EndEstimated), length, causeText(d))
	}
	if heard {
		for _, line := range w.costs(l.Flight) {
			say(line[0], "%s", line[1])
		}
	}
	share := "?"
	if a, ok := m.Summary.Availability(); ok {
		share = PercentText(a)
	}
	outages := "no outage"
	if m.Summary.Outages > 0 {
		outages = outagesOf(&m.Summary)
	}
	say(fmt.Sprintf("%d days", statusDays), "%s %s %s", share, w.strip(m.Strip(statusDays, r.Now, r.Zone)), outages)
	return lines
}

// before says how wrong a clock was before it was right, nothing below a second.
func (w words) before(ahead time.Duration) string {
	const year = 365 * 24 * time.Hour
	off, side := ahead.Abs(), "ahead"
	if ahead < 0 {
		side = "behind"
	}
	switch {
	case off < time.Second:
		return ""
	case off >= year:
		return fmt.Sprintf(" (it was %s %s)", plural(int(off/year), "year", "years"), side)
	}
	return fmt.Sprintf(" (it was %s %s)", w.length(reports.Length(off)), side)
}

// costs returns what recording costs the card, and what alarms did, as far as f's vitals
// tell.
func (w words) costs(f *ground.Flight) (lines [][2]string) {
	v := reports.CostsOf(f)
	var card []string
	if v.Day > 0 {
		card = append(card, fmt.Sprintf("%d MB a day of ours", v.Day>>10))
	}
	if v.Append > 0 {
		card = append(card, fmt.Sprintf("appends take %d ms, worst %d ms", v.Append, v.Worst))
	}
	if len(card) > 0 {
		lines = append(lines, [2]string{"card", strings.Join(card, "; ")})
	}
	if v.Alarms > 0 || len(v.Names) > 0 {
		lines = append(lines, [2]string{"alarms", fmt.Sprintf("%s; %d of %d heartbeats that they may cost in a day", strings.Join(v.Names, ", "), v.Alarms, journal.MaxAlarms)})
	}
	return lines
}

// outagesOf returns how many outages and crashes there were, and why.
func outagesOf(s *reports.Summary) string {
	text := plural(s.Outages, "outage", "outages")
	if s.Crashes > 0 {
		text += ", " + plural(s.Crashes, "crash", "crashes")
	}
	var why []string
	for i := range s.Reasons {
		c := &s.Reasons[i]
		switch reason := shortReason(&c.Verdict, false); {
		case reason == "":
		case c.N == s.Crashes:
			why = append(why, reason)
		default:
			why = append(why, fmt.Sprintf("%d %s", c.N, reason))
		}
	}
	if len(why) > 0 {
		text += " (" + strings.Join(why, ", ") + ")"
	}
	return text
}

// ago returns how long i was before now.
func (w words) ago(i, now journal.Instant) string {
	if now.Sub(i) < time.Second {
		return "just now"
	}
	return w.length(reports.Length(now)-reports.Length(i)) + " ago"
}

// interval says how often f's heartbeats come.
func (w words) interval(f *ground.Flight) string {
	if f.Takeoff.Interval == 0 {
		return "each 10 s at first, then each 30 s"
	}
	return "each " + w.length(reports.Length(f.Takeoff.Interval))
}

// strip returns a strip of days: one sign each, so that it tells the same without colour.
func (w words) strip(cells []reports.Cell) string {
	signs := [...]string{reports.CellUnknown: "?", reports.CellUp: "#", reports.CellVague: "~", reports.CellDown: ".", reports.CellCrash: "!"}
	if w.UTF8 {
		signs = [...]string{reports.CellUnknown: "░", reports.CellUp: "▇", reports.CellVague: "▒", reports.CellDown: "▁", reports.CellCrash: "╳"}
	}
	colors := [...]string{reports.CellUnknown: "", reports.CellUp: colorGood, reports.CellVague: colorUnknown, reports.CellDown: colorUnknown, reports.CellCrash: colorBad}
	var b strings.Builder
	for len(cells) > 0 {
		n := slices.IndexFunc(cells, func(c reports.Cell) bool { return c != cells[0] })
		if n < 0 {
			n = len(cells)
		}
		b.WriteString(w.paint(colors[cells[0]], strings.Repeat(signs[cells[0]], n)))
		cells = cells[n:]
	}
	return b.String()
}

// statusObject is a machine's status as JSON has it.
type statusObject struct {
	Host         string           `json:"host"`
	Machine      string           `json:"machine"`
	Recording    bool             `json:"recording"`
	Journal      *string          `json:"journal"`
	UpSince      *journal.Instant `json:"up_since"`
	Estimated    bool             `json:"estimated"`
	LastSign     journal.Instant  `json:"last_sign_of_life"`
	BootNumber   int              `json:"boot_number"`
	Boot         string           `json:"boot"`
	Kernel       string           `json:"kernel"`
	Sync         clock.Sync       `json:"sync"`
	Error        *reports.Length  `json:"error_seconds"`
	RightSince   *journal.Instant `json:"right_since"`
	LastDown     *downtimeObject  `json:"last_downtime"`
	Days         int              `json:"days"`
	Availability *float64         `json:"availability"`
	Outages      int              `json:"outages"`
	Crashes      int              `json:"crashes"`
}

// StatusJSON is [Status] as one JSON object.
func StatusJSON(w io.Writer, r *reports.Report, dir string) error {
	o := object{bufio.NewWriter(w)}
	o.put(`{"schema":"flightrec.status/1","generated":`, r.Generated, `,"now":`, r.Now, `,"machines":[`)
	n := 0
	for m := range r.Machines {
		o.comma(n)
		n++
		o.put("\n", newStatus(r, m, dir))
		if _, err := o.Write(nil); err != nil {
			return err
		}
	}
	o.put(`],"warnings":`, append([]string{}, r.Warnings...), "}\n")
	return o.Flush()
}

// newStatus returns the status of m as JSON has it.
func newStatus(r *reports.Report, m *reports.Machine, dir string) statusObject {
	l := &m.Latest
	o := statusObject{
		Host: m.Host, Machine: m.ID, Recording: isHeard(m, r.Now), Estimated: l.Up.Estimated(),
		LastSign: l.Sign, BootNumber: l.N, Boot: l.Up.Boot, Kernel: l.Up.Kernel, Sync: l.Fix.Sync, Days: statusDays,
		Outages: m.Summary.Outages, Crashes: m.Summary.Crashes,
	}
	if o.Recording {
		o.UpSince = &l.Up.Start
	}
	if dir != "" {
		o.Journal = &dir
	}
	if l.Right != nil {
		o.RightSince = &l.Right.Since
	}
	if l.Fix.MaxError != clock.Unknown {
		e := reports.Length(l.Fix.MaxError)
		o.Error = &e
	}
	if l.Down != nil {
		down := newDowntime(l.Down)
		o.LastDown = &down
	}
	if a, ok := m.Summary.Availability(); ok {
		o.Availability = &a
	}
	return o
}
