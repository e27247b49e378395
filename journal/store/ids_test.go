package store

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"

	"github.com/segmentio/ksuid"
)

// journals returns the journals' IDs of flights, in order of takeoff.
func journals(flights []journal.Flight) (ids []string) {
	for _, f := range flights {
		ids = append(ids, f.Takeoff.Journal)
	}
	return ids
}

// TestJournalID demands that all flights of a journal carry one ID, in whatever lane they
// are and whatever was lost, and that two journals have two.
func TestJournalID(t *testing.T) {
	dir := t.TempDir()
	one, two := mustOpen(t, dir), (*Journal)(nil)
	journaltest.Fly(t, one, time.Now(), 3, false)
	two = mustOpen(t, dir)
	journaltest.Fly(t, two, time.Now(), 3, true)
	two.Close()
	one.Close()
	if err := os.RemoveAll(filepath.Join(dir, "lane-0")); err != nil {
		t.Fatal(err)
	}
	one = mustOpen(t, dir)
	journaltest.Fly(t, one, time.Now(), 3, true)
	journaltest.Fly(t, one, time.Now(), 3, true)
	one.Close()
	// Nothing is left of the lane but its tables.
	for _, name := range globs(t, filepath.Join(dir, "lane-*", "MANIFEST*")) {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	one = mustOpen(t, dir)
	journaltest.Fly(t, one, time.Now(), 3, true)
	one.Close()
	flights, err := Read(t.Context(), dir, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	ids := journals(flights)
	if len(ids) != 4 {
		t.Fatalf("%d flights: %v", len(ids), ids)
	}
	for _, id := range ids {
		if len(id) != 36 || id != ids[0] {
			t.Errorf("journals %v", ids)
		}
	}
	other := t.TempDir()
	one = mustOpen(t, other)
	journaltest.Fly(t, one, time.Now(), 3, true)
	one.Close()
	if id := journals(mustRead(t, other))[0]; id == ids[0] || len(id) != 36 {
		t.Errorf("another journal: %q and %q", id, ids[0])
	}
	// Lanes of two journals in one folder: the newest flight's goes on.
	if err := os.Rename(filepath.Join(other, "lane-0"), filepath.Join(dir, "lane-7")); err != nil {
		t.Fatal(err)
	}
	one = mustOpen(t, dir)
	defer one.Close()
	if want := journals(flights[3:])[0]; one.past.journal != want && ksuid.Compare(one.past.named, flights[3].ID) <= 0 {
		t.Errorf("the journal goes on as %s, not %s", one.past.journal, want)
	}
}

// TestTakeoffCostsWhatIsSound demands that a damaged lane with a long history costs a
// recorder that takes off no more memory than a sound one.
func TestTakeoffCostsWhatIsSound(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir)
	id := ksuid.KSUID{19: 1}
	batch := j.store.db.NewBatch()
	for i := range 20_000 {
		id = id.Next()
		log := journal.AppendLog(nil, []journal.Record{
			journal.Takeoff{Recorder: id.String(), Journal: "the-journal"}, journaltest.Beat(0), journaltest.Beat(time.Duration(i) * time.Second), journal.Landing{Reason: "SIGTERM"}})
		if err := batch.Merge(id[:], log, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.store.db.Apply(batch, nil); err != nil {
		t.Fatal(err)
	}
	if err := j.store.db.Flush(); err != nil {
		t.Fatal(err)
	}
	j.Close()
	cost := func() (bytes uint64, p past) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := p.addLanes(dir, "", slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, p
	}
	sound, p := cost()
	if p.newest != id || p.journal != "the-journal" {
		t.Fatalf("newest %v of %q, want %v", p.newest, p.journal, id)
	}
	for _, name := range globs(t, filepath.Join(dir, "lane-0", "MANIFEST*")) {
		if err := os.WriteFile(name, []byte("these four bytes are damage"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	damaged, p := cost()
	if p.newest != id || p.journal != "the-journal" {
		t.Errorf("damaged: newest %v of %q, want %v", p.newest, p.journal, id)
	}
	if damaged > 2*sound {
		t.Errorf("%d bytes of memory, %d when the lane is sound", damaged, sound)
	}
}
