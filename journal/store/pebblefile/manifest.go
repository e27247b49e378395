package pebblefile

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// The tags with which a record of a manifest begins (pebble,
// internal/manifest/version_edit.go), in this order. What follows them isn't of
// interest here.
const (
	tagComparer   = 1 // a string, which only the first record has
	tagLogNumber  = 2 // the first log that isn't in tables
	tagPrevLog    = 9
	tagNextFile   = 3
	tagLastNumber = 4 // the last sequence number that was given to an operand
)

// skippedTags are those whose bodies aren't of interest: compactions, tables, blob files,
// column families.
var skippedTags = []uint64{5, 6, 7, 100, 102, 103, 104, 105, 106, 107, 108, 200, 201, 202, 203}

// Manifest is what a manifest says of the logs.
type Manifest struct {
	LiveLog uint64 // the first log that the store still needs, 0 where that isn't known
	LastSeq uint64 // the sequence number of the newest operand by then, 0 where that isn't known
}

// ReadManifest reads a manifest. Logs before the first one that is needed may stand
// there if they could not be removed, in whatever order. A tag that isn't known, as a
// newer Pebble may write, is an error: what it says of the logs would be missed.
func ReadManifest(manifest LogScan) (l Manifest, err error) {
	for _, edit := range manifest.Records {
		for tag, value, rest := field(edit); tag != 0; tag, value, rest = field(rest) {
			switch tag {
			case tagComparer:
				rest = rest[min(value, uint64(len(rest))):]
			case tagLogNumber:
				l.LiveLog = value
			case tagLastNumber:
				l.LastSeq = max(l.LastSeq, value)
			case tagPrevLog, tagNextFile:
			default:
				if !slices.Contains(skippedTags, tag) {
					err = fmt.Errorf("tag %d isn't known to this version", tag)
				}
				rest = nil
			}
		}
	}
	return l, err
}

// field takes a tag and the number behind it off a record; the tag is 0 if there is
// none.
func field(edit []byte) (tag, value uint64, rest []byte) {
	tag, n := binary.Uvarint(edit)
	if n <= 0 {
		return 0, 0, nil
	}
	value, m := binary.Uvarint(edit[n:])
	if m <= 0 {
		return 0, 0, nil
	}
	return tag, value, edit[n+m:]
}
