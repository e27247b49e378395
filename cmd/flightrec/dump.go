package main

import (
	"io"

	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// dump is the command of that name.
func dump(c *cli.Context) error {
	since, until, err := period(c, startingFrom(c))
	if err != nil {
		return err
	}
	w := &warnings{stderr: c.App.ErrWriter}
	flights, err := readFlights(c, w)
	if err != nil {
		return err
	}
	partial := w.err()
	grounded := reports.Flights(flights, reports.Selection{Since: since, Until: until})
	if err := print(c.App.Writer, func(out io.Writer) error { return render.Dump(out, grounded) }); err != nil {
		return err
	}
	return partial
}
