package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flightrec/journal"
	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
)

// damage names what is wrong with the logs and the manifest of a copy. Pebble wouldn't
// tell: it takes most damage for the end that a power cut left, and goes on without the
// rest.
func (s *snapshot) damage() []error {
	problems := slices.Clone(s.refused)
	wrong := func(err error) { problems = append(problems, fmt.Errorf("%s: %w", s.lane, err)) }
	manifest := pebblefile.ScanManifest(s.manifest.data)
	books, err := pebblefile.ReadManifest(manifest)
	if err != nil {
		wrong(fmt.Errorf("%s: %w", s.manifest.name, err))
	}
	var next uint64 // the sequence number of the next operand, 0 where not known
	if len(s.tables) == 0 {
		next = pebblefile.SeqStart
	}
	found := false // a log that the store needs: there is always one, if only an empty one
	for _, log := range s.logs {
		number, ok := pebblefile.LogNumber(log.name)
		if !ok {
			wrong(fmt.Errorf("%s: not a log's name", log.name))
			continue
		}
		scan := pebblefile.ScanLog(log.data, number)
		for _, err := range scan.Problems(log.name) {
			wrong(err)
		}
		if uint64(number) < books.LiveLog {
			next = 0 // its operands are in tables, and later logs may have been removed before it
			continue
		}
		found = true
		if next == 0 && books.LastSeq > 0 {
			next = scan.FirstSeq(books.LastSeq + 1) // operands may have gone into it before the manifest was written
		}
		var missing, twice uint64
		if next, missing, twice = scan.Continues(next, books.LastSeq); missing > 0 && len(scan.Damaged) == 0 {
			wrong(fmt.Errorf("%s: %d records before it are missing", log.name, missing))
		}
		if twice > 0 {
			wrong(fmt.Errorf("%s: %d records stand there twice", log.name, twice))
		}
	}
	for _, err := range manifest.Problems(s.manifest.name) {
		wrong(err)
	}
	// While a lane is being written, its manifest may be newer than the copy's logs.
	if len(problems) == 0 && !s.held && s.noStore == nil {
		switch {
		case !found:
			wrong(errors.New("the log is missing"))
		case next > 0 && next < books.LastSeq: // the last one may never have become durable
			wrong(fmt.Errorf("%d records at the end of the logs are missing", books.LastSeq+1-next))
		}
	}
	return problems
}

// strays returns the tables of a lane that the manifest doesn't name, if no recorder holds
// the lane. A power cut while a table was written leaves one, whole or torn, which holds
// nothing that the logs don't. A manifest that has lost its end leaves some as well, and
// then they may be the only copy.
func (s *snapshot) strays(db *pebble.DB) (map[string]bool, error) {
	if s.held {
		return nil, nil
	}
	levels, err := db.SSTables()
	if err != nil {
		return nil, err
	}
	strays := map[string]bool{}
	for name := range s.tables {
		strays[name] = true
	}
	for _, tables := range levels {
		for _, t := range tables {
			delete(strays, tableName(t))
		}
	}
	return strays, nil
}

// salvage reads all files of a copy without the store.
func (s *snapshot) salvage(ctx context.Context) *salvage {
	out := newSalvage(s.lane)
	for _, log := range s.logs {
		if number, ok := pebblefile.LogNumber(log.name); ok {
			out.addLog(log.name, pebblefile.ScanLog(log.data, number))
		}
	}
	names, _ := s.List(snapshotDir)
	for _, name := range names {
		if strings.HasSuffix(name, ".sst") && s.tables[name] != nil {
			out.addTable(ctx, name, func() (*pebblefile.Table, error) { return pebblefile.OpenTable(ctx, s.tables[name], readerOptions()) })
		}
	}
	return out
}

// soundLane returns why a recorder must not go on in a lane that it holds: Pebble would
// open it without an error, and then remove the files that it didn't understand. The newest
// flights of a sound lane are added to p, since its files are open already.
func soundLane(ctx context.Context, dir string, p *past) error {
	s, err := newSnapshot(dir)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.sound(ctx); err != nil {
		return err
	}
	p.addSnapshot(ctx, s)
	return nil
}

// sound returns why a recorder must not go on in the lane that was copied.
func (s *snapshot) sound(ctx context.Context) error {
	written := func(log snapshotFile) bool { return len(log.data) > 0 }
	if s.noStore != nil && len(s.tables) == 0 && !slices.ContainsFunc(s.logs, written) {
		return nil // a lane that begins, or couldn't
	}
	if damage := s.damage(); len(damage) > 0 {
		return damage[0]
	}
	return s.open(func(db *pebble.DB) error {
		strays, err := s.strays(db)
		if err != nil {
			return err
		}
		// All tables are checked, since Pebble would go on until a compaction reads the
		// damaged one, and fail then.
		for name, f := range s.tables {
			if strays[name] {
				continue
			}
			if err := verifyTable(ctx, f); err != nil {
				return fmt.Errorf("%s: %s: %w", s.lane, name, err)
			}
		}
		if len(strays) == 0 {
			return nil
		}
		parts, err := s.ranges(db)
		if err != nil {
			return err
		}
		flights, _, err := flightsOf(ctx, db, parts, s.lane)
		if err != nil {
			return err
		}
		if _, problems := s.withStrays(ctx, flights); len(problems) > 0 {
			return problems[0]
		}
		return nil
	})
}

// withStrays returns the flights of a sound store together with those of its strays. That
// strays hold heartbeats that the store lacks is a problem. That they are torn is one only
// if the manifest is torn as well: a manifest names only whole tables.
func (s *snapshot) withStrays(ctx context.Context, flights []journal.Flight) ([]journal.Flight, []error) {
	salvaged := s.salvage(ctx)
	all := journal.Unique(slices.Concat(flights, salvaged.result()))
	more := beatsOf(all) - beatsOf(flights)
	switch {
	case more > 0:
	case s.tornManifest() && len(salvaged.problems) > 0:
		return flights, salvaged.problems
	default:
		return flights, nil
	}
	unnamed := fmt.Errorf("%s: the manifest doesn't name tables that hold %d heartbeats", s.lane, more)
	return all, append([]error{unnamed}, salvaged.problems...)
}

// tornManifest reports whether the manifest ends in the midst of a record.
func (s *snapshot) tornManifest() bool {
	return pebblefile.ScanManifest(s.manifest.data).Tail < len(s.manifest.data)
}

func beatsOf(flights []journal.Flight) (sum uint64) {
	for _, f := range flights {
		sum += f.Beats()
	}
	return sum
}
