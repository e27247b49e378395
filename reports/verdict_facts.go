package reports

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"flightrec/journal"
)

// facts are what the rules look at: both sides of an outage.
type facts struct {
	before, after map[string][]string // what each source told, in the boot before and after
	known         bool                // evidence was looked for in the boot before
	older         journal.Extremes
	latest        []journal.Sample
	now           map[journal.Vital]int64 // vitals at the last heartbeat
	end           time.Duration           // that heartbeat, since takeoff
	wall          journal.Instant         // what the wall clock said then
}

// newFacts returns the facts of how u ended, which next follows.
func newFacts(u, next *Uptime) *facts {
	f := &facts{before: cluesOf(u), after: cluesOf(next), known: u.hasBox()}
	vitals, last := u.lastVitals()
	f.older, f.latest = vitals.Parts()
	_, f.now = journal.Known(f.older, f.latest)
	f.end, f.wall = last.Elapsed, last.Wall
	return f
}

// cluesOf returns what each source told in a boot, in order.
func cluesOf(u *Uptime) map[string][]string {
	all := make(map[string][]string)
	for _, f := range u.flights {
		for _, c := range f.Evidence {
			if !slices.Contains(all[c.Source], c.Value) {
				all[c.Source] = append(all[c.Source], c.Value)
			}
		}
	}
	return all
}

// number returns what a source told as a number after the outage.
func (f *facts) number(source string) (n int64, raw string, ok bool) {
	values := f.after[source]
	if len(values) == 0 {
		return 0, "", false
	}
	n, err := strconv.ParseInt(values[0], 0, 64)
	return n, source + " " + values[0], err == nil
}

// told returns what a source told after the outage, in lower case.
func (f *facts) told(source string) (text, raw string) {
	if values := f.after[source]; len(values) > 0 {
		return strings.ToLower(values[0]), source + " " + values[0]
	}
	return "", ""
}

// field returns a field of what a source told, as in "panic=10"; -1 where there is none.
func field(value, name string) int64 {
	for word := range strings.FieldsSeq(value) {
		if text, ok := strings.CutPrefix(word, name+"="); ok {
			if n, err := strconv.ParseInt(text, 0, 64); err == nil {
				return n
			}
		}
	}
	return -1
}

// orderly says whether the system itself wrote down that it was shut down.
type orderly uint8

const (
	orderlyUnknown orderly = iota // it writes down nothing, or nobody looked
	orderlyProven                 // a shutdown is the first mark after the boot
	orderlyNone                   // another boot is
)

// news returns the boots and shutdowns that the system wrote down after the boot before
// the outage; nil where that can't be told. A board without a clock may boot at the same
// second each time, so that the earlier marks fit to more than one place among the later.
func (f *facts) news() (news []string) {
	before, after := lastMarks(f.before), lastMarks(f.after)
	fits := 0
	for i := range after {
		if follows(before, after, i+1) {
			fits++
			news = after[i+1:]
		}
	}
	if fits != 1 {
		return nil // so too where wtmp was rotated, or more was written than is told
	}
	if strings.HasPrefix(before[len(before)-1], "shutdown@") && len(news) > 0 && strings.HasPrefix(news[0], "boot@") {
		news = news[1:] // the mark of the boot before itself, which took off earlier
	}
	return news
}

// follows reports whether the first n of after can be the last marks of before, and the
// others were written later. Of either, older marks are known only where fewer than
// marksTold were told.
func follows(before, after []string, n int) bool {
	if n > len(before) || n < len(before) && len(after) < marksTold {
		return false
	}
	return slices.Equal(before[len(before)-n:], after[:n])
}

// lastMarks returns the marks of wtmp as they were told last.
func lastMarks(clues map[string][]string) []string {
	values := clues["wtmp"]
	if len(values) == 0 {
		return nil
	}
	return strings.Fields(values[len(values)-1])
}

// marks returns the news as they were recorded.
func (f *facts) marks() string { return strings.Join(f.news(), " ") }

// orderly says how the boot before ended by what the system wrote down.
func (f *facts) orderly() orderly {
	switch news := f.news(); {
	case len(news) == 0:
		return orderlyUnknown
	case strings.HasPrefix(news[0], "shutdown@"):
		return orderlyProven
	}
	return orderlyNone
}

// soon reports whether the system was shut down within two minutes of the last heartbeat,
// by the same wall clock.
func (f *facts) soon() bool {
	seconds, err := strconv.ParseInt(strings.TrimPrefix(f.news()[0], "shutdown@"), 10, 64)
	after := journal.InstantOf(time.Unix(seconds, 0)).Sub(f.wall)
	return err == nil && after > -2*time.Second && after < 2*time.Minute
}

// marksTold is how many marks of wtmp are recorded at a takeoff, as package blackbox has it.
const marksTold = 4

// skipped reports whether there was a boot in between in which nobody recorded: what
// registers say after the outage is of the end of that one then. So many marks that the
// one before isn't among them are of several boots.
func (f *facts) skipped() bool {
	before, after := lastMarks(f.before), lastMarks(f.after)
	if len(before) > 0 && len(after) >= marksTold && !slices.Contains(after, before[len(before)-1]) {
		return true
	}
	boots := 0
	for _, mark := range f.news() {
		if strings.HasPrefix(mark, "boot@") {
			boots++
		}
	}
	return boots > 1
}

// newRecords returns what a source told of panic records after the outage and not before.
// Where nobody looked before, the record's time must be that of the end.
func (f *facts) newRecords(source string) (atEnd, earlier []string) {
	for _, value := range f.after[source] {
		words := strings.Fields(value)
		if len(words) < 2 || slices.Contains(f.before[source], value) {
			continue
		}
		t, err := time.Parse(time.RFC3339, words[1])
		if err != nil {
			continue
		}
		// The record has the wall clock of its moment, in whole seconds.
		switch at := journal.InstantOf(t); {
		case at < f.wall.Add(-2*time.Second):
			if f.known {
				earlier = append(earlier, value)
			}
		case f.known || at < f.wall.Add(5*time.Minute):
			atEnd = append(atEnd, value)
		}
	}
	return atEnd, earlier
}

// risen reports whether an alarm rose within a time before the last heartbeat, and how
// long before it did so last.
func (f *facts) risen(a journal.Alarms, within time.Duration) (ago time.Duration, ok bool) {
	last := time.Duration(-1)
	for _, s := range f.older.Alarms {
		if s.Alarm == a {
			last = s.Last
		}
	}
	for _, s := range f.latest {
		if s.Alarms&a != 0 {
			last = s.Elapsed
		}
	}
	ago = max(0, f.end-last)
	return ago, last >= 0 && ago <= within
}

// changed reports whether a vital was told within a time before the last heartbeat.
func (f *facts) changed(v journal.Vital, within time.Duration) bool {
	for _, s := range f.latest {
		if s.Elapsed >= f.end-within && slices.ContainsFunc(s.Values, func(value journal.Value) bool { return value.Vital == v }) {
			return true
		}
	}
	return false
}
