package store

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"
)

// TestReadWhileWriting reads again and again while a recorder writes as fast as it
// can into a store whose memtable is so small that it flushes and compacts all the
// time. Each read must have at least what was acknowledged when it began: holes are
// the failure to look for, not only errors.
func TestReadWhileWriting(t *testing.T) {
	reads := 1000
	if testing.Short() {
		reads = 50
	}
	dir := t.TempDir()
	opts := storeOptions()
	opts.MemTableSize = 16 << 10
	opts.MaxManifestFileSize = 4 << 10
	j, err := open(dir, slog.New(slog.DiscardHandler), opts)
	if err != nil {
		t.Fatal(err)
	}
	var acknowledged, stop atomic.Int64
	failed := make(chan error, 1)
	go func() {
		failed <- func() error {
			// A flight of 5,000 heartbeats, each in one of 100 legs, then the next one.
			for stop.Load() == 0 {
				id, err := j.NewFlight(time.Now())
				if err != nil {
					return err
				}
				for i := 0; i < 5000 && stop.Load() == 0; i++ {
					b := journaltest.Beat(time.Duration(i) * time.Second)
					b.Leg = uint64(i / 50)
					records := []journal.Record{b}
					if i == 0 {
						records = []journal.Record{journal.Takeoff{}, b}
					}
					if err := j.Append(id, records...); err != nil {
						return err
					}
					acknowledged.Add(1)
				}
			}
			return j.Close()
		}()
	}()
	for n := 0; n < reads || acknowledged.Load() < int64(10*reads); n++ {
		want := acknowledged.Load()
		flights, err := Read(t.Context(), dir, func(err error) { t.Errorf("read %d: warning: %v", n, err) })
		if err != nil {
			t.Fatalf("read %d: %v", n, err)
		}
		var got int64
		for _, f := range flights {
			got += int64(f.Beats())
		}
		if got < want {
			t.Fatalf("read %d: %d heartbeats of the %d that were acknowledged", n, got, want)
		}
	}
	stop.Store(1)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d heartbeats", acknowledged.Load())
}
