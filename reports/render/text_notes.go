package render

import (
	"fmt"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// noteKinds are the words with which the lines begin that notes are about.
var noteKinds = [...]string{reports.NoteUptime: "UPTIME", reports.NoteFlight: "FLIGHT", reports.NoteLoop: "CRASH LOOP", reports.NoteBefore: "BEFORE DOWNTIME", reports.NoteAfter: "AFTER DOWNTIME"}

// notes writes footnotes.
func (t *text) notes(notes []reports.Note) {
	for i := range notes {
		n := &notes[i]
		if i == 0 {
			t.WriteString("\n")
		}
		fmt.Fprintf(t, "[%d] %s #%d", i+1, noteKinds[n.Of], n.N)
		if n.Others {
			t.WriteString(" and others")
		}
		t.WriteString(": ")
		if n.Undecided {
			t.WriteString("nothing tells whose boot clock that was, so the machine may have been up before; ")
		}
		for _, d := range n.Doubts {
			t.doubt(d)
		}
		if n.Certain {
			t.WriteString("It is not believed.\n")
			continue
		}
		if n.Anchored {
			t.anchored(n)
			continue
		}
		if len(n.Doubts) == 0 {
			t.WriteString("the clock was not synchronised, ")
		}
		lengths := "The length is right"
		switch {
		case n.Undecided:
			lengths = "The length is the least"
		case n.Boots || n.Others:
			lengths = "The length of each boot is right"
		}
		switch {
		case len(n.Doubts) > 0:
			fmt.Fprintf(t, "%s, the place is not certain: ", lengths)
			t.window(n.Window)
		case n.Weak && !n.Guessed && !n.Vague():
			fmt.Fprintf(t, "but somebody set it, so the times are what it said. %s, the place is not certain: ", lengths)
			t.window(n.Window)
		case n.Vague():
			fmt.Fprintf(t, "and nothing else tells when this was. %s, the times are what the clock said, moved on where boots would overlap.", lengths)
		case n.Guessed:
			fmt.Fprintf(t, "and what it said cannot be right. %s, the place is a guess: ", lengths)
			t.window(n.Window)
		default:
			fmt.Fprintf(t, "so the times are what it said. %s, the place is not certain: ", lengths)
			t.window(n.Window)
		}
		if n.Aloft {
			t.WriteString(" It still goes on, and its times will be known as soon as the clock is synchronised.")
		}
		t.WriteString("\n")
	}
	t.estimates = t.estimates || slices.ContainsFunc(notes, func(n reports.Note) bool { return !n.Certain })
}

// doubt says what a clock claimed and what contradicts it.
func (t *text) doubt(d ground.Doubt) {
	t.WriteString("the clock claimed to be synchronised and said ")
	t.time(d.Claimed.Start, false)
	if !d.Disputed {
		fmt.Fprintf(t, ", but %s. ", d.Against)
		return
	}
	fmt.Fprintf(t, ", and %s; nothing tells which is right. ", d.Against)
}

// anchored writes where the ends may be that are far from when the clock was right.
func (t *text) anchored(n *reports.Note) {
	if !n.Undecided {
		t.WriteString("the clock was right for a part of the time only. ")
	}
	switch {
	case n.Undecided && !n.End:
		t.WriteString("where it began is not certain: ")
	case n.Start && n.End:
		t.WriteString("The rest is not certain: ")
	case n.Start:
		t.WriteString("The start is not certain: ")
	default:
		t.WriteString("The end is not certain: ")
	}
	t.window(n.Window)
	if n.Aloft {
		t.WriteString(" It still goes on.")
	}
	t.WriteString("\n")
}

// window writes a window in words.
func (t *text) window(w ground.Window) {
	switch {
	case w.Earliest == nil && w.Latest == nil:
		t.WriteString("nothing in the journal tells where.")
		return
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
	t.WriteString(".")
}

// rounded writes the time of i to the nearest second. A window's ends are off by
// milliseconds from the ends of other boots that they come from, and should show
// the same second.
func (t *text) rounded(i journal.Instant) { t.time(i.Add(time.Second/2), false) }
