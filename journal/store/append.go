package store

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"flightrec/journal"
	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2"
	"github.com/segmentio/ksuid"
)

// Append writes records to a flight's log, and the journal's ID to a takeoff. When it
// returns without an error, they survive a power cut. After an error it isn't known whether
// they do. The next call opens the store anew and leaves out heartbeats that are there, so
// the caller may append the same records again, with more behind them.
func (j *Journal) Append(id ksuid.KSUID, records ...journal.Record) error {
	if err := j.append(id, records); err != nil {
		j.abandon(err)
		return fmt.Errorf("writing to %s: %w", j.lane.dir, errBare(err))
	}
	return nil
}

func (j *Journal) append(id ksuid.KSUID, records []journal.Record) (err error) {
	if j.store == nil {
		if records, err = j.reopen(id, records); err != nil {
			return err
		}
	}
	// Files that were removed can still be written to, and a file that was cut short grows a
	// hole: so the check comes before the write.
	if err := j.lane.lost(); err != nil {
		return err
	}
	if err := j.store.fs.Missing(); err != nil {
		// What the store has in memory, or in files that it has open, may be all that is left.
		j.rescued = j.store.readable()
		return err
	}
	records = slices.Clone(records)
	for i, r := range records {
		switch r := r.(type) {
		case journal.Beat:
			j.tried = r.Elapsed
		case journal.Takeoff:
			defer j.nameJournal()()
			r.Journal = j.past.journal
			records[i] = r
		}
	}
	if len(records) > 0 {
		if err := j.store.append(operand{id: id, value: journal.AppendLog(nil, records)}); err != nil {
			return err
		}
	}
	// Files that were removed can still be written to.
	if err := j.lane.lost(); err != nil {
		return err
	}
	if j.flying.IsNil() {
		if err := j.lane.takeOff(); err != nil {
			return err
		}
	}
	j.flying = id
	return nil
}

// nameJournal gives the journal an ID if it has none, before a takeoff that carries it.
// Another recorder may have made one since this lane was opened. Until done is called, no
// other recorder makes one.
func (j *Journal) nameJournal() (done func()) {
	if j.past.journal != "" {
		return func() {}
	}
	dir := filepath.Dir(j.lane.dir)
	done = lockNaming(dir)
	if err := j.past.addLanes(dir, j.Lane(), j.log); err != nil {
		j.log.Warn("journal can't be listed", "why", err)
	}
	if j.past.journal == "" {
		j.past.journal = journal.NewJournalID()
	}
	return done
}

// reopen opens the store anew after a failure, and returns the records that it lacks.
func (j *Journal) reopen(id ksuid.KSUID, records []journal.Record) (news []journal.Record, err error) {
	if err := j.lane.lost(); err != nil {
		return nil, err
	}
	j.store, err = openStore(j.opts.FS, j.lane.dir, j.opts, j.log, true)
	if err != nil && !isEnvironment(err) {
		err = j.move(err)
	}
	if err != nil {
		return nil, err
	}
	if err := j.restore(); err != nil {
		return nil, err
	}
	log, err := j.store.get(id)
	last := lastBeat(log)
	switch {
	case errors.Is(err, pebble.ErrNotFound) && j.flying == id:
		return nil, fmt.Errorf("%w: the flight isn't in it any more", journal.ErrLaneLost)
	case errors.Is(err, pebble.ErrNotFound):
		return records, nil
	case err != nil: // the heartbeats that were tried may be there
		last = j.tried
	}
	return slices.DeleteFunc(slices.Clone(records), func(r journal.Record) bool {
		b, ok := r.(journal.Beat)
		return ok && b.Elapsed <= last
	}), nil
}

// move goes on in another lane, and sets aside the one whose files the store can't open.
func (j *Journal) move(why error) error {
	next, err := open(filepath.Dir(j.lane.dir), j.log, j.opts)
	if err != nil {
		return err
	}
	if err := j.lane.setAside(j.log, why); err != nil {
		j.log.Error("lane can't be set aside", "lane", j.lane.name(), "why", err)
	}
	j.lane, j.store, j.past = next.lane, next.store, next.past
	if j.flying.IsNil() {
		return nil
	}
	return j.lane.takeOff()
}

// restore writes what was rescued of flights and isn't in the store any more.
func (j *Journal) restore() error {
	for _, o := range j.rescued {
		log, err := j.store.get(o.id)
		if err != nil && !errors.Is(err, pebble.ErrNotFound) || len(log) > 0 && lastBeat(log) >= lastBeat(o.value) {
			continue
		}
		if err := j.store.append(o); err != nil {
			return err
		}
	}
	j.rescued = nil
	return nil
}

// abandon gives up the store after a failure.
func (j *Journal) abandon(why error) {
	if j.store == nil {
		return
	}
	if !disk.IsFault(why) {
		// A compaction may have failed on a damaged table: without compactions, recording
		// can go on.
		j.opts.DisableAutomaticCompactions = true
		j.opts.L0StopWritesThreshold = math.MaxInt32
	}
	j.store.abandon(why)
	j.store = nil
}

// Close ends recording and gives the lane back.
func (j *Journal) Close() error {
	var err error
	if j.store != nil {
		err = j.store.close()
	}
	if err = errors.Join(err, j.lane.release()); err != nil {
		return fmt.Errorf("closing %s: %w", j.lane.dir, errBare(err))
	}
	return nil
}
