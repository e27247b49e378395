package main

import (
	"fmt"
	"iter"
	"math"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"flightrec/ground"
	"flightrec/ground/fleet"
	"flightrec/journal"
	"flightrec/reports"

	"github.com/urfave/cli/v2"
)

// memoryFlag bounds what is held of a fleet.
var memoryFlag = &cli.StringFlag{Name: "memory", Value: "256M", Usage: "dumps that take more than `SIZE` in memory are put in order in a temporary file: a number with K, M or G"}

// memoryOf returns the bytes that --memory names, in powers of 1024.
func memoryOf(c *cli.Context) (int, error) {
	text := c.String("memory")
	digits := strings.TrimRight(text, "KMGkmgiB")
	shift, ok := map[string]int{"": 0, "K": 10, "M": 20, "G": 30}[strings.ToUpper(strings.TrimSuffix(strings.TrimSuffix(text[len(digits):], "B"), "i"))]
	n, err := strconv.Atoi(digits)
	if err != nil || !ok || n <= 0 || n > math.MaxInt>>shift {
		return 0, usagef("--memory %q: not a size, such as 256M", text)
	}
	return n << shift, nil
}

// flown are the flights that a command reads: all of them, or where dumps hold more than
// --memory, a fleet.
type flown struct {
	flights []journal.Flight
	fleet   *fleet.Fleet // nil where flights are all
}

// report reports on them.
func (f *flown) report(opts reports.Options) *reports.Report {
	if f.fleet != nil {
		return reports.NewFleet(f.fleet, opts)
	}
	return reports.New(f.flights, opts)
}

// now is [reports.Now] of them.
func (f *flown) now(hand reports.Hand) (now journal.Instant, known bool) {
	if f.fleet != nil {
		return reports.NowOfFleet(f.fleet, hand)
	}
	return reports.Now(f.flights, hand)
}

// grounded yields them as [reports.Flights] does, those of a fleet by group.
func (f *flown) grounded(asked reports.Selection) iter.Seq[[]*ground.Flight] {
	if f.fleet != nil {
		return reports.FleetFlights(f.fleet, asked)
	}
	return func(yield func([]*ground.Flight) bool) { yield(reports.Flights(f.flights, asked)) }
}

// whole returns an error if not all of them are in flights, which what asks for it needs.
func (f *flown) whole(what string) error {
	if f.fleet != nil {
		return usagef("%s: the dumps hold more than --memory", what)
	}
	return nil
}

// close gives back what a fleet takes, tells w what was found wrong with it, and returns
// err, or what a command ends with instead.
func (f *flown) close(w *warnings, err error) error {
	if f.fleet == nil {
		return err
	}
	if unread := f.fleet.Close(); unread != nil {
		return unread
	}
	for _, wrong := range f.fleet.Warnings() {
		w.add(wrong)
	}
	if partial := w.err(); err == nil {
		return partial
	}
	return err
}

// A gatherer makes a flown of what dumps hold.
type gatherer struct {
	memory int
	all    journal.List
	fleet  *fleet.Fleet
	tight  bool   // memory is collected more often than readers otherwise do
	err    error  // of the fleet's temporary file
	stop   func() // called with the first error: it ends the reading
}

// ampleMemory is how many bytes of flights a reader may hold with little collecting. Without
// this bound a dump of 365,000 flights takes 1,480 MB instead of 600.
const ampleMemory = 16 << 20

// add adds a flight.
func (k *gatherer) add(f journal.Flight) {
	switch {
	case k.err != nil:
		return
	case k.fleet != nil:
		k.put(&f)
		return
	}
	k.all.Add(f)
	if k.all.Weight() > ampleMemory && !k.tight {
		k.tight = true
		debug.SetGCPercent(50)
	}
	if k.all.Weight() <= k.memory {
		return
	}
	k.fleet = fleet.New(k.memory)
	flights := k.all.Taken()
	for i := range flights {
		k.put(&flights[i])
	}
}

// put adds a flight to the fleet.
func (k *gatherer) put(f *journal.Flight) {
	if k.err == nil {
		if k.err = k.fleet.Add(f); k.err != nil {
			k.stop()
		}
	}
}

// each passes all that was added, by group where it is a fleet, to pass, and what is wrong
// with it to warn.
func (k *gatherer) each(warn func(error), pass func([]journal.Flight)) error {
	if k.fleet == nil {
		pass(k.all.Flights(warn))
		return nil
	}
	if err := k.fleet.Group(func(host, id string) bool { return true }); err != nil {
		return err
	}
	for i := range k.fleet.Len() {
		flights, _ := k.fleet.Flights(i)
		pass(flights)
	}
	for _, err := range k.fleet.Warnings() {
		warn(err)
	}
	return k.fleet.Close()
}

// flown returns what was added.
func (k *gatherer) flown(c *cli.Context, w *warnings) (*flown, error) {
	if k.fleet == nil {
		flights := k.all.Flights(w.add)
		tuneReader(len(flights))
		flights, err := ofMachine(c, flights)
		return &flown{flights: flights}, err
	}
	wanted, err := wantedMachines(c, k.fleet.Names)
	if err != nil {
		return nil, err
	}
	return &flown{fleet: k.fleet}, k.fleet.Group(wanted)
}

// wantedMachines returns whether a machine is one that --machine names by a host's name, an
// ID or its beginning. A machine may have had other names before: they are all given.
func wantedMachines(c *cli.Context, names iter.Seq2[string, string]) (func(host, id string) bool, error) {
	name := c.String("machine")
	if name == "" {
		return func(host, id string) bool { return true }, nil
	}
	ids := map[string]bool{}
	for host, id := range names {
		if host == name || strings.HasPrefix(id, name) {
			ids[id] = true
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("--machine %q: no flight of such a machine", name)
	}
	return func(host, id string) bool { return ids[id] && (id != "" || host == name) }, nil
}

// ofMachine returns the flights of the machine that --machine names.
func ofMachine(c *cli.Context, flights []journal.Flight) ([]journal.Flight, error) {
	wanted, err := wantedMachines(c, func(yield func(host, id string) bool) {
		for i := range flights {
			if t := &flights[i].Takeoff; !yield(t.Host, t.Machine) {
				return
			}
		}
	})
	if err != nil || c.String("machine") == "" {
		return flights, err
	}
	return slices.DeleteFunc(flights, func(f journal.Flight) bool { return !wanted(f.Takeoff.Host, f.Takeoff.Machine) }), nil
}
