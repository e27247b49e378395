package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// keyRange is a range of a store's keys that is read in one go.
//
// Most keys stand in a single table, and in no log. Such a table is read without the
// store, block by block into the same memory; the store would take new memory for each
// block. Where tables overlap, or a log has newer keys, the store is asked, since it knows
// the order of operands:
//
//	table        |---------------|
//	table                     |--------|
//	log                                    |----
//	range        |  table    |st.| table|  | store
type keyRange struct {
	from, to []byte   // from ≤ key < to; nil is no limit
	table    vfs.File // the only file with these keys; nil where the store must be asked
}

// ranges splits the keys of a copied store into ranges, in the order of keys.
func (s *snapshot) ranges(db *pebble.DB) ([]keyRange, error) {
	levels, err := db.SSTables()
	if err != nil {
		return nil, err
	}
	var claims []keyRange
	for _, tables := range levels {
		for _, t := range tables {
			claim := keyRange{from: t.Smallest.UserKey, to: pebblefile.AppendNextKey(nil, t.Largest.UserKey)}
			if !t.Virtual {
				claim.table = s.tables[tableName(t)]
			}
			claims = append(claims, claim)
		}
	}
	if first := s.firstLogged(); first != nil {
		claims = append(claims, keyRange{from: first})
	}
	return splitRanges(claims), nil
}

// tableName returns the name of a table's file.
func tableName(t pebble.SSTableInfo) string { return fmt.Sprintf("%06d.sst", uint64(t.BackingSSTNum)) }

// firstLogged returns the least key in the logs, nil if there is none.
func (s *snapshot) firstLogged() (first []byte) {
	for _, log := range s.logs {
		number, _ := pebblefile.LogNumber(log.name)
		pebblefile.ScanLog(log.data, number).EachFlight(func(key, _ []byte) {
			if first == nil || bytes.Compare(key, first) < 0 {
				first = key
			}
		})
	}
	return first
}

// splitRanges returns ranges that don't overlap, made of claims that may: where two claims
// overlap, the store is asked.
func splitRanges(claims []keyRange) (parts []keyRange) {
	ends := make([][]byte, 0, 2*len(claims))
	for _, c := range claims {
		ends = append(ends, c.from)
		if c.to != nil {
			ends = append(ends, c.to)
		}
	}
	slices.SortFunc(ends, bytes.Compare)
	ends = slices.CompactFunc(ends, bytes.Equal)
	for i, from := range ends {
		p := keyRange{from: from}
		if i+1 < len(ends) {
			p.to = ends[i+1]
		}
		n := 0
		for _, c := range claims {
			if bytes.Compare(c.from, from) <= 0 && (c.to == nil || bytes.Compare(from, c.to) < 0) {
				p.table = c.table
				n++
			}
		}
		if n > 1 {
			p.table = nil
		}
		switch last := len(parts) - 1; {
		case n == 0:
		case last >= 0 && p.table == nil && parts[last].table == nil && bytes.Equal(parts[last].to, from):
			parts[last].to = p.to
		default:
			parts = append(parts, p)
		}
	}
	return parts
}

// each passes the keys and values of a range to use, in the order of keys. Both are valid
// only until use returns; a value that can't be read comes with an error.
func (p keyRange) each(ctx context.Context, db *pebble.DB, use func(key, value []byte, err error)) error {
	if p.table != nil {
		return p.eachOfTable(ctx, use)
	}
	it, err := db.NewIterWithContext(ctx, &pebble.IterOptions{LowerBound: p.from, UpperBound: p.to})
	if err != nil {
		return err
	}
	for it.First(); it.Valid() && ctx.Err() == nil; it.Next() {
		value, err := it.ValueAndErr()
		use(it.Key(), value, err)
	}
	return it.Close()
}

func (p keyRange) eachOfTable(ctx context.Context, use func(key, value []byte, err error)) error {
	t, err := pebblefile.OpenTable(ctx, p.table, readerOptions())
	if err != nil {
		return err
	}
	_, err = t.EachBetween(ctx, p.from, p.to, func(key, value []byte) { use(key, value, nil) })
	return errors.Join(err, t.Close())
}
