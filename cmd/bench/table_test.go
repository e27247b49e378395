//go:build linux

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// sample is a run of an hour at one heartbeat each 10 s.
func sample(contender string, run int, bytes, flushes int64) Sample {
	return Sample{
		FS: "ext4", Contender: contender, Run: run, Interval: 10, Seconds: 3600, Beats: 360,
		Steady:  Counts{Bytes: 360 * bytes, Writes: 360 * 3, Flushes: 360 * flushes},
		Startup: Counts{Bytes: 130_000, Flushes: 11}, CPUSeconds: 0.18, Voluntary: 700, Involuntary: 20,
		RSS: 12_345_678, Anonymous: 2_000_000, Disk: 8192,
	}
}

func TestTablesShowMedians(t *testing.T) {
	first := &Result{Schema: schema, Command: "bench a", Machine: "a board", Flash: []Sample{
		sample("flightrec", 1, 17_300, 2), sample("floor", 1, 17_000, 2),
		sample("flightrec", 2, 99_000, 9), sample("floor", 2, 17_700, 2),
	}}
	second := &Result{Schema: schema, Command: "bench b", Machine: "a board", Flash: []Sample{
		sample("flightrec", 1, 17_400, 2), sample("floor", 1, 17_100, 2),
	}}
	never := sample("uptimed", 1, 0, 0)
	never.Interval, never.Beats, never.Anonymous, never.Steady.Bytes = 0, 0, 0, 1_000_000
	second.Flash = append(second.Flash, never)
	const want = `**ext4**, a heartbeat each 10 s, median of 3 runs of 1h0m0s

| | bytes | writes | flushes | MB a day | CPU ms | switches | start-up KB | start-up flushes | RSS MB | anonymous MB | on disk KB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
| floor | 17,100 | 3.0 | 2.00 | 147.7 | 0.50 | 2.0 | 130 | 11 | 12.3 | 2.0 | 8 |
| flightrec | 17,400 | 3.0 | 2.00 | 150.3 | 0.50 | 2.0 | 130 | 11 | 12.3 | 2.0 | 8 |

**ext4**, each contender at its own interval, one run of 1h0m0s

| | bytes | writes | flushes | MB a day | CPU ms | switches | start-up KB | start-up flushes | RSS MB | anonymous MB | on disk KB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
| uptimed | – | – | – | 24.0 | – | – | 130 | 11 | 12.3 | – | 8 |

` + "`bench a`, `bench b`; on a board.\n"
	dir := t.TempDir()
	names := []string{filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json")}
	for i, r := range []*Result{first, second} {
		if err := r.save(names[i]); err != nil {
			t.Fatal(err)
		}
	}
	var got, complaints strings.Builder
	if err := table(names, &got, &complaints); err != nil {
		t.Fatal(err, complaints.String())
	}
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestADayAtEachOnesOwnInterval(t *testing.T) {
	s := sample("tuptime", 1, 90_000, 6)
	s.Interval, s.Beats = 0, 360
	if got, want := s.aDay(), 90_000.0*288; got != want {
		t.Errorf("got %v bytes a day, want %v", got, want)
	}
}

func TestBootsThatAreShown(t *testing.T) {
	var boots []Boot
	for n := range 500 {
		boots = append(boots, Boot{N: n + 1})
	}
	var got []int
	for _, b := range shown(boots) {
		got = append(got, b.N)
	}
	want := []int{1, 2, 10, 100, 499, 500}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestExceeded(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples []Sample
		limit   float64
		over    string // in the error; empty: none
	}{
		{"no limit", []Sample{sample("flightrec", 1, 99_000, 9), sample("floor", 1, 100, 1)}, 0, ""},
		{"within", []Sample{sample("flightrec", 1, 1_030, 2), sample("floor", 1, 1_000, 2)}, 1.03, ""},
		{"bytes", []Sample{sample("flightrec", 1, 1_031, 2), sample("floor", 1, 1_000, 2)}, 1.03, "1031.00 bytes"},
		{"flushes", []Sample{sample("floor", 1, 1_000, 2), sample("flightrec", 1, 1_000, 3)}, 1.03, "3.00 flushes"},
		{"the floor of the same run", []Sample{
			sample("flightrec", 1, 1_000, 2), sample("floor", 1, 1_000, 2),
			sample("flightrec", 2, 1_100, 2), sample("floor", 2, 1_000, 2),
		}, 1.03, "run 2: 1100.00 bytes"},
		{"no floor", []Sample{sample("flightrec", 1, 1_000, 2), sample("floor", 2, 1_000, 2)}, 1.03, "nothing to compare"},
		{"no heartbeat", []Sample{{FS: "ext4", Contender: "flightrec", Run: 1}, sample("floor", 1, 1_000, 2)}, 1.03, "bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := exceeded(c.samples, c.limit)
			switch {
			case c.over == "" && err != nil:
				t.Error(err)
			case c.over != "" && (err == nil || !strings.Contains(err.Error(), c.over)):
				t.Errorf("got %v, want %q", err, c.over)
			}
		})
	}
}
