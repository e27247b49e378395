package render

import (
	"fmt"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// picture is a row of bars. It says the same as the table below it.
type picture struct {
	Class, Label, From, To string
	Width                  int
	Bars                   []bar
}

// bar is a rectangle. Each kind has a height of its own as well as a colour, so that it is
// told without colours.
type bar struct {
	Class, Title string
	X, Y, W, H   int
}

// The kinds of bars, from what is shown where nothing worse was.
const (
	kindUp = iota
	kindUnknown
	kindExcluded
	kindDown
	kindCrash
	kindVague // of days alone
)

// key holds a bar of each kind, with what it stands for.
var key = []bar{
	kindUp:       {Class: "up", Title: "up", Y: 4, H: 16},
	kindUnknown:  {Class: "unknown", Title: "unknown (thin)", Y: 11, H: 2},
	kindExcluded: {Class: "excluded", Title: "left out (low)", Y: 18, H: 2},
	kindDown:     {Class: "down", Title: "down (half)", Y: 12, H: 8},
	kindCrash:    {Class: "crash", Title: "crash (tall)", Y: 0, H: 24},
	kindVague:    {Class: "vague", Title: "up, and in part unknown (small)", Y: 8, H: 8},
}

// days returns a bar for each of the last days, with the worst that it held.
func (t *table) days(m *reports.Machine, byDay []reports.Bucket, n int) picture {
	kinds := [...]int{reports.CellUnknown: kindUnknown, reports.CellUp: kindUp, reports.CellVague: kindVague, reports.CellDown: kindDown, reports.CellCrash: kindCrash}
	byLabel := make(map[string]*reports.Bucket, n)
	for i := max(0, len(byDay)-n-1); i < len(byDay); i++ {
		byLabel[byDay[i].Label] = &byDay[i]
	}
	today := t.now
	p := picture{Class: "days", Width: 10 * n, From: today.AddDate(0, 0, 1-n).Format("2 Jan"), To: "today"}
	bad := 0
	for i, cell := range m.Strip(n, journal.InstantOf(t.now), t.zone) {
		b := key[kinds[cell]]
		if cell == reports.CellDown || cell == reports.CellCrash {
			bad++
		}
		day := today.AddDate(0, 0, i+1-n)
		b.Title = day.Format("Mon 2 Jan") + ": nothing known"
		if bucket := byLabel[reports.UnitDay.Label(day)]; bucket != nil {
			b.Title = day.Format("Mon 2 Jan") + ": " + t.bucketTitle(bucket)
		}
		b.X, b.W = 10*i+1, 8
		p.Bars = append(p.Bars, b)
	}
	p.Label = fmt.Sprintf("The last %d days, a bar each: %s with an outage. The table below tells the same.", n, plural(bad, "day", "days"))
	return p
}

// bucketTitle says what a day held.
func (t *table) bucketTitle(b *reports.Bucket) string {
	text := "nothing known"
	if a, ok := b.Availability(); ok {
		text = PercentText(a) + " up"
	}
	if b.Down > 0 {
		text += ", down " + t.length(b.Down)
	}
	if b.Crashes > 0 {
		text += ", " + plural(b.Crashes, "crash", "crashes")
	}
	return text
}

// band returns the time line. It is cut into cells, each of which shows the worst that it
// held: an outage of a minute stays visible in ten years.
func (t *table) band(m *reports.Machine) picture {
	whole := ground.Span{Start: m.Line[0].Start, End: m.Line[len(m.Line)-1].End}
	n := lineCells
	if t.Count > 1 {
		n /= 3
	}
	p := picture{Class: "line", Width: n, From: t.time(whole.Start), To: t.time(whole.End)}
	type cell struct{ kind, span, more int }
	cells := make([]cell, n)
	for i := range cells {
		cells[i].span = -1
	}
	length := float64(reports.LengthOf(whole))
	place := func(i journal.Instant) float64 {
		return float64(reports.LengthOf(ground.Span{Start: whole.Start, End: i})) / length * float64(n)
	}
	for i := range m.Line {
		kind := kindOf(&m.Line[i])
		first := min(int(place(m.Line[i].Start)), n-1)
		last := min(int(place(m.Line[i].End)), n-1)
		if float64(last) == place(m.Line[i].End) && last > first {
			last-- // it ends where that cell begins
		}
		for j := first; j <= last; j++ {
			switch c := &cells[j]; {
			case c.span < 0 || kind > c.kind:
				*c = cell{kind: kind, span: i}
			case kind == c.kind:
				c.more++
			}
		}
	}
	for i, c := range cells {
		if last := len(p.Bars) - 1; i > 0 && c == cells[i-1] && c.more == 0 {
			p.Bars[last].W++
			continue
		}
		b := key[c.kind]
		b.X, b.W = i, 1
		b.Title = t.spanTitle(&m.Line[c.span])
		if c.more > 0 {
			b.Title += fmt.Sprintf(", and %d more", c.more)
		}
		p.Bars = append(p.Bars, b)
	}
	p.Label = "Time line from " + p.From + " to " + p.To + ". The table below lists its uptimes."
	return p
}

// kindOf returns which bar stands for s.
func kindOf(s *reports.Span) int {
	switch {
	case s.Excluded:
		return kindExcluded
	case s.State == reports.StateUp:
		return kindUp
	case s.State == reports.StateUnknown:
		return kindUnknown
	case s.Cause == reports.CauseCrash:
		return kindCrash
	}
	return kindDown
}

// spanTitle says what a span of the time line is.
func (t *table) spanTitle(s *reports.Span) string {
	text := s.State.String()
	if s.Cause != reports.CauseNone {
		about := s.Cause.String()
		if s.Period != nil && s.Period.Cause == s.Cause {
			if reason := shortReason(&s.Period.Verdict, false); reason != "" {
				about += ", " + reason
			}
		}
		text += " (" + about + ")"
	}
	if s.Excluded {
		text += ", left out of sums"
	}
	estimated := s.Period != nil && s.Period.Estimated()
	return fmt.Sprintf("%s %s: %s to %s", text, guess(t.length(reports.LengthOf(s.Span)), estimated), guess(t.time(s.Start), estimated), guess(t.time(s.End), estimated))
}
