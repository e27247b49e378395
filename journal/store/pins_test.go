package store

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

	"flightrec/journal/store/pebblefile"
)

// TestPins pins what users' journals were written with. Neither may change by itself:
//
// The merger's name stands in every table. A store whose tables have another one can't be
// opened: a new way of folding must read what the old one wrote, under the same name.
//
// The version of the store's format only ever rises, and no older flightrec opens a store
// of a newer version. Raise it on purpose, in a release that says so, once the version
// that it needs has been released for a year; then check pebblefile against the files
// that the new version writes (TestUnknownChunk names what it must refuse).
func TestPins(t *testing.T) {
	if merger.Name != "flightrec.fold.v1" {
		t.Errorf("merger %q", merger.Name)
	}
	if formatVersion != 20 {
		t.Errorf("format version %d", formatVersion)
	}
}

// TestUnknownChunk demands that a chunk of a type that we don't know, as a newer Pebble
// may write, is damage to us and never the end of a log.
func TestUnknownChunk(t *testing.T) {
	for kind := 13; kind < 256; kind++ {
		chunk := binary.LittleEndian.AppendUint16(make([]byte, 4), 20)
		chunk = append(chunk, byte(kind))
		chunk = binary.LittleEndian.AppendUint32(chunk, 7)
		chunk = append(chunk, make([]byte, 28)...)
		sum := crc32.Checksum(chunk[6:], crc32.MakeTable(crc32.Castagnoli))
		binary.LittleEndian.PutUint32(chunk, sum>>15|sum<<17+0xa282ead8)
		scan := pebblefile.ScanLog(chunk, 7)
		if problems := scan.Problems("000007.log"); len(problems) != 1 || !strings.Contains(problems[0].Error(), "doesn't know") {
			t.Errorf("type %d: %v", kind, problems)
		}
	}
}

// TestUnknownTag demands that a record of a manifest with a tag that we don't know is an
// error.
func TestUnknownTag(t *testing.T) {
	edit := []byte{2, 7, 3, 9, 4, 11} // the log's number, the next file's, the last operand's
	m, err := pebblefile.ReadManifest(pebblefile.LogScan{Records: [][]byte{edit}})
	if err != nil || m.LiveLog != 7 || m.LastSeq != 11 {
		t.Errorf("%+v, %v", m, err)
	}
	for _, tag := range []uint64{8, 10, 99, 101, 109, 300} {
		newer := append(binary.AppendUvarint(slices.Clone(edit), tag), 1, 2, 3)
		if _, err := pebblefile.ReadManifest(pebblefile.LogScan{Records: [][]byte{newer}}); err == nil {
			t.Errorf("tag %d is skipped", tag)
		}
	}
}
