package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"flightrec/journal/blackbox"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// whyRoom is how long before an outage a time may lie that is meant to name it: people
// name the minute.
const whyRoom = time.Minute

// why is the command of that name.
func why(c *cli.Context) error {
	if c.Bool("sources") {
		return whySources(c)
	}
	look, err := lookOf(c)
	if err != nil {
		return err
	}
	from := startingFrom(c)
	if _, _, err := whichOutage(c, from); err != nil {
		return err
	}
	if _, _, err := period(c, from); err != nil {
		return err
	}
	w := &warnings{stderr: c.App.ErrWriter}
	read, err := readFlights(c, w)
	if err != nil {
		return err
	}
	partial := w.err()
	from.settle(c, read.now)
	from.tell(c.App.ErrWriter)
	matches, what, err := whichOutage(c, from)
	if err != nil {
		return err
	}
	since, until, err := period(c, from)
	if err != nil {
		return err
	}
	opts := reports.Options{Run: from.run()}
	inTime := func(p *reports.Period) bool {
		return (since == nil || p.Whole.End > *since) && (until == nil || p.Whole.Start < *until) && matches(p)
	}
	var found bool
	if err := print(c.App.Writer, func(out io.Writer) (err error) {
		found, err = render.Why(out, read.report(opts), inTime, look)
		return err
	}); err != nil {
		return err
	}
	if !found {
		partial = errors.New(what)
	}
	return read.close(w, partial)
}

// whichOutage returns which outage the argument asks for, and what to say where there is
// no such one.
func whichOutage(c *cli.Context, from origin) (matches func(*reports.Period) bool, none string, err error) {
	text := strings.Join(c.Args().Slice(), " ")
	if text == "" {
		return func(*reports.Period) bool { return true }, "the machine was never seen to go down", nil
	}
	if n, err := strconv.Atoi(text); err == nil {
		return func(p *reports.Period) bool { return p.N == n }, fmt.Sprintf("no outage before uptime %d", n), nil
	}
	at, err := parseTime(text, from)
	if err != nil {
		return nil, "", err
	}
	return func(p *reports.Period) bool { return p.Whole.Start <= at.Add(whyRoom) && at < p.Whole.End }, "no outage at " + text, nil
}

// whySources writes what each source of the black box tells at this moment.
func whySources(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("--sources takes no argument")
	}
	dir, err := journalToRead(c)
	if err != nil {
		return err
	}
	look, err := lookOf(c)
	if err != nil {
		return err
	}
	var items []render.Item
	for _, s := range blackbox.New("/", dir).Sources() {
		item := render.Item{Name: s.Name, About: s.About, Lines: s.Told}
		if len(s.Told) == 0 {
			item.Lines = []string{"not on this machine"}
			if s.Hint != "" {
				item.Lines = append(item.Lines, "to have it: "+s.Hint)
			}
		}
		items = append(items, item)
	}
	return print(c.App.Writer, func(w io.Writer) error { return render.List(w, items, look) })
}
