package main

import (
	"regexp"
	"strconv"
	"time"

	"flightrec/journal"

	"github.com/urfave/cli/v2"
)

// layouts are the forms of --since and --until, beside a span back from now.
var layouts = []string{
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	time.DateOnly,
}

// spanForm is a span as time.ParseDuration has it, with weeks and days before.
var spanForm = regexp.MustCompile(`^(?:(\d+)w)?(?:(\d+)d)?((?:\d+(?:\.\d+)?(?:h|m|s))*)$`)

// parseTime reads a point of time, in zone where it names none.
func parseTime(s string, now time.Time, zone *time.Location) (journal.Instant, error) {
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			i := journal.InstantOf(t)
			if !i.Time().Equal(t) {
				return 0, usagef("time %q: not between 1677 and 2262", s)
			}
			return i, nil
		}
	}
	m := spanForm.FindStringSubmatch(s)
	if m == nil || s == "" {
		return 0, usagef("time %q: not a date, a date and time, RFC 3339, or a span such as 7d or 36h", s)
	}
	var clockPart time.Duration
	if m[3] != "" {
		var err error
		if clockPart, err = time.ParseDuration(m[3]); err != nil {
			return 0, usagef("time %q: %v", s, err)
		}
	}
	days := 0
	for i, each := range []int{7, 1} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil || n > 200_000 {
			return 0, usagef("time %q: longer than any journal", s)
		}
		days += n * each
	}
	return journal.InstantOf(now.In(zone).AddDate(0, 0, -days).Add(-clockPart)), nil
}

// period returns what --since and --until ask for; nil where they don't.
func period(c *cli.Context, now time.Time, zone *time.Location) (since, until *journal.Instant, err error) {
	for _, side := range []struct {
		name string
		at   **journal.Instant
	}{{"since", &since}, {"until", &until}} {
		if !c.IsSet(side.name) {
			continue
		}
		t, err := parseTime(c.String(side.name), now, zone)
		if err != nil {
			return nil, nil, err
		}
		*side.at = &t
	}
	if since != nil && until != nil && *since > *until {
		return nil, nil, usagef("since %s is after until %s", c.String("since"), c.String("until"))
	}
	return since, until, nil
}
