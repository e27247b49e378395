package reports

import (
	"fmt"

	"flightrec/ground"
	"flightrec/journal"
)

// note is a footnote to an uptime without an anchor, or to a crash loop that has
// some.
type note struct {
	kind        string // what the line begins with
	n           int
	first, last *Uptime
}

// note takes down a footnote to what stands between first and last, and returns its
// number.
func (t *text) note(kind string, n int, first, last *Uptime) int {
	t.notes = append(t.notes, note{kind, n, first, last})
	return len(t.notes)
}

// mark writes the mark of a footnote.
func (t *text) mark(number int) { fmt.Fprintf(t, " [%d]", number) }

// footnotes writes the footnotes taken down.
func (t *text) footnotes() {
	for i, n := range t.notes {
		if i == 0 {
			t.WriteString("\n")
		}
		fmt.Fprintf(t, "[%d] %s #%d: the clock was not synchronised, ", i+1, n.kind, n.n)
		if n.guessed() {
			t.WriteString("and what it said cannot be right. How long this lasted is known, when it was is a guess: ")
		} else {
			t.WriteString("and the times are what it said. How long this lasted is known, when it was is not certain: ")
		}
		t.window(n.window())
		if n.last.Aloft {
			t.WriteString(" It still goes on, and its times will be known as soon as the clock is synchronised.")
		}
		t.WriteString("\n")
	}
}

// guessed reports whether the wall clock was of no use.
func (n note) guessed() bool { return n.first.drawn || n.last.drawn }

// window returns the window of what the note is about.
func (n note) window() ground.Window {
	return ground.Window{Earliest: n.first.earliest(), Latest: n.last.latest()}
}

// earliest returns before which moment u can't have begun, nil if nothing tells.
func (u *Uptime) earliest() *journal.Instant {
	if !u.estimated {
		return &u.span.Start
	}
	return u.Window.Earliest
}

// latest returns after which moment u can't have ended, nil if nothing tells.
func (u *Uptime) latest() *journal.Instant {
	if !u.estimated {
		return &u.span.End
	}
	return u.Window.Latest
}

// window writes a window in words.
func (t *text) window(w ground.Window) {
	switch {
	case w.Earliest == nil && w.Latest == nil:
		t.WriteString("nothing in the journal tells.")
	case w.Latest == nil:
		t.WriteString("it began no earlier than ")
		t.time(*w.Earliest, false)
		t.WriteString(", and nothing tells how much later.")
	case w.Earliest == nil:
		t.WriteString("it was over by ")
		t.time(*w.Latest, false)
		t.WriteString(", and nothing tells how much earlier.")
	default:
		t.WriteString("it began no earlier than ")
		t.time(*w.Earliest, false)
		t.WriteString(" and was over by ")
		t.time(*w.Latest, false)
		t.WriteString(".")
	}
}

// stamp returns the stamp for all times that the report's text can show.
func (r *Report) stamp() stamp {
	first, last := everything.End, everything.Start
	show := func(times ...*journal.Instant) {
		for _, t := range times {
			if t != nil {
				first, last = min(first, *t), max(last, *t)
			}
		}
	}
	for i := range r.Machines {
		for j := range r.Machines[i].Periods {
			p := &r.Machines[i].Periods[j]
			show(&p.End)
			if !p.Open {
				show(&p.Start)
			}
			if p.Up() {
				show(&p.Whole.Start, &p.Whole.End, p.Window.Earliest, p.Window.Latest)
			} else if p.outage() {
				show(&p.Whole.Start, &p.Whole.End)
			}
		}
	}
	return newStamp(r.Zone, first, last)
}
