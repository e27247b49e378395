package main

import (
	"cmp"
	"context"
	"fmt"

	"flightrec/journal"
	"flightrec/journal/store"

	"github.com/urfave/cli/v2"
)

// verify is the command of that name. What is wrong is its output, not its failure,
// so that goes to stdout.
func verify(c *cli.Context) error {
	wrong := 0
	out := c.App.Writer
	bar := newProgress(c.App.ErrWriter, "verifying")
	counts, err := verifyInput(c, func(err error) {
		wrong++
		bar.clear()
		fmt.Fprintf(out, "%s\n", printable(err.Error()))
	}, bar)
	bar.clear()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d flights, %d heartbeats, %d lanes, %d files, %d bytes: ", counts.Flights, counts.Beats, counts.Lanes, counts.Files, counts.Bytes)
	if wrong > 0 {
		fmt.Fprintf(out, "%d wrong\n", wrong)
		return errPartial
	}
	fmt.Fprintln(out, "all sound")
	return nil
}

// verifyInput verifies the dumps that are named, else the journal.
func verifyInput(c *cli.Context, wrong func(error), bar *progress) (store.Counts, error) {
	names, err := dumps(c)
	if err != nil {
		return store.Counts{}, err
	}
	if len(names) == 0 {
		dir, err := journalToRead(c)
		if err != nil {
			return store.Counts{}, err
		}
		counts, err := store.Verify(c.Context, dir, wrong, bar.show)
		return counts, noJournal(err)
	}
	var counts store.Counts
	lanes := map[string]bool{}
	memory, err := memoryOf(c)
	if err != nil {
		return counts, err
	}
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	to := &gatherer{memory: memory, stop: cancel}
	for _, name := range names {
		n, err := readDump(c, ctx, name, bar, func(f journal.Flight) {
			to.add(f)
			lanes[f.Takeoff.Machine+"/"+f.Lane] = true
		}, wrong)
		if err != nil {
			return counts, cmp.Or(to.err, err)
		}
		counts.Files++
		counts.Bytes += n
	}
	counts.Lanes = len(lanes)
	err = to.each(wrong, func(flights []journal.Flight) {
		counts.Flights += len(flights)
		for _, f := range flights {
			counts.Beats += f.Beats()
		}
	})
	return counts, err
}
