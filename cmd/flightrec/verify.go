package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"flightrec/journal"

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
func verifyInput(c *cli.Context, wrong func(error), progress func(done, all int64)) (journal.Counts, error) {
	if !c.IsSet("from") {
		dir, err := journalToRead(c)
		if err != nil {
			return journal.Counts{}, err
		}
		counts, err := journal.Verify(c.Context, dir, wrong, progress)
		return counts, noJournal(err)
	}
	var counts journal.Counts
	var all journal.Gathering
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

// stickyWriter keeps the first error, and writes nothing after it.
type stickyWriter struct {
	w   io.Writer
	err error
}

// Write writes.
func (s *stickyWriter) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

// progress is a line on a terminal that says how far a long task has come.
type progress struct {
	w     io.Writer // nil where there is no terminal
	since time.Time
	shown string
}

// progressAfter is how long a task may take without a word.
const progressAfter = time.Second

func newProgress(stderr io.Writer) *progress {
	p := &progress{since: time.Now()}
	if f, ok := stderr.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.w = stderr
		}
	}
	return p
}

// show draws the line anew.
func (p *progress) show(done, all int64) {
	if p.w == nil || all <= 0 || time.Since(p.since) < progressAfter {
		return
	}
	if text := fmt.Sprintf("\rverifying: %d%%", min(100*done/all, 100)); text != p.shown {
		p.shown = text
		fmt.Fprint(p.w, text)
	}
}

// clear takes the line away.
func (p *progress) clear() {
	if p.shown != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = ""
	}
}
