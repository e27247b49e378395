package main

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A span is a length of time in the units of the calendar.
type span struct {
	months, days int
	rest         time.Duration
}

// units are those of systemd.time(7), with mo for a month beside.
var units = map[string]span{}

func init() {
	for names, unit := range map[string]span{
		"year years y":                     {months: 12},
		"month months mo M":                {months: 1},
		"week weeks w":                     {days: 7},
		"day days d":                       {days: 1},
		"hour hours hr h":                  {rest: time.Hour},
		"minute minutes min m":             {rest: time.Minute},
		"second seconds sec s":             {rest: time.Second},
		"msec ms millisecond milliseconds": {rest: time.Millisecond},
		"usec us µs μs":                    {rest: time.Microsecond},
	} {
		for name := range strings.FieldsSeq(names) {
			units[name] = unit
		}
	}
}

// spanPart is a number and its unit, as in "2 weeks" or "1.5h".
var spanPart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{1,9})(\.\d{1,9})? ?([A-Za-zµμ]+) ?`)
})

// parseSpan reads a span back from now: "7d", "-7d", "1w2d", "2 weeks ago".
func (from origin) parseSpan(text string) (time.Time, bool) {
	if before, ok := strings.CutSuffix(strings.ToLower(text), " ago"); ok {
		text = text[:len(before)]
	} else {
		text = strings.TrimPrefix(text, "-")
	}
	if text == "" {
		return time.Time{}, false
	}
	var s span
	for text != "" {
		m := spanPart().FindStringSubmatch(text)
		if m == nil || !s.add(m[1], m[2], m[3]) {
			return time.Time{}, false
		}
		text = text[len(m[0]):]
	}
	return s.before(from.now.In(from.zone)), true
}

// longest bounds a span: no journal is as old.
const longest = 100 * 365 * 24 * time.Hour

// add adds a number of units. Only days and what is shorter have fractions.
func (s *span) add(whole, fraction, name string) bool {
	unit, ok := units[name]
	if !ok {
		unit, ok = units[strings.ToLower(name)]
	}
	if !ok || unit.months > 0 && fraction != "" {
		return false
	}
	n, _ := strconv.Atoi(whole)
	part, _ := strconv.ParseFloat("0"+fraction, 64)
	s.months += n * unit.months
	s.days += n * unit.days
	length := float64(n)*float64(unit.rest) + part*(float64(unit.rest)+float64(unit.days)*24*float64(time.Hour))
	if length > float64(longest) {
		return false
	}
	s.rest += time.Duration(length)
	return s.months <= 12*600 && s.days <= 366*600 && s.rest <= longest
}

// before returns the point of time a span before t. A month before the 31st of March
// is the last of February.
func (s span) before(t time.Time) time.Time {
	if s.months > 0 {
		first := t.AddDate(0, 0, 1-t.Day()).AddDate(0, -s.months, 0)
		last := first.AddDate(0, 1, -1).Day()
		t = first.AddDate(0, 0, min(t.Day(), last)-1)
	}
	return t.AddDate(0, 0, -s.days).Add(-s.rest)
}
