package main

import (
	"cmp"
	"fmt"
	"io"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// dump is the command of that name.
func dump(c *cli.Context) error {
	from := startingFrom(c)
	var asked reports.Selection
	if err := selected(c, from, &asked); err != nil {
		return err
	}
	w := &warnings{stderr: c.App.ErrWriter}
	tell := func(err error) { fmt.Fprintf(c.App.ErrWriter, "flightrec: %s\n", printable(err.Error())) }
	cursor, err := openCursor(c.String("cursor"), tell)
	if err != nil {
		return err
	}
	changes := &teller{cursor: cursor}
	if c.Bool("follow") {
		return unlessUnread(changes.follow(c, w, tell))
	}
	read, err := readFlights(c, w)
	if err != nil {
		return err
	}
	partial := w.err()
	read.flights = prepared(c, read.flights)
	if c.IsSet("since") || c.IsSet("until") {
		from.settle(c, read.now)
		from.tell(c.App.ErrWriter)
		if err := selected(c, from, &asked); err != nil {
			return err
		}
	}
	switch {
	case c.IsSet("cursor"):
		if err = read.whole("--cursor"); err == nil {
			_, err = changes.dumpChanges(c, read.flights, asked, tell)
			err = unlessUnread(err)
		}
	default:
		err = print(c.App.Writer, func(out io.Writer) error { return read.dump(c, out, asked) })
	}
	return read.close(w, cmp.Or(err, partial))
}

// dump writes the flights that were asked for, a fleet group by group.
func (f *flown) dump(c *cli.Context, out io.Writer, asked reports.Selection) error {
	names := newDisguise()
	for flights := range f.grounded(asked) {
		if f.fleet != nil && c.Bool("anonymous") {
			for _, g := range flights {
				names.hide(&g.Takeoff.Identity)
			}
		}
		if err := render.Dump(out, flights); err != nil {
			return err
		}
	}
	return nil
}

// prepared returns flights as a dump shows them.
func prepared(c *cli.Context, flights []journal.Flight) []journal.Flight {
	if names, err := namedDumps(c); err == nil && len(names) == 0 {
		noteDumped(flights, new(clock.Clock).Now(), clock.Identify().Boot)
	}
	if c.Bool("anonymous") {
		names := newDisguise()
		for i := range flights {
			names.hide(&flights[i].Takeoff.Identity)
		}
	}
	return flights
}

// noteDumped notes in the flights aloft of this boot what the clocks say, so that who reads
// the dump knows until when they were aloft.
func noteDumped(flights []journal.Flight, r clock.Reading, boot string) {
	for i := range flights {
		f := &flights[i]
		since := r.Boot - f.Takeoff.SinceBoot
		if f.Ending != journal.EndingAloft || boot == "" || f.Takeoff.Boot != boot || f.Takeoff.SinceBoot < 0 || !r.Absolute {
			continue
		}
		last := f.Legs[len(f.Legs)-1].Last
		since = max(since, last.Elapsed)
		fix := journal.Fix{Elapsed: since, Awake: last.Awake + since - last.Elapsed, Raw: clock.Unknown, Wall: journal.InstantOf(r.Wall), Sync: r.Sync, MaxError: r.MaxError}
		if f.Takeoff.AwakeSinceBoot >= 0 && r.AwakeAbsolute {
			fix.Awake = min(fix.Awake, max(last.Awake, r.Awake-f.Takeoff.AwakeSinceBoot))
		}
		f.Dumped = &fix
	}
}

// disguise gives hosts, machines and hardware other names: machine-1 and so on, the same
// for the same.
type disguise struct{ hosts, machines, hardware pseudonyms }

func newDisguise() *disguise { return &disguise{pseudonyms{}, pseudonyms{}, pseudonyms{}} }

// hide replaces what names a machine.
func (d *disguise) hide(id *clock.Identity) {
	id.Host = d.hosts.of(id.Host, "host")
	id.Machine = d.machines.of(id.Machine, "machine")
	id.Hardware = d.hardware.of(id.Hardware, "hardware")
}

// pseudonyms are other names, by the true ones.
type pseudonyms map[string]string

// of returns the other name; what has no name gets none.
func (p pseudonyms) of(name, kind string) string {
	if name == "" {
		return ""
	}
	if p[name] == "" {
		p[name] = fmt.Sprintf("%s-%d", kind, len(p)+1)
	}
	return p[name]
}
