package reports

import (
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// Unit is a unit of the calendar by which time is summed up.
type Unit uint8

const (
	UnitDay Unit = iota
	UnitWeek
	UnitMonth
	UnitYear
)

var unitNames = [...]string{"day", "week", "month", "year"}

// String returns the unit as --by spells it.
func (u Unit) String() string { return unitNames[u] }

// ParseUnit returns the unit that s names.
func ParseUnit(s string) (Unit, error) {
	for i, name := range unitNames {
		if name == s {
			return Unit(i), nil
		}
	}
	return 0, fmt.Errorf("unit %q: not one of day, week, month, year", s)
}

// begin returns the beginning of the unit that holds t, in t's zone. Weeks begin on Monday
// (ISO 8601).
func (u Unit) begin(t time.Time) time.Time {
	year, month, day := t.Date()
	switch u {
	case UnitWeek:
		day -= (int(t.Weekday()) + 6) % 7
	case UnitMonth:
		day = 1
	case UnitYear:
		month, day = time.January, 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
}

// next returns the beginning of the unit after the one that begins at t.
func (u Unit) next(t time.Time) time.Time {
	switch u {
	case UnitDay:
		return t.AddDate(0, 0, 1)
	case UnitWeek:
		return t.AddDate(0, 0, 7)
	case UnitMonth:
		return t.AddDate(0, 1, 0)
	}
	return t.AddDate(1, 0, 0)
}

// Label returns the unit that begins at t as it is listed: 2026-11-27, 2026-W48, 2026-11,
// 2026.
func (u Unit) Label(t time.Time) string {
	switch u {
	case UnitWeek:
		year, week := t.ISOWeek()
		return fmt.Sprintf("%d-W%02d", year, week)
	case UnitMonth:
		return t.Format("2006-01")
	case UnitYear:
		return t.Format("2006")
	}
	return t.Format(time.DateOnly)
}

// Bucket is what a machine was in a stretch of time. Up, Down, Unknown and Excluded add up
// to it. A boot and a crash count where they began.
type Bucket struct {
	Label string
	ground.Span
	Up, Down, Unknown, Excluded Length
	Boots, Crashes              int
}

// Availability is that of a [Summary].
func (b *Bucket) Availability() (float64, bool) {
	return (&Summary{Up: b.Up, Down: b.Down}).Availability()
}

// By sums a machine's time line up by units of the calendar in a zone. The first and the
// last are cut where the line is.
func (m *Machine) By(u Unit, zone *time.Location) []Bucket {
	var buckets []Bucket
	for _, s := range m.Line {
		for s.Start < s.End {
			if n := len(buckets); n == 0 || buckets[n-1].End <= s.Start {
				begin := u.begin(s.Start.Time().In(zone))
				buckets = append(buckets, Bucket{Label: u.Label(begin), Span: ground.Span{Start: s.Start, End: journal.InstantOf(u.next(begin))}})
			}
			b := &buckets[len(buckets)-1]
			part := common(s.Span, b.Span)
			b.add(&s, LengthOf(part), part.Start)
			if part.End <= s.Start {
				break // the end of all time
			}
			s.Start = part.End
		}
	}
	if n := len(buckets); n > 0 {
		buckets[n-1].End = m.Line[len(m.Line)-1].End
	}
	return buckets
}

// add adds a part of a span that begins at start.
func (b *Bucket) add(s *Span, l Length, start journal.Instant) {
	switch {
	case s.Excluded:
		b.Excluded += l
		return
	case s.State == StateUp:
		b.Up += l
	case s.State == StateDown:
		b.Down += l
	default:
		b.Unknown += l
	}
	if p := s.Period; p != nil && p.Start == start {
		if p.Up() {
			b.Boots += p.Boots
		} else if p.Cause == CauseCrash {
			b.Crashes++
		}
	}
}

// At returns the span of m's line in which t lies, joined with its neighbours of the same
// state and cause, and false if t is outside of the line.
func (m *Machine) At(t journal.Instant) (Span, bool) {
	for i := range m.Line {
		s := m.Line[i]
		if t < s.Start || s.End <= t {
			continue
		}
		for j := i - 1; j >= 0 && m.Line[j].State == s.State && m.Line[j].Cause == s.Cause && m.Line[j].Period == s.Period; j-- {
			s.Start = m.Line[j].Start
		}
		for j := i + 1; j < len(m.Line) && m.Line[j].State == s.State && m.Line[j].Cause == s.Cause && m.Line[j].Period == s.Period; j++ {
			s.End = m.Line[j].End
		}
		return s, true
	}
	return Span{}, false
}

// Cell is a day in a strip of days: the worst that it held.
type Cell uint8

const (
	CellUnknown Cell = iota // nothing is known of any of it
	CellUp                  // up, as far as is known
	CellVague               // in part unknown, and never known to be down
	CellDown                // down for some of it
	CellCrash               // a crash
)

// Strip returns the days that end with the one of now, each with its worst state. Days
// before the line are unknown.
func (m *Machine) Strip(days int, now journal.Instant, zone *time.Location) []Cell {
	strip := make([]Cell, days)
	today := UnitDay.begin(now.Time().In(zone))
	index := make(map[string]int, days)
	for i := range days {
		index[UnitDay.Label(today.AddDate(0, 0, i-days+1))] = i
	}
	for _, b := range m.By(UnitDay, zone) {
		i, ok := index[b.Label]
		if !ok {
			continue
		}
		switch {
		case b.Crashes > 0:
			strip[i] = CellCrash
		case b.Down > 0:
			strip[i] = CellDown
		case b.Up > 0 && b.Unknown > 0 && i < days-1:
			strip[i] = CellVague
		case b.Up > 0:
			strip[i] = CellUp
		}
	}
	return strip
}
