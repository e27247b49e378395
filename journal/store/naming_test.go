package store

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// TestNaming has recorders begin a journal at the same moment: all of their flights carry
// one ID.
func TestNaming(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range 8 {
		j, err := Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		all.Go(func() {
			<-begin
			id, err := j.NewFlight(time.Now())
			if err == nil {
				err = j.Append(id, journal.Takeoff{SinceBoot: clock.Unknown, AwakeSinceBoot: clock.Unknown}, journal.Beat{Count: 1})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	all.Wait()
	flights, err := Read(t.Context(), dir, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]int)
	for _, f := range flights {
		ids[f.Takeoff.Journal]++
	}
	if len(flights) != 8 || len(ids) != 1 || ids[""] > 0 {
		t.Errorf("%d flights carry %v, want one ID for all 8", len(flights), ids)
	}
}
