package worlds

import (
	"fmt"
	"slices"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// clockLogs returns where the clock log of a boot whose place is certain contradicts what
// its clocks truly said, or "".
func (w *world) clockLogs(boots []ground.Boot, r *reports.Machine) string {
	logs := map[ground.Span]*reports.ClockLog{}
	for i := range r.ClockLogs {
		logs[r.ClockLogs[i].Span] = &r.ClockLogs[i]
	}
	for _, b := range boots {
		log := logs[b.Span]
		l := w.records[b.Flights[0].ID].life
		slack := 2 * time.Second
		for _, f := range b.Flights {
			slack = max(slack, 2*f.Error+2*time.Second)
		}
		if log == nil || l.inside != nil || slices.ContainsFunc(b.Flights, func(f *ground.Flight) bool { return !certain(f) }) {
			continue
		}
		if msg := log1(l, log, slack); msg != "" {
			return fmt.Sprintf("clock log of %s: %s\n%s", b.ID, msg, tellLog(log))
		}
	}
	return ""
}

// log1 returns where a clock log contradicts the life that it is about, or "".
func log1(l *life, log *reports.ClockLog, slack time.Duration) string {
	for _, r := range l.flights {
		for _, t := range r.beats {
			c := l.At(t)
			utc := l.UTC(t)
			off := c.Wall().Sub(utc)
			told := slices.ContainsFunc(log.Events, func(e reports.Event) bool {
				return e.Kind == reports.EventWrong && e.Start <= utc.Add(slack+l.w.interval) && e.End >= utc.Add(-slack-l.w.interval)
			})
			if off.Abs() > slack+l.w.interval/100 && !told {
				return fmt.Sprintf("at %v the clock was ahead by %v, and nothing says so", utc.Time(), off)
			}
		}
	}
	for _, e := range log.Events {
		if e.Kind != reports.EventWrong {
			continue
		}
		for _, side := range []struct {
			at journal.Instant
			by time.Duration
		}{{e.Start, e.By}, {e.End, e.ByEnd}} {
			// Events begin and end between two heartbeats.
			near := func(at journal.Instant) bool { return (l.At(at).Wall().Sub(l.UTC(at)) - side.by).Abs() <= slack }
			beat := func(n time.Duration) bool {
				return near(side.at.Add(-n*l.w.interval)) || near(side.at.Add(-n*l.w.interval-slack))
			}
			if !beat(0) && !beat(1) && !beat(2) && !near(side.at.Add(-time.Millisecond)) && !near(side.at.Add(slack)) {
				return fmt.Sprintf("at %v the clock is said to have been ahead by %v, and was by %v", side.at.Time(), side.by, l.At(side.at).Wall().Sub(l.UTC(side.at)))
			}
		}
	}
	return ""
}

// tellLog writes a clock log for people.
func tellLog(log *reports.ClockLog) (text string) {
	for _, e := range log.Events {
		text += fmt.Sprintf("  %s from %v to %v by %v, at its end %v\n", e.Kind, e.Start.Time().Format(stamp), e.End.Time().Format(stamp), e.By, e.ByEnd)
	}
	return text
}
