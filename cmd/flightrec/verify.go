package main

import (
	"fmt"
	"io"

	"flightrec/journal"
	"flightrec/journal/store"

	"github.com/urfave/cli/v2"
)

// verify is the command of that name. What is wrong is its output, not its failure,
// so that goes to stdout.
func verify(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	wrong := 0
	out := &stickyWriter{w: c.App.Writer}
	bar := newProgress(c.App.ErrWriter)
	counts, err := verifyInput(c, func(err error) {
		wrong++
		bar.clear()
		fmt.Fprintf(out, "%s\n", printable(err.Error()))
	}, bar.show)
	bar.clear()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d flights, %d heartbeats, %d lanes, %d files, %d bytes: ", counts.Flights, counts.Beats, counts.Lanes, counts.Files, counts.Bytes)
	if wrong == 0 {
		fmt.Fprintln(out, "all sound")
	} else {
		fmt.Fprintf(out, "%d wrong\n", wrong)
	}
	if err := print(c.App.Writer, func(io.Writer) error { return out.err }); err != nil {
		return err
	}
	if wrong > 0 {
		return errPartial
	}
	return nil
}

// verifyInput verifies the dumps that --from names, else the journal.
func verifyInput(c *cli.Context, wrong func(error), progress func(done, all int64)) (store.Counts, error) {
	if !c.IsSet("from") {
		dir, err := journalToRead(c)
		if err != nil {
			return store.Counts{}, err
		}
		counts, err := store.Verify(c.Context, dir, wrong, progress)
		return counts, noJournal(err)
	}
	var counts store.Counts
	var all journal.List
	lanes := map[string]bool{}
	for _, name := range c.StringSlice("from") {
		n, err := readDump(c, name, func(f journal.Flight) {
			all.Add(f)
			lanes[f.Takeoff.Machine+"/"+f.Lane] = true
		}, wrong)
		if err != nil {
			return counts, err
		}
		counts.Files++
		counts.Bytes += n
	}
	flights := all.Flights(wrong)
	counts.Flights, counts.Lanes = len(flights), len(lanes)
	for _, f := range flights {
		counts.Beats += f.Beats()
	}
	return counts, nil
}
