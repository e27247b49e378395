package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"flightrec/journal"
	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Counts says how much Verify has read.
type Counts struct {
	Flights int
	Beats   uint64
	Lanes   int
	Files   int
	Bytes   int64
}

// Verify reads each block of each table and each record of each log, whether a report needs
// it or not. A broken checksum or rule goes to wrong, with its lane and file. It tells
// progress how many bytes it has read, and how many there are. Like Read it takes no lock
// and changes nothing.
//
// One loss leaves no trace: a last log that ends early, after a whole record, looks as
// if the power had been cut at that moment, unless the manifest knows of later ones.
func Verify(ctx context.Context, dir string, wrong func(error), progress func(done, all int64)) (Counts, error) {
	names, odd, err := laneNames(dir)
	if err != nil {
		return Counts{}, fmt.Errorf("verifying journal %s: %w", dir, errPath(dir, err))
	}
	for _, name := range odd {
		wrong(fmt.Errorf("verifying journal %s: %s: not a folder", dir, name))
	}
	var counts Counts
	for _, name := range names {
		files, bytes := sizeOf(filepath.Join(dir, name))
		counts.Lanes++
		counts.Files += files
		counts.Bytes += bytes
	}
	var flights []journal.Flight
	told := map[string]bool{}
	once := func(err error) {
		if !told[err.Error()] {
			told[err.Error()] = true
			wrong(err)
		}
	}
	var done int64
	for _, name := range names {
		found, err := verifyLane(ctx, filepath.Join(dir, name), once, func(n int64) {
			done += n
			progress(done, counts.Bytes)
		})
		if ctx.Err() != nil {
			return counts, ctx.Err()
		}
		if err != nil {
			once(fmt.Errorf("%s: %w", name, errPath(filepath.Join(dir, name), err)))
		}
		flights = append(flights, found...)
	}
	flights = journal.Unique(flights)
	counts.Flights, counts.Beats = len(flights), beatsOf(flights)
	return counts, nil
}

// Size returns how many bytes the files of a journal's lanes have, as far as they can be
// listed.
func Size(dir string) (bytes int64) {
	names, _, _ := laneNames(dir) // Read tells what is wrong
	for _, name := range names {
		_, n := sizeOf(filepath.Join(dir, name))
		bytes += n
	}
	return bytes
}

// sizeOf counts the files of a folder.
func sizeOf(dir string) (files int, bytes int64) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, 0 // reading will say so
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files++
			bytes += info.Size()
		}
	}
	return files, bytes
}

// verifyLane verifies one lane, and tells the sizes of what it has read.
func verifyLane(ctx context.Context, dir string, wrong func(error), progress func(int64)) ([]journal.Flight, error) {
	err := withSnapshot(dir, func(s *snapshot) error {
		strays := s.harmless()
		for _, log := range s.logs {
			progress(int64(len(log.data))) // readLane says what is wrong with it
		}
		for _, name := range slices.Sorted(maps.Keys(s.tables)) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			f := s.tables[name]
			if err := pebblefile.Guard(func() error { return verifyTable(ctx, f) }); err != nil && !strays[name] {
				wrong(fmt.Errorf("%s: %s: %w", s.lane, name, err))
			}
			if info, err := f.Stat(); err == nil {
				progress(info.Size())
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	flights, err := readLane(ctx, dir, wrong)
	if errors.Is(err, fs.ErrNotExist) { // a lane without a store is about to begin
		err = nil
	}
	return flights, err
}

// harmless returns the tables of a sound lane that its manifest doesn't name. If a power
// cut left them, they may be torn; if they hold heartbeats that the store lacks, readLane
// says so.
func (s *snapshot) harmless() (strays map[string]bool) {
	if len(s.damage()) > 0 || s.tornManifest() {
		return nil
	}
	err := s.open(func(db *pebble.DB) (err error) {
		strays, err = s.strays(db)
		return err
	})
	if err != nil {
		return nil // readLane says so
	}
	return strays
}

// verifyTable checks the checksums of a table's blocks.
func verifyTable(ctx context.Context, f vfs.File) error {
	t, err := pebblefile.OpenTable(ctx, f, readerOptions())
	if err != nil {
		return err
	}
	return errors.Join(t.ValidateBlockChecksums(), t.Close())
}
