package main

import (
	"fmt"
	"strings"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/urfave/cli/v2"
)

// timeFlag returns the time that a flag names, nil where it isn't set.
func timeFlag(c *cli.Context, name string, from origin) (*journal.Instant, error) {
	if !c.IsSet(name) {
		return nil, nil
	}
	t, err := parseTime(c.String(name), from)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", name, err)
	}
	return &t, nil
}

// period returns what --since and --until ask for; nil where they don't.
func period(c *cli.Context, from origin) (since, until *journal.Instant, err error) {
	if since, err = timeFlag(c, "since", from); err != nil {
		return nil, nil, err
	}
	if until, err = timeFlag(c, "until", from); err != nil {
		return nil, nil, err
	}
	if since != nil && until != nil && *since > *until {
		return nil, nil, usagef("--since %s is after --until %s", c.String("since"), c.String("until"))
	}
	return since, until, nil
}

// excluded returns the times of planned maintenance, which --exclude leaves out.
func excluded(c *cli.Context, from origin) (spans []ground.Span, err error) {
	for _, text := range c.StringSlice("exclude") {
		begin, end, ok := strings.Cut(text, "..")
		if !ok {
			return nil, usagef("--exclude %q: not FROM..TO", text)
		}
		var s ground.Span
		if s.Start, err = parseTime(begin, from); err != nil {
			return nil, fmt.Errorf("--exclude: %w", err)
		}
		if s.End, err = parseTime(end, from); err != nil {
			return nil, fmt.Errorf("--exclude: %w", err)
		}
		if s.Start >= s.End {
			return nil, usagef("--exclude %q: ends before it begins", text)
		}
		spans = append(spans, s)
	}
	return spans, nil
}

// startingFrom returns what the times of a command's flags are counted from: UTC with
// --utc, else the local zone. Where that can't be had it says so, and takes UTC.
func startingFrom(c *cli.Context) origin {
	from := origin{now: time.Now(), zone: time.UTC}
	r := new(clock.Clock).Now()
	if r.Absolute {
		from.boot = from.now.Add(-r.Boot)
	}
	from.synced = r.Sync == clock.SyncSynced
	if c.Bool("utc") {
		return from
	}
	var err error
	if from.zone, err = localZone(); err != nil {
		fmt.Fprintf(c.App.ErrWriter, "flightrec: %s: times are in UTC\n", printable(err.Error()))
	}
	return from
}
