package store

import (
	"io"

	"flightrec/journal"

	"github.com/cockroachdb/pebble/v2"
)

// merger folds the operands of a flight. Its name is stored in every table and is part of
// the format: Pebble opens no store that was written with a merger of another name.
var merger = &pebble.Merger{
	Name: "flightrec.fold.v1",
	Merge: func(_, operand []byte) (pebble.ValueMerger, error) {
		return valueMerger{journal.NewFold(operand)}, nil
	},
}

// valueMerger is a fold as the store calls it. It never fails: an error would stop the
// store's compactions for good.
type valueMerger struct{ *journal.Fold }

// MergeNewer adds a newer operand.
func (m valueMerger) MergeNewer(operand []byte) error {
	m.Newer(operand)
	return nil
}

// MergeOlder adds an older operand.
func (m valueMerger) MergeOlder(operand []byte) error {
	m.Older(operand)
	return nil
}

// Finish returns the folded value.
func (m valueMerger) Finish(bool) ([]byte, io.Closer, error) { return m.Value(), nil, nil }
