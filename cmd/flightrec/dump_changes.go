package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/segmentio/ksuid"
	"github.com/urfave/cli/v2"
)

const (
	// followRepeat is how long a flight that only went on isn't told again.
	followRepeat = time.Minute
	// followLook is how often it is asked whether the journal changed.
	followLook = time.Second
	// followShare is how many times longer than a reading the pause after it is.
	followShare = 10
)

// A teller tells the flights that changed, and notes which it told.
type teller struct {
	cursor *cursor
	last   map[ksuid.KSUID]telling
}

// telling is how a flight was told the last time.
type telling struct {
	line      digest
	ending    journal.Ending
	grounding ground.Grounding
	at        time.Time // zero if an earlier process told it
}

// tell passes the lines of flights that changed to write, and returns what was told then
// of all flights, for done, and when the next one is due that was told too short a time
// ago, else zero. What is aloft counts as changed, since the cursor doesn't note it.
func (t *teller) tell(flights []*ground.Flight, now time.Time, write func(line []byte) error) (told map[ksuid.KSUID]telling, due time.Time, err error) {
	told = make(map[ksuid.KSUID]telling, len(flights))
	var line []byte
	for _, f := range flights {
		line = render.AppendDump(line[:0], f)
		is := telling{digestOf(line), f.Ending, f.Grounding, now}
		was, known := t.last[f.ID]
		switch next := was.at.Add(followRepeat); {
		case known && was.line == is.line:
			told[f.ID] = was
		case !known && f.Ending != journal.EndingAloft && t.cursor.told[is.line]:
			is.at = time.Time{}
			told[f.ID] = is
		case known && was.ending == is.ending && was.grounding == is.grounding && now.Before(next):
			told[f.ID] = was
			if due.IsZero() || next.Before(due) {
				due = next
			}
		default:
			if err := write(line); err != nil {
				return nil, due, err
			}
			told[f.ID] = is
		}
	}
	return told, due, nil
}

// done notes what was told, and moves the cursor.
func (t *teller) done(told map[ksuid.KSUID]telling) error {
	t.last = told
	lines := make(map[digest]bool, len(told))
	for _, is := range told {
		if is.ending != journal.EndingAloft {
			lines[is.line] = true
		}
	}
	return t.cursor.move(lines)
}

// dumpChanges writes the flights that changed to the program's output, and moves the
// cursor once they are written.
func (t *teller) dumpChanges(c *cli.Context, flights []journal.Flight, asked reports.Selection, tell func(error)) (due time.Time, err error) {
	t.cursor.noteJournals(flights, tell)
	out := c.App.Writer.(*output)
	told, due, err := t.tell(reports.Flights(flights, asked), time.Now(), func(line []byte) error {
		_, err := out.Write(line)
		return err
	})
	if err == nil && t.cursor.file != "" {
		err = out.settle()
	} else if err == nil {
		err = out.flush()
	}
	if err != nil {
		return due, fmt.Errorf("writing output: %w", err)
	}
	return due, t.done(told)
}

// unlessUnread returns err, but nil if the reader of the output has gone: the cursor stands
// then where it stood.
func unlessUnread(err error) error {
	if errors.Is(err, errPipe) {
		return nil
	}
	return err
}

// follow writes what changed until a signal ends it. A journal that doesn't change isn't
// read again.
func (t *teller) follow(c *cli.Context, w *warnings, tell func(error)) error {
	ctx, _, stop := landing(c.Context)
	defer stop()
	source, err := newSource(c)
	if err != nil {
		return err
	}
	var before string
	var due time.Time
	warned := map[string]bool{}
	for pause := followLook; ; {
		stamp, err := source.stamp()
		if err != nil {
			return err
		}
		if began := time.Now(); stamp != before || !due.IsZero() && !began.Before(due) {
			found := &warnings{stderr: io.Discard}
			flights, err := source.read(found)
			if err != nil {
				return err
			}
			for _, text := range found.texts {
				if !warned[text] {
					warned[text] = true
					w.add(errors.New(text))
				}
			}
			if due, err = t.dumpChanges(c, prepared(c, flights), reports.Selection{}, tell); err != nil {
				return err
			}
			before, pause = stamp, max(followLook, followShare*time.Since(began))
		}
		if !sleep(ctx, pause) {
			return w.err()
		}
	}
}

// sleep waits, and reports whether ctx goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
