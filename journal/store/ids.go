package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"path/filepath"
	"time"

	"flightrec/journal"
	"flightrec/journal/store/pebblefile"

	"github.com/segmentio/ksuid"
)

// NewFlight returns the ID of a flight that takes off now: one that is greater
// than all others in the journal, whatever the wall clock says.
func (j *Journal) NewFlight(now time.Time) (ksuid.KSUID, error) {
	if !j.flying.IsNil() { // others may have taken off since
		if err := j.past.addLanes(filepath.Dir(j.lane.dir), j.Lane(), j.log); err != nil {
			j.log.Warn("journal can't be listed", "why", err)
		}
	}
	newest := j.past.newest
	id, err := ksuid.NewRandomWithTime(ksuidTime(now, newest))
	if err != nil {
		return ksuid.Nil, fmt.Errorf("making a flight's ID: %w", err)
	}
	if ksuid.Compare(id, newest) <= 0 { // the time part has reached its end
		id = newest.Next()
	}
	j.past.newest = id
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

// past is what a takeoff must know of a journal: the ID of its newest flight, which the
// next flight's must exceed, and the journal's ID.
//
// Each flight carries the journal's ID, so that no loss of a single file or lane takes it
// away. Where flights carry different ones, since somebody put lanes of two journals into
// one folder, that of the newest flight goes on. A journal without any, since it is new or
// older than such IDs, gets one at its next takeoff, under a lock: recorders that begin it
// at the same moment take the same.
type past struct {
	newest  ksuid.KSUID
	journal string
	named   ksuid.KSUID // the flight that carried the journal's ID
}

// add takes a flight into account: its key, and any operand of it or its folded value.
func (p *past) add(key, value []byte) {
	id, err := ksuid.FromBytes(key)
	if err != nil {
		return // readers complain of it
	}
	if ksuid.Compare(id, p.newest) > 0 {
		p.newest = id
	}
	if p.journal != "" && ksuid.Compare(id, p.named) < 0 {
		return
	}
	if name := journal.JournalOf(value); name != "" {
		p.journal, p.named = name, id
	}
}

// addLanes takes the newest flights of a journal's lanes into account, but for the
// recorder's own. A lane that can't be read is logged.
func (p *past) addLanes(dir, own string, log *slog.Logger) error {
	names, _, err := laneNames(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == own {
			continue
		}
		if err := p.addLane(context.Background(), filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			log.Warn("lane can't be read", "lane", name, "why", errBare(err))
		}
	}
	return nil
}

// addLane takes the newest flights of a lane into account.
func (p *past) addLane(ctx context.Context, dir string) error {
	return withSnapshot(dir, func(s *snapshot) error {
		p.addSnapshot(ctx, s)
		if s.vanished && s.held {
			return errMoving
		}
		return nil
	})
}

// addSnapshot takes a lane's newest flights into account: what its logs hold, and the
// last key of each table, whether the manifest names it or not. So a damaged lane costs
// what a sound one does. A table whose last block can't be read is read as far as it can
// be.
func (p *past) addSnapshot(ctx context.Context, s *snapshot) {
	for _, log := range s.logs {
		if number, ok := pebblefile.LogNumber(log.name); ok {
			pebblefile.ScanLog(log.data, number).EachFlight(p.add)
		}
	}
	for _, f := range s.tables {
		pebblefile.Guard(func() error {
			t, err := pebblefile.OpenTable(ctx, f, readerOptions())
			if err != nil {
				return err // there is nothing in it for anybody
			}
			if err := t.Last(ctx, p.add); err != nil {
				t.Each(ctx, p.add, func(error) {})
			}
			return t.Close()
		})
	}
}
