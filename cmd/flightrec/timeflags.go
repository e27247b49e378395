package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"

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

// selected sets the times that a report is about.
func selected(c *cli.Context, from origin, s *reports.Selection) (err error) {
	if s.Since, s.Until, err = period(c, from); err != nil {
		return err
	}
	s.Exclude, err = excluded(c, from)
	return err
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

// settle sets what times are counted from to what the flights that were read tell of now.
func (from *origin) settle(c *cli.Context, now func(reports.Hand) (now journal.Instant, known bool)) {
	hand := from.hand
	if names, err := namedDumps(c); err == nil && len(names) == 0 {
		hand.Live, hand.Boot = true, clock.Identify().Boot
	}
	at, known := now(hand)
	from.known = known
	off := at.Sub(hand.Wall)
	from.now = from.now.Add(off)
	if !from.boot.IsZero() {
		from.boot = from.boot.Add(off)
	}
}

// tell says so where times aren't counted from what the clock of this machine shows.
func (from *origin) tell(stderr io.Writer) {
	wall := from.hand.Wall.Time()
	if from.now.Sub(wall).Abs() > time.Minute {
		fmt.Fprintf(stderr, "flightrec: the clock of this machine says %s and is not synchronised: by the flights it is %s\n",
			wall.In(from.zone).Format(time.DateTime), from.now.In(from.zone).Format(time.DateTime))
	}
}

// run returns the facts of a report that is made from now.
func (from *origin) run() reports.Run {
	return reports.Run{Generated: from.hand.Wall, Now: journal.InstantOf(from.now), NowKnown: from.known, Zone: from.zone}
}

// startingFrom returns what the times of a command's flags are counted from: UTC with
// --utc, else the local zone. Where that can't be had it says so, and takes UTC.
func startingFrom(c *cli.Context) origin {
	r := new(clock.Clock).Now()
	from := origin{now: r.Wall, zone: time.UTC, known: r.Sync == clock.SyncSynced}
	from.hand = reports.Hand{Wall: journal.InstantOf(r.Wall), Synced: from.known, SinceBoot: clock.Unknown}
	if r.Absolute {
		from.boot, from.hand.SinceBoot = from.now.Add(-r.Boot), r.Boot
	}
	if c.Bool("utc") {
		return from
	}
	var err error
	if from.zone, err = localZone(); err != nil {
		fmt.Fprintf(c.App.ErrWriter, "flightrec: %s: times are in UTC\n", printable(err.Error()))
	}
	return from
}
