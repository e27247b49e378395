package reports

import (
	"fmt"
	"time"

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
	taken := note{kind: kind, n: n, first: first, last: last}
	number := t.number(taken)
	if number <= t.noted {
		t.shared = true
		return number
	}
	t.notes = append(t.notes, taken)
	t.noted = number
	if taken.vague() {
		t.vague = number
	}
	return number
}

// number returns the number that a footnote has or will have. Those that can only
// say that nothing is known share one: a machine that never hears of the network's
// time would have one for each boot.
func (t *text) number(n note) int {
	if t.vague > 0 && n.vague() {
		return t.vague
	}
	return t.noted + 1
}

// vague reports whether n has nothing of its own to say.
func (n note) vague() bool {
	return n.window() == ground.Window{} && !n.guessed() && !n.last.Aloft
}

// mark writes the mark of a footnote.
func (t *text) mark(number int) { fmt.Fprintf(t, " [%d]", number) }

// footnotes writes the footnotes taken down.
func (t *text) footnotes() {
	for i, n := range t.notes {
		if i == 0 {
			t.WriteString("\n")
		}
		fmt.Fprintf(t, "[%d] %s #%d", i+1, n.kind, n.n)
		others := t.shared && n.vague()
		if others {
			t.WriteString(" and others")
		}
		t.WriteString(": the clock was not synchronised, ")
		lengths := "The length is right"
		if n.first != n.last || others {
			lengths = "The length of each boot is right"
		}
		switch {
		case n.vague():
			fmt.Fprintf(t, "and nothing else tells when this was. %s, the times are what the clock said, moved on where boots would overlap.", lengths)
		case n.guessed():
			fmt.Fprintf(t, "and what it said cannot be right. %s, the place is a guess: ", lengths)
			t.window(n.window())
		default:
			fmt.Fprintf(t, "so the times are what it said. %s, the place is not certain: ", lengths)
			t.window(n.window())
		}
		if n.last.Aloft {
			t.WriteString(" It still goes on, and its times will be known as soon as the clock is synchronised.")
		}
		t.WriteString("\n")
	}
	t.estimates = t.estimates || len(t.notes) > 0
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
		t.WriteString("nothing in the journal tells where.")
	case w.Latest == nil:
		t.WriteString("somewhere after ")
		t.rounded(*w.Earliest)
	case w.Earliest == nil:
		t.WriteString("somewhere before ")
		t.rounded(*w.Latest)
	default:
		t.WriteString("somewhere between ")
		t.rounded(*w.Earliest)
		t.WriteString(" and ")
		t.rounded(*w.Latest)
	}
	if w != (ground.Window{}) {
		t.WriteString(".")
	}
}

// rounded writes the time of i to the nearest second. A window's ends are off by
// milliseconds from the ends of other boots that they come from, and should show
// the same second.
func (t *text) rounded(i journal.Instant) { t.time(i.Add(time.Second/2), false) }

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
		for _, d := range r.Machines[i].Clock {
			for _, e := range d.Events {
				if e.Kind == EventStep {
					show(&e.Old, &e.New)
				}
			}
		}
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
