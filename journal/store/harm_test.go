package store

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"flightrec/journal/store/pebblefile"
)

// TestHarmIsTold does single harms to a journal that is known to the last file: each
// is told by readers and by Verify, or is none, and a recorder sets a lane aside only
// for harm.
func TestHarmIsTold(t *testing.T) {
	flushed, drafted := testify(t, 40, true), testify(t, 3, false)
	last := func(w *testimony, pattern string, back int) string {
		names := globs(t, filepath.Join(w.dir, "lane-0", pattern))
		slices.SortFunc(names, func(a, b string) int { return pebblefile.ByNumber(filepath.Base(a), filepath.Base(b)) })
		return filepath.Base(names[len(names)-1-back])
	}
	manifest, table := last(flushed, "MANIFEST-*", 0), last(flushed, "*.sst", 0)
	log, older := last(flushed, "*.log", 0), last(flushed, "*.log", 1) // in tables already
	newest, between, oldest := last(drafted, "*.log", 0), last(drafted, "*.log", 1), last(drafted, "*.log", 2)
	read := func(dir, name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	write := func(dir, name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(dir string, names ...string) {
		for _, name := range names {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		what        string
		w           *testimony
		harm        func(dir string)
		told, whole bool
	}{
		{"nothing", flushed, func(dir string) {}, false, true},
		{"no manifest", flushed, func(dir string) { remove(dir, manifest) }, true, true},
		{"the manifest lost its end", flushed, func(dir string) { write(dir, manifest, read(dir, manifest)[:1000]) }, true, true},
		{"no log", flushed, func(dir string) { remove(dir, log, older) }, true, false},
		{"a log that is in tables is gone", flushed, func(dir string) { remove(dir, older) }, false, true},
		{"an older log was copied over the last one", flushed, func(dir string) { write(dir, log, read(dir, older)) }, true, false},
		{"a table that was being made", flushed, func(dir string) { write(dir, "009999.sst", read(dir, table)[:500]) }, false, true},
		{"a table that was just made", flushed, func(dir string) { write(dir, "009999.sst", read(dir, table)) }, false, true},
		{"an empty table", flushed, func(dir string) { write(dir, "009999.sst", nil) }, false, true},
		{"the oldest log is gone", drafted, func(dir string) { remove(dir, oldest) }, true, false},
		{"the oldest log is empty", drafted, func(dir string) { write(dir, oldest, nil) }, true, false},
		{"a log between is gone", drafted, func(dir string) { remove(dir, between) }, true, false},
		{"a log was copied over the next one", drafted, func(dir string) { write(dir, newest, read(dir, between)) }, true, false},
		{"all logs are gone", drafted, func(dir string) { remove(dir, oldest, between, newest) }, true, false},
	} {
		t.Run(tt.what, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(tt.w.dir)); err != nil {
				t.Fatal(err)
			}
			tt.harm(filepath.Join(dir, "lane-0"))
			for who, look := range map[string]func(warn func(error)) (int, error){
				"a reader": func(warn func(error)) (int, error) {
					flights, err := Read(context.Background(), dir, warn)
					return count(flights), err
				},
				"Verify": func(warn func(error)) (int, error) {
					counts, err := Verify(context.Background(), dir, warn, func(_, _ int64) {})
					return int(counts.Beats), err
				},
			} {
				var warned []error
				beats, err := look(func(err error) { warned = append(warned, err) })
				if err != nil || (len(warned) > 0) != tt.told || (beats == len(tt.w.order)) != tt.whole {
					t.Errorf("%s finds %d heartbeats of %d, is told %v: %v", who, beats, len(tt.w.order), warned, err)
				}
			}
			j, err := Open(dir, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
			if lanes, _, err := laneNames(dir); len(lanes) > 1 != tt.told {
				t.Errorf("a recorder leaves the lanes %v: %v", lanes, err)
			}
		})
	}
}
