package store

import (
	"bytes"
	"context"
	"slices"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
)

// tidyTables is how many small tables a store gathers before they become one.
const compactTables = 8

// tidy merges the newest tables of a store into one when there are many. Short
// flights leave a small table for every few boots, and the store itself never
// merges those, since their keys don't overlap: a crash loop would end in tens of
// thousands of files.
//
// Of the tables, in the order of their keys, those at the newer end are merged that
// are no larger than all newer ones together, as a binary counter carries. So
// each flight is rewritten a number of times that grows with the logarithm of
// theirs, and so does the number of tables.
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
	// The store compacts from one level to the next, so tables that are in the last
	// one already take part only if a table above overlaps them. An operand without
	// any record makes one.
	oldest, newest := tables[first].Smallest.UserKey, tables[len(tables)-1].Largest.UserKey
	if err := db.Merge(oldest, nil, pebble.Sync); err != nil {
		return err
	}
	if err := db.Merge(newest, nil, pebble.Sync); err != nil {
		return err
	}
	return db.Compact(ctx, oldest, pebblefile.AppendNextKey(nil, newest), false)
}
