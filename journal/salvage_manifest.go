package journal

import "encoding/binary"

// The tags with which a record of a manifest begins (pebble,
// internal/manifest/version_edit.go). What follows them isn't of interest here.
const (
	tagComparer  = 1 // a string, which only the first record has
	tagLogNumber = 2 // the first log that isn't in tables
)

// firstLiveLog returns the number of the first log that a store still needs, by its
// manifest, or 0 where that doesn't say. Older ones may stand there if they could not
// be removed, in whatever order.
func firstLiveLog(manifest logScan) (number uint64) {
	for _, edit := range manifest.records {
		tag, value, rest := field(edit)
		if tag == tagComparer {
			tag, value, _ = field(rest[min(value, uint64(len(rest))):])
		}
		if tag == tagLogNumber {
			number = value
		}
	}
	return number
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
