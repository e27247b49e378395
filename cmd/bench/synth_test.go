//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal/store"
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
	flights, err := store.Read(t.Context(), dir, func(err error) { t.Error(err) })
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
			if f.Grounding < ground.GroundingBoot {
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

// TestSynthSize bounds what flights take on disk: 36,500, ten years of ten a day, are
// to stay below 6 MB.
func TestSynthSize(t *testing.T) {
	const n, most = 3000, 6_000_000 / 36_500
	dir, err := os.MkdirTemp(memory(), "flightrec-bench-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := write(t.Context(), dir, newLife(n, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), n, func(sortie) {}); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "lane-0", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	// What logs and manifests take doesn't grow with the number of flights.
	var bytes int64
	for _, name := range tables {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	if per := bytes / n; per > most || per < most/3 {
		t.Errorf("%d bytes a flight, want at most %d, and not next to nothing", per, most)
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
