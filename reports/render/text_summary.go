package render

import (
	"fmt"
	"strings"
	"time"

	"flightrec/journal"
	"flightrec/reports"
)

// summary writes the line that ends a machine's part of the report: its figures.
//
//	up 99.93 % (12 days, 3:04:05), down 0:12:10 in 3 outages (2 crashes, 1 shutdown), unknown 1:02:03
//
// It begins with none of the words that the lines above it begin with, for the
// sake of programs that read those. The time since the last heartbeat is left out,
// so that a journal's report stays the same until there is something new to say.
func (t *text) summary(s *reports.Summary) {
	unknown := s.Unknown - s.Silent
	if unknown < reports.Length(time.Second/2) {
		unknown = 0 // what errors leave between boots that are known
	}
	// Where no outage is known by its length, a percentage would say that all is well.
	unmeasured := s.Outages > 0 && s.MeanDowntime == nil && s.Down < reports.Length(time.Second/2)
	t.WriteString("\nup ")
	if a, ok := s.Availability(); ok && !unmeasured {
		t.WriteString(PercentText(a))
		if unknown > 0 {
			t.WriteString(" of the time that is known")
		}
		fmt.Fprintf(t, " (%s)", wholeSeconds(s.Up))
	} else {
		t.WriteString(wholeSeconds(s.Up))
	}
	switch {
	case unmeasured:
		fmt.Fprintf(t, ", %s of unknown length", outages(s))
	case s.Outages > 0:
		fmt.Fprintf(t, ", down %s in %s", wholeSeconds(s.Down), outages(s))
	case s.Down > 0:
		fmt.Fprintf(t, ", down %s", wholeSeconds(s.Down))
	default:
		t.WriteString(", never down")
	}
	if unknown > 0 {
		fmt.Fprintf(t, ", unknown %s", wholeSeconds(unknown))
	}
	t.WriteString("\n")
}

// silent says since when nobody is recording, where nobody is.
func (t *text) silent(l *reports.Latest) {
	if l.Flight.Ending == journal.EndingAloft {
		return
	}
	t.WriteString("silent since ")
	t.time(l.Sign, l.Up.EndEstimated)
	t.WriteString("\n")
}

// outages returns how many outages there were, of each cause.
func outages(s *reports.Summary) string {
	var causes []string
	count := func(n int, one, more string) {
		switch {
		case n == 1:
			causes = append(causes, "1 "+one)
		case n > 1:
			causes = append(causes, fmt.Sprintf("%d %s", n, more))
		}
	}
	count(s.Crashes, "crash", "crashes")
	count(s.Shutdowns, "shutdown", "shutdowns")
	count(s.Stopped, "stopped", "stopped")
	if len(causes) > 0 {
		count(s.Outages-s.Crashes-s.Shutdowns-s.Stopped, "of unknown cause", "of unknown cause")
	}
	text := "1 outage"
	if s.Outages > 1 {
		text = fmt.Sprintf("%d outages", s.Outages)
	}
	if len(causes) > 0 {
		text += " (" + strings.Join(causes, ", ") + ")"
	}
	return text
}

// PercentText returns a in percent, cut off after two digits: what was not up all the
// time is never called 100 %.
func PercentText(a float64) string {
	if a == 1 {
		return "100 %"
	}
	n := int(a * 1e4)
	return fmt.Sprintf("%d.%02d %%", n/100, n%100)
}

// wholeSeconds returns l as durations are written, to the nearest second.
func wholeSeconds(l reports.Length) string {
	text := string(appendDuration(nil, l+reports.Length(time.Second/2)))
	return text[:len(text)-len(".000000")]
}
