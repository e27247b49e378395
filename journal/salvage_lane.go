package journal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"
)

// firstSeq is the sequence number of a store's first operand (pebble,
// internal/base/internal.go: SeqNumStart).
const firstSeq = 10

// damage names what is wrong with a copy as its logs and its manifest show it. The
// store itself wouldn't tell: it takes most of that for the end that a power cut
// left, and goes on without the rest.
func (s *snapshot) damage() []error {
	problems := slices.Clone(s.refused)
	wrong := func(err error) { problems = append(problems, fmt.Errorf("%s: %w", s.lane, err)) }
	manifest := scanLog(s.manifest.data, 0, true)
	live := firstLiveLog(manifest)
	var next uint64 // the sequence number of the next operand, 0 where not known
	if len(s.tables) == 0 {
		next = firstSeq
	}
	for _, log := range s.logs {
		number, ok := logNumber(log.name)
		if !ok {
			wrong(fmt.Errorf("%s: not a log's name", log.name))
			continue
		}
		scan := scanLog(log.data, number, false)
		for _, err := range scan.problems(log.name) {
			wrong(err)
		}
		if uint64(number) < live {
			next = 0 // it is in tables, and what came after it may have been removed before it
			continue
		}
		var missing, twice uint64
		if next, missing, twice = scan.continues(next); missing > 0 && len(scan.damaged) == 0 {
			wrong(fmt.Errorf("%s: %d records before it are missing", log.name, missing))
		}
		if twice > 0 {
			wrong(fmt.Errorf("%s: %d records stand there twice", log.name, twice))
		}
	}
	for _, err := range manifest.problems(s.manifest.name) {
		wrong(err)
	}
	return problems
}

// continues reports how a log goes on where the one before it ended. Each of its
// batches begins with the sequence number of its first operand and their count.
func (s logScan) continues(next uint64) (after, missing, twice uint64) {
	for _, batch := range s.records {
		if len(batch) < batchrepr.HeaderLen {
			continue // salvage will say so
		}
		seq := binary.LittleEndian.Uint64(batch)
		end := seq + uint64(binary.LittleEndian.Uint32(batch[8:]))
		switch {
		case next != 0 && seq < next:
			twice++
			continue
		case next != 0 && seq > next:
			missing += seq - next
		}
		next = end
	}
	return next, missing, twice
}

// hasStrays reports whether there are tables in a lane that nobody writes to which
// the store doesn't know. A power cut can leave such, and they hold nothing new
// then; but so can a manifest that has lost its end, and then they may be all there
// is.
func (s *snapshot) hasStrays(db *pebble.DB) bool {
	if s.held {
		return false
	}
	levels, err := db.SSTables()
	if err != nil {
		return true
	}
	known := map[string]bool{}
	for _, tables := range levels {
		for _, t := range tables {
			known[fmt.Sprintf("%06d.sst", uint64(t.BackingSSTNum))] = true
			known[fmt.Sprintf("%06d.sst", uint64(t.FileNum))] = true
		}
	}
	for name := range s.tables {
		if !known[name] {
			return true
		}
	}
	return false
}

// salvage reads all files of a copy without the store.
func (s *snapshot) salvage(ctx context.Context) *salvage {
	out := newSalvage(s.lane)
	for _, log := range s.logs {
		if number, ok := logNumber(log.name); ok {
			out.addLog(log.name, scanLog(log.data, number, false))
		}
	}
	names, _ := s.List(copyDir)
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") && s.tables[name] != nil {
			out.addTable(ctx, name, func() (*tableReader, error) { return openTable(ctx, s.tables[name]) })
		}
	}
	return out
}

// soundLane returns why a recorder must not go on in a lane that it holds: the store
// would open it without a word, and then remove what it didn't understand.
func soundLane(ctx context.Context, dir string) error {
	s, err := copyLane(dir)
	if err != nil {
		return err
	}
	defer s.close()
	if s.noStore != nil && len(s.logs)+len(s.tables) == 0 {
		return nil // a lane that begins
	}
	if damage := s.damage(); len(damage) > 0 {
		return damage[0]
	}
	return s.open(func(db *pebble.DB) error {
		// All tables are read: the store would go on until a compaction meets the
		// damaged one, and fail then.
		flights, _, err := flightsOf(ctx, db, s.lane)
		if err != nil || !s.hasStrays(db) {
			return err
		}
		if all := Unique(append(flights, s.salvage(ctx).result()...)); beatsOf(all) > beatsOf(flights) {
			return errors.New("the manifest doesn't name all tables")
		}
		return nil
	})
}

func beatsOf(flights []Flight) (sum uint64) {
	for _, f := range flights {
		sum += f.Beats()
	}
	return sum
}
