package store

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"
)

// TestOldJournals demands that journals which earlier versions wrote are read and
// recorded into, and tell the same as those versions' own dumps. In testdata/journals
// there is one for each change of the format, named by the day up to which it was
// written, with its dump beside it:
//
//	2026-11-24  kinds 1 to 3
//	2026-11-27  kinds 4 and 5: heartbeats by what they differ in, and boot IDs as bytes
func TestOldJournals(t *testing.T) {
	dumps := globs(t, filepath.Join("..", "..", "testdata", "journals", "*.jsonl"))
	if len(dumps) < 2 {
		t.Fatalf("journals %v", dumps)
	}
	for _, dump := range dumps {
		t.Run(filepath.Base(dump), func(t *testing.T) {
			text, err := os.ReadFile(dump)
			if err != nil {
				t.Fatal(err)
			}
			var want []journal.Flight
			err = journal.ReadDump(t.Context(), dump, bytes.NewReader(text), func(f journal.Flight) { want = append(want, f) }, func(err error) { t.Error(err) })
			if err != nil || len(want) < 10 {
				t.Fatalf("%d flights: %v", len(want), err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(strings.TrimSuffix(dump, ".jsonl"))); err != nil {
				t.Fatal(err)
			}
			if got := mustRead(t, dir); !reflect.DeepEqual(got, want) {
				t.Errorf("read\n%+v\nwant\n%+v", got, want)
			}
			j := mustOpen(t, dir)
			id := journaltest.Fly(t, j, time.Now(), 5, true)
			j.Close()
			got := mustRead(t, dir)
			if n := len(got) - 1; n != len(want) || !reflect.DeepEqual(got[:n], want) || got[n].ID != id || got[n].Lane != "lane-0" {
				t.Errorf("after another flight\n%+v", got)
			}
		})
	}
}
