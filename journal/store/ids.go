package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/segmentio/ksuid"
)

// NewFlight returns the ID of a flight that takes off now: one that is greater
// than all others in the journal, whatever the wall clock says.
func (j *Journal) NewFlight(now time.Time) (ksuid.KSUID, error) {
	if !j.flying.IsNil() && j.store != nil { // others may have taken off since
		newest, err := newestFlight(filepath.Dir(j.lane.dir), j, j.log)
		if err != nil {
			j.log.Warn("lane can't be read", "lane", j.Lane(), "why", err)
		}
		if ksuid.Compare(newest, j.newest) > 0 {
			j.newest = newest
		}
	}
	id, err := ksuid.NewRandomWithTime(ksuidTime(now, j.newest))
	if err != nil {
		return ksuid.Nil, fmt.Errorf("making a flight's ID: %w", err)
	}
	if ksuid.Compare(id, j.newest) <= 0 { // the time part has reached its end
		id = j.newest.Next()
	}
	j.newest = id
	return id, nil
}

// ksuidTime returns the time part of the ID that follows newest: the latest of
// now, the KSUID epoch, and one second past newest. ksuid.New would subtract the
// epoch in 32 bits, so that a board that boots in 1970 got an ID of 2106.
func ksuidTime(now time.Time, newest ksuid.KSUID) time.Time {
	const epoch = 1400000000 // segmentio/ksuid, ksuid.go: epochStamp
	latest := time.Unix(epoch+math.MaxUint32, 0)
	t := time.Unix(epoch, 0)
	if now.After(t) && !now.After(latest) {
		t = now
	}
	if after := newest.Time().Add(time.Second); newest != ksuid.Nil && after.After(t) {
		t = after
	}
	if t.After(latest) {
		t = latest
	}
	return t
}

// newestFlight returns the newest flight of all lanes, or ksuid.Nil.
func newestFlight(dir string, j *Journal, log *slog.Logger) (ksuid.KSUID, error) {
	newest, err := lastKey(j.store.db)
	if err != nil {
		return ksuid.Nil, err
	}
	names, err := laneNames(dir)
	if err != nil {
		return ksuid.Nil, err
	}
	for _, name := range names {
		if name == j.Lane() {
			continue
		}
		id, err := newestIn(context.Background(), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			log.Warn("lane can't be read", "lane", name, "why", err)
		}
		if ksuid.Compare(id, newest) > 0 {
			newest = id
		}
	}
	return newest, nil
}

// lastKey returns the greatest flight ID of a store, or ksuid.Nil.
func lastKey(db *pebble.DB) (ksuid.KSUID, error) {
	it, err := db.NewIter(nil)
	if err != nil {
		return ksuid.Nil, err
	}
	var id ksuid.KSUID
	if it.Last() {
		copy(id[:], it.Key())
	}
	return id, it.Close()
}

// newestIn returns the newest flight of a lane, or ksuid.Nil, as far as the lane can
// be read. Where nothing is wrong, it reads next to nothing.
func newestIn(ctx context.Context, dir string) (newest ksuid.KSUID, err error) {
	err = withSnapshot(dir, func(s *snapshot) error {
		if len(s.damage()) == 0 {
			sound := false
			err := s.open(func(db *pebble.DB) error {
				strays, err := s.strays(db)
				if err == nil && len(strays) == 0 {
					newest, err = lastKey(db)
					sound = err == nil
				}
				return err
			})
			if sound && err == nil {
				return nil
			}
		}
		all, _, err := s.read(ctx)
		if n := len(all); n > 0 {
			newest = all[n-1].ID
		}
		return err
	})
	return newest, err
}
