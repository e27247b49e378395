package render

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"flightrec/reports"
)

// What a page shows at most, so that neither ten years of one machine nor a fleet makes
// it large. One machine has up to 90 days and 100 uptimes, each of several 30 and 10.
const (
	pageMachines = 60
	pageMonths   = 130
	lineCells    = 360
)

// Page says what a page is for. The zero value is a file of its own.
type Page struct {
	Live  bool // it is served: it links to the other forms of the report
	Still bool // it doesn't renew itself
}

//go:embed html/page.css
var pageStyle string

//go:embed html/page.tmpl
var pageText string

// pageTemplate is parsed when the first page is written: no other command pays for it.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Parse(pageText))
})

// PagePolicy returns the Content-Security-Policy of a page: it asks nobody for anything,
// and runs nothing.
func PagePolicy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// pageView is what a page shows.
type pageView struct {
	Page
	Title, Policy, Now, Zone string
	Style                    template.CSS
	Warnings                 []string
	Fleet                    []fleetRow // none for one machine
	Left                     int        // how many machines have no part of their own
	Machines                 []template.HTML
}

// fleetRow is a machine in the table of all.
type fleetRow struct {
	Name, Anchor, Availability, Down, Sign string
	Boots, Crashes                         int
	worth                                  float64 // its availability, or more than any where it isn't known
}

// HTML writes a report as a web page of one file, which needs no script.
func HTML(w io.Writer, r *reports.Report, look Look) error { return Page{}.Write(w, r, look) }

// Write writes a report as a web page.
func (p Page) Write(w io.Writer, r *reports.Report, look Look) error {
	look.UTF8 = true
	t := &table{words: newWords(r, look), Report: r}
	v := pageView{
		Page: p, Title: "flightrec", Policy: PagePolicy(), Style: template.CSS(pageStyle),
		Now: t.now.Format("Mon 2 Jan 2006 15:04:05"), Zone: r.Zone.String(), Warnings: printables(r.Warnings),
	}
	for m := range r.Machines {
		v.Title = MachineName(m)
		row := t.fleetRow(m)
		if len(v.Machines) < pageMachines {
			var part bytes.Buffer
			row.Anchor = fmt.Sprintf("m%d", len(v.Machines)+1)
			if err := pageTemplate().ExecuteTemplate(&part, "machine", t.machineView(m, row.Anchor)); err != nil {
				return fmt.Errorf("writing a machine's page: %w", err)
			}
			v.Machines = append(v.Machines, template.HTML(part.Bytes()))
		}
		v.Fleet = append(v.Fleet, row)
	}
	if len(v.Fleet) > 1 {
		v.Title = fmt.Sprintf("%d machines", len(v.Fleet))
		v.Left = len(v.Fleet) - len(v.Machines)
		slices.SortStableFunc(v.Fleet, func(a, b fleetRow) int { return cmp.Compare(a.worth, b.worth) })
	} else {
		v.Fleet = nil
	}
	return pageTemplate().Execute(w, v)
}

// printables returns texts of unknown origin as they may be shown.
func printables(texts []string) (all []string) {
	for _, text := range texts {
		all = append(all, Printable(text))
	}
	return all
}

// fleetRow returns m as a line in the table of all machines.
func (t *table) fleetRow(m *reports.Machine) fleetRow {
	s := &m.Summary
	row := fleetRow{Name: MachineName(m), Availability: "?", Down: t.length(s.Down), Sign: "now", Boots: s.Boots, Crashes: s.Crashes, worth: 2}
	if a, ok := s.Availability(); ok {
		row.Availability, row.worth = PercentText(a), a
	}
	if !isHeard(m, t.Now) {
		row.Sign = "silent since " + guess(t.time(m.Latest.Sign), m.Latest.Up.EndEstimated)
	}
	return row
}

// machineView is what a page shows of a machine.
type machineView struct {
	ID, Name       string
	Warnings       []string
	Facts          [][2]string
	Days, Line     picture
	Key            []bar
	ByDay, ByMonth buckets
	Order          string
	Hidden         int
	Rows           []uptimeRow
	Notes          []noteLine
}

type (
	// uptimeRow is an uptime: number, since, for, went down, when, was down.
	uptimeRow struct {
		Cells []string
		Notes []int
	}
	noteLine struct {
		N    int
		Text string
	}
	// buckets are rows of a table by units of the calendar.
	buckets struct {
		Unit string
		Rows []bucketRow
	}
	bucketRow struct {
		Label, Up, Down, Unknown, Availability string
		Boots, Crashes                         int
	}
)

// machineView returns what a page shows of m.
func (t *table) machineView(m *reports.Machine, id string) machineView {
	days, rows := 90, 100
	if t.Count > 1 {
		days, rows = 30, 10
	}
	if t.All {
		rows = len(m.Periods)
	}
	v := machineView{ID: id, Name: MachineName(m), Warnings: printables(m.Warnings), Facts: t.facts(m), Order: "newest first"}
	if len(m.Periods) == 0 {
		return v
	}
	byDay := m.By(reports.UnitDay, t.zone)
	v.Days = t.days(m, byDay, days)
	v.Line = t.band(m)
	v.Key = key
	v.ByDay = t.buckets("day", byDay, days)
	v.ByMonth = t.buckets("month", m.By(reports.UnitMonth, t.zone), pageMonths)
	t.each(m, false, func(_ *reports.Period, cells []string, notes []int) {
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		v.Rows = append(v.Rows, uptimeRow{cells, notes})
	})
	v.Hidden = m.Hidden
	if more := len(v.Rows) - rows; more > 0 {
		v.Hidden += more
		v.Rows = v.Rows[more:]
	}
	var noted []int
	for _, row := range v.Rows {
		noted = append(noted, row.Notes...)
	}
	slices.Sort(noted)
	for _, n := range slices.Compact(noted) {
		v.Notes = append(v.Notes, noteLine{n, t.note(&m.Notes[n-1])})
	}
	if t.Reverse {
		v.Order = "oldest first"
	} else {
		slices.Reverse(v.Rows)
	}
	return v
}

// facts say how a machine is, each with what it is about.
func (t *table) facts(m *reports.Machine) (facts [][2]string) {
	say := func(about, text string) { facts = append(facts, [2]string{about, text}) }
	l, s := &m.Latest, &m.Summary
	sign := guess(t.time(l.Sign), l.Up.EndEstimated)
	if isHeard(m, t.Now) {
		say("up", t.length(l.For)+", since "+guess(t.time(l.Up.Start), l.Up.StartEstimated))
		say("recording", "yes, last heartbeat "+sign+", "+t.interval(l.Flight))
		say("clock", cmp.Or(strings.TrimPrefix(t.clock(l.Fix), "clock "), "nothing tells whether it is right"))
	} else {
		say("up", "unknown, nobody is recording")
		say("last sign of life", sign+", after "+t.length(l.For))
	}
	if d := l.Down; d != nil {
		length := guess(t.length(d.Length()), d.LengthEstimated())
		if d.State == reports.StateUnknown {
			length = "?"
		}
		say("last down", fmt.Sprintf("%s to %s, %s: %s", guess(t.time(d.Start), d.StartEstimated), guess(t.after(d.End, d.Start, false), d.EndEstimated), length, causeText(d)))
	}
	if len(m.Line) > 0 {
		share := "?"
		if a, ok := s.Availability(); ok {
			share = PercentText(a)
		}
		say("in all", fmt.Sprintf("%s up since %s: %s, %s", share, t.date(m.Line[0].Start), plural(s.Boots, "boot", "boots"), outagesOf(s)))
	}
	return facts
}

// buckets returns the latest of all, n at most, the newest first.
func (t *table) buckets(unit string, all []reports.Bucket, n int) buckets {
	v := buckets{Unit: unit}
	for _, b := range slices.Backward(all[max(0, len(all)-n):]) {
		row := bucketRow{Label: b.Label, Up: t.lengthOrNone(b.Up), Down: t.lengthOrNone(b.Down), Unknown: t.lengthOrNone(b.Unknown), Availability: "?", Boots: b.Boots, Crashes: b.Crashes}
		if a, ok := b.Availability(); ok {
			row.Availability = PercentText(a)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// lengthOrNone is length, without a fraction where there is nothing.
func (t *table) lengthOrNone(l reports.Length) string {
	if l == 0 {
		return "0"
	}
	return t.length(l)
}
