package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"flightrec/journal"
	"flightrec/journal/store"
	"flightrec/reports"

	"github.com/urfave/cli/v2"
)

// A source is a journal, or dumps, that is read again and again.
type source struct {
	c     *cli.Context
	dir   string // the journal's folder; "" for dumps
	files map[string]dumpFile
}

// dumpFile is a dump as it was when it was last read.
type dumpFile struct {
	stamp    string
	flights  []journal.Flight
	warnings []error
}

// newSource returns what the flags name.
func newSource(c *cli.Context) (*source, error) {
	s := &source{c: c}
	names, err := dumps(c)
	switch {
	case err != nil:
		return nil, err
	case len(names) == 0:
		s.dir, err = journalToRead(c)
		return s, err
	}
	for _, name := range names {
		if name == "-" {
			return nil, usagef("stdin can't be read again and again")
		}
	}
	return s, nil
}

// stamp returns a text that changes with what there is to read.
func (s *source) stamp() (string, error) {
	if s.dir != "" {
		stamp, err := store.Stamp(s.dir)
		return stamp, noJournal(err)
	}
	names, err := dumps(s.c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range names {
		stamp, err := fileStamp(name)
		if err != nil {
			return "", err
		}
		b.WriteString(stamp)
	}
	return b.String(), nil
}

// fileStamp returns a text that changes with a file.
func fileStamp(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", fmt.Errorf("reading dump: %w", err)
	}
	return fmt.Sprintln(name, info.Size(), info.ModTime().UnixNano()), nil
}

// read returns the flights. Dumps that have not changed are not read again.
func (s *source) read(w *warnings) (flights []journal.Flight, err error) {
	if s.dir != "" {
		flights, err = store.Read(s.c.Context, s.dir, w.add)
		err = noJournal(err)
	} else {
		flights, err = s.readDumps(w)
	}
	if err != nil {
		return nil, err
	}
	return ofMachine(s.c, flights)
}

// readDumps returns the flights of all dumps.
func (s *source) readDumps(w *warnings) ([]journal.Flight, error) {
	names, err := dumps(s.c)
	if err != nil {
		return nil, err
	}
	files := make(map[string]dumpFile, len(names))
	var all journal.List
	for _, name := range names {
		stamp, err := fileStamp(name)
		if err != nil {
			return nil, err
		}
		f, ok := s.files[name]
		if !ok || f.stamp != stamp {
			f = dumpFile{stamp: stamp}
			add := func(flight journal.Flight) { f.flights = append(f.flights, flight) }
			warn := func(err error) { f.warnings = append(f.warnings, err) }
			if _, err := readDump(s.c, s.c.Context, name, newProgress(io.Discard, ""), add, warn); err != nil {
				return nil, err
			}
		}
		files[name] = f
		for _, flight := range f.flights {
			all.Add(flight)
		}
		for _, err := range f.warnings {
			w.add(err)
		}
	}
	s.files = files
	return all.Flights(w.add), nil
}

// reading is what a source held at one moment.
type reading struct {
	stamp   string
	at      time.Time
	flights []journal.Flight
	opts    reports.Options
}

// newReading reads the source. Where it holds what it held before, the flights stay, and
// only the moment is another.
func (s *source) newReading(stamp string, before *reading) (*reading, error) {
	from := startingFrom(s.c)
	r := &reading{stamp: stamp, at: time.Now()}
	if before != nil && before.stamp == stamp {
		from.settle(s.c, (&flown{flights: before.flights}).now)
		r.flights, r.opts.Run = before.flights, from.run()
		r.opts.Warnings = before.opts.Warnings
		return r, nil
	}
	w := &warnings{stderr: io.Discard}
	var err error
	if r.flights, err = s.read(w); err != nil {
		return nil, err
	}
	w.err() // tells how many more there were
	from.settle(s.c, (&flown{flights: r.flights}).now)
	r.opts.Run = from.run()
	r.opts.Warnings = w.texts
	return r, nil
}
