package main

import (
	"io"

	"flightrec/journal"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// report is the command of that name.
func report(c *cli.Context) error {
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	from := startingFrom(c)
	since, until, err := period(c, from)
	if err != nil {
		return err
	}
	w := &warnings{stderr: c.App.ErrWriter}
	flights, err := readFlights(c, w)
	if err != nil {
		return err
	}
	partial := w.err()
	r := reports.New(flights, reports.Options{
		Selection: reports.Selection{Since: since, Until: until, Observed: c.Bool("observed")},
		Show:      reports.Show{All: c.Bool("all"), Clock: c.Bool("clock")},
		Run:       reports.Run{Generated: journal.InstantOf(from.now), Now: journal.InstantOf(from.now), NowKnown: from.synced, Zone: from.zone, Warnings: w.texts},
	})
	if err := print(c.App.Writer, func(out io.Writer) error { return format.Write(out, r, render.Look{}) }); err != nil {
		return err
	}
	return partial
}

// formatOf returns the format that --format or --json asks for.
func formatOf(c *cli.Context) (render.Format, error) {
	name := c.String("format")
	if c.Bool("json") {
		if c.IsSet("format") && name != "json" {
			return render.Format{}, usagef("--json and --format %s exclude each other", name)
		}
		name = "json"
	}
	format, err := render.Find(name)
	if err != nil {
		return render.Format{}, usageError{err}
	}
	return format, nil
}
