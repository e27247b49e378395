//go:build linux

package main

import (
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

// TestSynth demands of a synthetic journal that it reads like one that a recorder
// wrote, and that its flights are found where they truly were.
func TestSynth(t *testing.T) {
	const n = 300
	dir := t.TempDir()
	end := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var truth []sortie
	if err := write(t.Context(), dir, newLife(n, end), n, func(s sortie) { truth = append(truth, s) }); err != nil {
		t.Fatal(err)
	}
	flights, err := journal.Read(t.Context(), dir, func(err error) { t.Error(err) })
	if err != nil || len(flights) != n || len(truth) != n {
		t.Fatalf("%d flights, %d in truth, %v; want %d", len(flights), len(truth), err, n)
	}
	boots := ground.Ground(flights, ground.Options{})
	if len(boots) < n*8/10 || len(boots) >= n {
		t.Errorf("%d boots of %d flights: want some with two flights", len(boots), n)
	}
	legs, anchored, at := 0, 0, 0
	for _, b := range boots {
		for _, f := range b.Flights {
			s := truth[at]
			at++
			legs += len(f.Legs)
			if f.Grounding < ground.ByBoot {
				continue
			}
			anchored++
			for what, off := range map[string]time.Duration{
				"start": f.Start.Time().Sub(s.start), "end": f.End.Time().Sub(s.end),
			} {
				if off.Abs() > time.Second {
					t.Errorf("flight %d: its %s is off by %v", at-1, what, off)
				}
			}
		}
	}
	if anchored < n*8/10 || anchored == n {
		t.Errorf("%d of %d flights are anchored: want most, not all", anchored, n)
	}
	if legs < 2*n || legs > 3*n {
		t.Errorf("%d legs of %d flights", legs, n)
	}
	if last := truth[n-1].end; last.After(end) || end.Sub(last) > 2*decade/n {
		t.Errorf("the last flight ends at %v, want shortly before %v", last, end)
	}
}

// TestSynthTellsTheTruth demands that the original's database has the same flights.
func TestSynthTellsTheTruth(t *testing.T) {
	var stdout, stderr strings.Builder
	if err := synth(t.Context(), []string{t.TempDir(), "5"}, &stdout, &stderr); err != nil {
		t.Fatal(err, stderr.String())
	}
	text := stdout.String()
	if strings.Count(text, "INSERT INTO flight") != 5 || !strings.HasSuffix(text, "COMMIT;\n") {
		t.Errorf("got\n%s", text)
	}
	for _, args := range [][]string{{}, {"dir"}, {"dir", "0"}, {"dir", "many"}} {
		if err := synth(t.Context(), args, &stdout, &stderr); err == nil {
			t.Errorf("synth %v: no error", args)
		}
	}
}
