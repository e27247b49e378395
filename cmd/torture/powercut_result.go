//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"flightrec/cmd/torture/blocklog"
)

// result is what all the cuts cost one recorder.
type result struct {
	name     string
	sessions []*session
	losses   []loss
	bad      int
	examples []string // the first bad cuts
}

func (r *result) add(c cut, l loss) {
	r.losses = append(r.losses, l)
	if !l.bad() {
		return
	}
	r.bad++
	if len(r.examples) < 3 {
		r.examples = append(r.examples, fmt.Sprintf("%v, %v: %d of %d heartbeats, %d landings, %d of %d flights whole, %v missing; reader: %v",
			c, l.mode, l.beats, l.acked, l.landings, l.whole, l.flights, l.time, l.trouble))
	}
}

// print prints the counts: for each kind of cut, for each thing that it leaves, and
// for all.
func (r *result) print(w io.Writer) {
	var boots, rotations, writes, flushes int
	for _, s := range r.sessions {
		boots, rotations = boots+len(s.boots), rotations+len(s.rotations)
		for _, e := range s.disk.Log {
			if e.Kind == blocklog.Flush {
				flushes++
			} else {
				writes++
			}
		}
	}
	fmt.Fprintf(w, "\n%s: %d sessions, %d boots, %d writes, %d flushes, %d files came or went in mid-flight\n",
		r.name, len(r.sessions), boots, writes, flushes, rotations)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "cut\tdisks\tbad\theartbeats\tmissing\tflights\tmissing whole\tmedian lost\tmost lost\t")
	for k, name := range kindNames {
		r.row(t, name, func(l loss) bool { return l.kind == kind(k) })
	}
	for mode := range blocklog.Modes {
		r.row(t, mode.String(), func(l loss) bool { return l.mode == mode })
	}
	r.row(t, "all", func(loss) bool { return true })
	t.Flush()
	for _, e := range r.examples {
		fmt.Fprintln(w, "bad:", e)
	}
}

// row prints the sums of those losses that belong in it.
func (r *result) row(w io.Writer, name string, belongs func(loss) bool) {
	var sum loss
	var bad int
	var times []time.Duration
	for _, l := range r.losses {
		if !belongs(l) {
			continue
		}
		sum.acked, sum.beats = sum.acked+l.acked, sum.beats+l.beats
		sum.flights, sum.whole = sum.flights+l.flights, sum.whole+l.whole
		times = append(times, l.time)
		if l.bad() {
			bad++
		}
	}
	if len(times) == 0 {
		return
	}
	slices.Sort(times)
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f s\t%.1f s\t\n", name, len(times), bad,
		sum.acked, sum.beats, sum.flights, sum.whole, times[len(times)/2].Seconds(), times[len(times)-1].Seconds())
}
