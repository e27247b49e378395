package main

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"flightrec/journal"
	"flightrec/reports"
)

// An origin is what times are counted from.
type origin struct {
	now   time.Time
	boot  time.Time // when this boot began; zero where that isn't known
	zone  *time.Location
	known bool         // nothing lies after now
	hand  reports.Hand // the clocks of this machine
}

// parseTime reads a point of time as people write it. The forms are listed by
// 'flightrec help times'.
func parseTime(s string, from origin) (journal.Instant, error) {
	text := strings.Join(strings.Fields(s), " ")
	t, ok := from.now, true
	switch word := strings.ToLower(text); {
	case word == "now":
	case word == "boot":
		if from.boot.IsZero() {
			return 0, errNoBoot
		}
		t = from.boot
	case strings.HasPrefix(word, "@"):
		t, ok = parseSeconds(word[1:])
	default:
		if t, ok = from.parseDate(text); !ok {
			t, ok = from.parseSpan(text)
		}
	}
	if !ok {
		return 0, hintError{usagef("%q is no time", s), "See 'flightrec help times'."}
	}
	i := journal.InstantOf(t)
	if !i.Time().Equal(t) {
		return 0, usagef("%q is not between 1677 and 2262", s)
	}
	return i, nil
}

// errNoBoot is what "boot" gives where nothing tells when this boot began.
var errNoBoot = usagef(`"boot": nothing tells when this boot began`)

var secondsForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(-?\d{1,12})(?:\.(\d{1,9}))?$`) })

// parseSeconds reads seconds since 1970.
func parseSeconds(s string) (time.Time, bool) {
	m := secondsForm().FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	seconds, _ := strconv.ParseInt(m[1], 10, 64)
	ns, _ := strconv.ParseInt((m[2] + "000000000")[:9], 10, 64)
	if m[1][0] == '-' {
		ns = -ns
	}
	return time.Unix(seconds, ns), true
}

var (
	dateForms = []string{"2006-01-02", "2 Jan 2006", "2 January 2006"}
	// Go reads a fraction of a second wherever seconds end.
	clockForms  = []string{"15:04:05", "15:04"}
	offsetForms = []string{"Z07:00", "Z0700", "Z07"}
)

// parseDate reads a year, a month, or a day with or without a time of day: by its
// date or by a word, as in "yesterday 14:00".
func (from origin) parseDate(text string) (time.Time, bool) {
	for _, form := range []string{"2006", "2006-01"} {
		if t, err := time.ParseInLocation(form, text, from.zone); err == nil {
			return t, true
		}
	}
	text, zone := cutZone(text, from.zone)
	from.zone = zone
	today := from.now.In(zone)
	first, rest, _ := strings.Cut(text, " ")
	day, isWeekday := weekdays[strings.ToLower(first)]
	if isWeekday {
		if t, ok := from.parseDay(rest); ok && rest != "" {
			return t, t.Weekday() == day // as in "Fri 2026-11-27"
		}
		back := int(today.Weekday()-day+7) % 7
		return parseClock(rest, today.AddDate(0, 0, -back))
	}
	if days, ok := dayWords[strings.ToLower(first)]; ok {
		return parseClock(rest, today.AddDate(0, 0, days))
	}
	if t, ok := parseClock(text, today); ok && text != "" {
		return t, true
	}
	return from.parseDay(text)
}

var (
	dayWords = map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}
	weekdays = map[string]time.Weekday{}
)

func init() {
	for d := time.Sunday; d <= time.Saturday; d++ {
		name := strings.ToLower(d.String())
		weekdays[name], weekdays[name[:3]] = d, d
	}
}

// cutZone cuts the name of a time zone off the end of a time.
func cutZone(text string, zone *time.Location) (string, *time.Location) {
	i := strings.LastIndexByte(text, ' ')
	if i < 0 || !strings.Contains(text, ":") {
		return text, zone
	}
	name := text[i+1:]
	if named, err := time.LoadLocation(name); err == nil && name != "" {
		return text[:i], named
	}
	return text, zone
}

// parseDay reads a day by its date, with or without a time of day behind it, which may
// have an offset. Without a year it is the latest such day.
func (from origin) parseDay(text string) (time.Time, bool) {
	for _, date := range dateForms {
		if t, err := time.ParseInLocation(date, text, from.zone); err == nil {
			return t, true
		}
		for _, clock := range clockForms {
			for _, offset := range append(offsetForms, "") {
				for _, form := range []string{date + "T" + clock + offset, date + " " + clock + offset, date + " " + clock + " " + offset} {
					if t, err := time.ParseInLocation(form, text, from.zone); err == nil {
						return t, true
					}
				}
			}
		}
	}
	for _, form := range []string{"2 Jan 2006", "2 Jan 2006 15:04", "2 Jan 2006 15:04:05"} {
		words := strings.SplitN(text, " ", 3)
		if len(words) < 2 {
			break
		}
		for back := range 8 { // 29 Feb may be eight years ago
			year := strconv.Itoa(from.now.In(from.zone).Year() - back)
			dated := strings.Join(append([]string{words[0], words[1], year}, words[2:]...), " ")
			if t, err := time.ParseInLocation(form, dated, from.zone); err == nil && !t.After(from.now) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// parseClock reads a time of day; nothing is midnight.
func parseClock(text string, day time.Time) (time.Time, bool) {
	y, m, d := day.Date()
	if text == "" {
		return time.Date(y, m, d, 0, 0, 0, 0, day.Location()), true
	}
	for _, form := range clockForms {
		if t, err := time.Parse(form, text); err == nil {
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), day.Location()), true
		}
	}
	return time.Time{}, false
}
