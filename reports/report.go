package reports

import (
	"cmp"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// Options say what a report is about; the zero value asks for everything.
type Options struct {
	Since, Until *journal.Instant // the time asked for; nil is no limit
	Observed     bool             // spans of the recorder alone, no use of boot IDs
	Clock        bool             // tell of the clocks, in the text instead of the periods
	Now          journal.Instant  // the moment of the report
	All          bool             // the text lists each boot of a crash loop
	Warnings     []string         // what could not be read, for the foot of the report
	Zone         *time.Location   // of the text's times; nil is UTC
}

// asked returns the time asked for, empty if it ends before it starts.
func (o *Options) asked() ground.Span {
	asked := everything
	if o.Since != nil {
		asked.Start = *o.Since
	}
	if o.Until != nil {
		asked.End = *o.Until
	}
	asked.End = max(asked.Start, asked.End)
	return asked
}

// Report says of each machine when it was up and when it was down.
type Report struct {
	Options
	Machines []Machine // in order of host, then of ID
}

// Machine is what a report says of one machine.
type Machine struct {
	Host    string   // its latest name
	ID      string   // journal.Takeoff.Machine of its flights, empty where not known
	Periods []Period // uptimes with a downtime before each, clipped to the time asked for
	Summary Summary
	Clock   []ClockLog // of its boots, in order of time, if asked for
}

// New reports on boots as [ground.Ground] returns them, which it doesn't change.
func New(boots []ground.Boot, opts Options) *Report {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	r := &Report{Options: opts}
	for _, boots := range byMachine(boots) {
		r.Machines = append(r.Machines, newMachine(boots, &opts))
	}
	slices.SortStableFunc(r.Machines, func(a, b Machine) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.ID, b.ID))
	})
	return r
}

// byMachine groups boots by machine, each group in order of takeoff. Machines are
// told apart by their IDs, and where those aren't known by their hosts.
func byMachine(boots []ground.Boot) [][]ground.Boot {
	type key struct{ machine, host string }
	keyOf := func(b *ground.Boot) key {
		if b.Machine == "" {
			return key{host: b.Flights[0].Takeoff.Host}
		}
		return key{machine: b.Machine}
	}
	other := func(b ground.Boot) bool { return keyOf(&b) != keyOf(&boots[0]) }
	if len(boots) > 0 && !slices.ContainsFunc(boots, other) {
		return [][]ground.Boot{boots}
	}
	var groups [][]ground.Boot
	index := make(map[key]int)
	for _, b := range boots {
		k := keyOf(&b)
		i, ok := index[k]
		if !ok {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], b)
	}
	return groups
}

// newMachine reports on one machine's boots, as they were grounded.
func newMachine(grounded []ground.Boot, opts *Options) Machine {
	m := Machine{ID: grounded[0].Machine}
	if opts.Clock {
		m.Clock = clockLogsOf(grounded, opts.asked())
	}
	boots := grounded
	if opts.Observed {
		boots = observed(grounded)
	}
	m.Host = latestHost(grounded)
	uptimes := uptimesOf(boots, opts.Observed)
	m.Periods = clip(periodsOf(uptimes), opts.asked())
	m.Summary = summarize(m.Periods, opts.Observed)
	m.Summary.settle(tallyOf(boots, opts), m.Periods, opts)
	return m
}

// clockLogsOf returns the clock logs of the boots that have to do with the time asked
// for.
func clockLogsOf(boots []ground.Boot, asked ground.Span) []ClockLog {
	var logs []ClockLog
	for _, b := range boots {
		if touches(b.Span, asked) {
			logs = append(logs, newClockLog(b))
		}
	}
	slices.SortStableFunc(logs, func(a, b ClockLog) int { return cmp.Compare(a.Start, b.Start) })
	return logs
}

// latestHost returns the host's name at the latest takeoff that knew it.
func latestHost(boots []ground.Boot) string {
	var latest *ground.Flight
	for _, b := range boots {
		for _, f := range b.Flights {
			if f.Takeoff.Host != "" && (latest == nil || compareTakeoff(latest, f) <= 0) {
				latest = f
			}
		}
	}
	if latest == nil {
		return ""
	}
	return latest.Takeoff.Host
}

// compareTakeoff puts flights in the journal's order of takeoff.
func compareTakeoff(a, b *ground.Flight) int {
	return cmp.Or(slices.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Lane, b.Lane))
}

// compareStart puts flights in order of takeoff on the true time line.
func compareStart(a, b *ground.Flight) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), compareTakeoff(a, b))
}
