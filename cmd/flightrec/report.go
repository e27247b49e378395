package main

import (
	"io"

	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// tableRows is how many uptimes a terminal is shown unless more are asked for.
const tableRows = 20

// report is the command of that name.
func report(c *cli.Context) error {
	from := startingFrom(c)
	write, err := writerOf(c, &from)
	if err != nil {
		return err
	}
	opts := reports.Options{
		Selection: reports.Selection{Observed: c.Bool("observed")},
		Show:      reports.Show{All: c.Bool("all"), Clock: c.Bool("clock"), Last: c.Int("n"), Reverse: c.Bool("reverse")},
	}
	if c.Int("n") < 0 {
		return usagef("-n %d: not a number of uptimes", c.Int("n"))
	}
	if terminalFace(c) && !c.IsSet("n") && !opts.All {
		opts.Last = tableRows
	}
	if err := selected(c, from, &opts.Selection); err != nil {
		return err
	}
	w := &warnings{stderr: c.App.ErrWriter}
	read, err := readFlights(c, w)
	if err != nil {
		return err
	}
	partial := w.err()
	from.settle(c, read.now)
	if err := selected(c, from, &opts.Selection); err != nil {
		return err
	}
	from.tell(c.App.ErrWriter)
	opts.Run = from.run()
	opts.Warnings, opts.Journal = w.texts, unusualJournal(c)
	c.App.Writer.(*output).paged()
	if err := print(c.App.Writer, func(out io.Writer) error { return write(out, read.report(opts)) }); err != nil {
		return err
	}
	return read.close(w, partial)
}

// writerOf returns what writes the report that --by, --at, --format and --json ask for.
func writerOf(c *cli.Context, from *origin) (func(io.Writer, *reports.Report) error, error) {
	look, err := lookOf(c)
	if err != nil {
		return nil, err
	}
	asJSON := c.Bool("json") || c.String("format") == "json"
	if name := c.String("format"); c.Bool("json") && c.IsSet("format") && name != "json" {
		return nil, usagef("--json and --format %s exclude each other", name)
	}
	for _, view := range []string{"by", "at"} {
		if c.IsSet(view) && c.IsSet("format") && !asJSON {
			return nil, usagef("--%s has no --format but json", view)
		}
	}
	switch {
	case c.String("by") == "machine":
		if asJSON {
			return render.ByMachineJSON, nil
		}
		return func(w io.Writer, r *reports.Report) error { return render.ByMachine(w, r, look) }, nil
	case c.IsSet("by"):
		name, err := oneOf(c, "by", "UNIT")
		if err != nil {
			return nil, err
		}
		unit, err := reports.ParseUnit(name)
		if err != nil {
			return nil, err
		}
		if asJSON {
			return func(w io.Writer, r *reports.Report) error { return render.ByJSON(w, r, unit) }, nil
		}
		return func(w io.Writer, r *reports.Report) error { return render.By(w, r, unit, look) }, nil
	case c.IsSet("at"):
		if _, err := timeFlag(c, "at", *from); err != nil {
			return nil, err
		}
		return func(w io.Writer, r *reports.Report) error {
			at, err := timeFlag(c, "at", *from) // from what now is known to be by then
			switch {
			case err != nil:
				return err
			case asJSON:
				return render.AtJSON(w, r, *at)
			}
			return render.At(w, r, *at, look)
		}, nil
	}
	name := c.String("format")
	switch {
	case asJSON:
		name = "json"
	case name == "" && terminalFace(c):
		name = "table"
	case name == "":
		name = "text"
	}
	format, err := render.Find(name)
	if err != nil {
		return nil, usageError{err}
	}
	return func(w io.Writer, r *reports.Report) error { return format.Write(w, r, look) }, nil
}

// terminalFace reports whether a report is the one for people at a terminal. The clock
// log and the lines of the original have one face only.
func terminalFace(c *cli.Context) bool {
	return c.App.Writer.(*output).terminal.file != nil && !c.IsSet("format") && !c.Bool("json") && !c.Bool("observed") && !c.Bool("clock") || c.String("format") == "table"
}

// lookOf returns what a report may look like, by the terminal and the flags.
func lookOf(c *cli.Context) (render.Look, error) {
	color, err := oneOf(c, "color", "WHEN")
	if err != nil {
		return render.Look{}, err
	}
	t := c.App.Writer.(*output).terminal
	return render.Look{Width: t.width, UTF8: isUTF8(), Color: t.coloured(color), ISO: c.Bool("iso")}, nil
}
