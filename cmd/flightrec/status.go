package main

import (
	"errors"
	"io"
	"time"

	"flightrec/journal"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// askAgain is how often a status that waits looks at the journal.
const askAgain = time.Second

// status is the command of that name.
func status(c *cli.Context) error {
	look, err := lookOf(c)
	if err != nil {
		return err
	}
	dir := "" // of dumps
	if names, err := dumps(c); err != nil {
		return err
	} else if len(names) > 0 && c.IsSet("wait") {
		return usagef("--wait: a dump doesn't change")
	} else if len(names) == 0 {
		if dir, err = journalToRead(c); err != nil {
			return err
		}
	}
	until := time.Now().Add(c.Duration("wait"))
	for {
		from := startingFrom(c)
		w := &warnings{stderr: c.App.ErrWriter}
		read, err := readFlights(c, w)
		if err != nil {
			return err
		}
		partial := w.err()
		from.settle(c, read.now)
		opts := reports.Options{Run: from.run()}
		since := render.StatusSince(opts.Now)
		opts.Since, opts.Warnings = &since, w.texts
		r := read.report(opts)
		waits := c.IsSet("wait") && !isKnown(r)
		if waits && time.Now().Before(until) {
			select {
			case <-c.Context.Done():
				return c.Context.Err()
			case <-time.After(askAgain):
			}
			continue
		}
		from.tell(c.App.ErrWriter)
		if err := print(c.App.Writer, func(out io.Writer) error {
			if c.Bool("json") {
				return render.StatusJSON(out, r, dir)
			}
			return render.Status(out, r, dir, look)
		}); err != nil {
			return err
		}
		if waits {
			return errors.New("this boot's time is not known yet")
		}
		return read.close(w, partial)
	}
}

// isKnown reports whether the time of the boot that is being recorded is known.
func isKnown(r *reports.Report) bool {
	for m := range r.Machines {
		if l := m.Latest; l.Flight.Ending == journal.EndingAloft && !l.Up.Estimated() {
			return true
		}
	}
	return false
}
