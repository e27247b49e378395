package main

import (
	"io"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"

	"github.com/urfave/cli/v2"
)

// report is the command of that name.
func report(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	format := c.String("format")
	if c.Bool("json") {
		format = "json"
	}
	write, ok := map[string]func(*reports.Report, io.Writer) error{
		"text": (*reports.Report).WriteText,
		"json": (*reports.Report).WriteJSON,
	}[format]
	if !ok {
		return usagef("format %q: not one of text, json", format)
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
	boots := ground.Ground(flights, ground.Options{Observed: c.Bool("observed")})
	r := reports.New(boots, reports.Options{
		Since: since, Until: until, Observed: c.Bool("observed"), All: c.Bool("all"), Clock: c.Bool("clock"),
		Now: journal.InstantOf(from.now), Zone: from.zone, Warnings: w.texts,
	})
	if err := print(c.App.Writer, func(out io.Writer) error { return write(r, out) }); err != nil {
		return err
	}
	return partial
}
