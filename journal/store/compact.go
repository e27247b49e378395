package store

import (
	"bytes"
	"context"
	"slices"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
)

// compactTables is how many small tables a store gathers before they become one.
const compactTables = 8

// compact merges the newest tables of a store into one when there are many. Short
// flights leave a small table for every few boots, and the store itself never
// merges those, since their keys don't overlap: a crash loop would end in tens of
// thousands of files.
//
// From the newest table back, tables are merged as long as each is no larger than all
// newer ones together, as a binary counter carries. So the number of tables grows with the
// logarithm of the number of flights, and so does how often a flight is rewritten.
func compact(ctx context.Context, db *pebble.DB) error {
	levels, err := db.SSTables()
	if err != nil {
		return err
	}
	tables := slices.Concat(levels...)
	slices.SortFunc(tables, func(a, b pebble.SSTableInfo) int {
		return bytes.Compare(a.Smallest.UserKey, b.Smallest.UserKey)
	})
	first, newer := len(tables), uint64(0)
	for first > 0 && (newer == 0 || tables[first-1].Size <= max(newer, 4<<10)) {
		first--
		newer += tables[first].Size
	}
	if len(tables)-first < compactTables {
		return nil
	}
	// Pebble compacts from one level to the next, so a table in the last level takes part
	// only if a table above it overlaps. An operand without any record makes such a table.
	oldest, newest := tables[first].Smallest.UserKey, tables[len(tables)-1].Largest.UserKey
	if err := db.Merge(oldest, nil, pebble.Sync); err != nil {
		return err
	}
	if err := db.Merge(newest, nil, pebble.Sync); err != nil {
		return err
	}
	return db.Compact(ctx, oldest, pebblefile.AppendNextKey(nil, newest), false)
}
