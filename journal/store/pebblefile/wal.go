// Package pebblefile reads the files of a Pebble store without the store, which would
// take damage for the end that a power cut left, and go on without the rest.
package pebblefile

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"
)

// Pebble frames records in chunks, none of which crosses a block of 32 KiB (pebble,
// record/record.go). A log's chunks carry its number, and the checksum covers it, so a
// chunk of another log is never taken for one of this log.
//
//	+---------+----------+---------+----------------+-----------------+---------+
//	| CRC 4 B | size 2 B | type 1 B| log number 4 B | sync offset 8 B | payload |
//	|         |          |         | types 5 to 12  | types 9 to 12   | size B  |
//	+---------+----------+---------+----------------+-----------------+---------+
//
// The types count four by four: full, first, middle, last.
const (
	chunkBlock  = 32 << 10
	chunkHeader = 7
	typeFull    = 0
	typeFirst   = 1
	typeMiddle  = 2
	typeLast    = 3
)

// chunkExtra is what a header has beyond chunkHeader, by the type's family:
// manifests are of the first one, logs of the others.
var chunkExtra = [...]int{0, 4, 12}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunk is a framed piece of a log.
type chunk struct {
	position int // typeFull, …
	number   uint32
	payload  []byte
	size     int // header included
}

// chunkAt returns the chunk at the start of b, of a log or of a manifest, and reports
// whether there is one. The number of bytes that it summed up is added to effort.
func chunkAt(b []byte, manifest bool, effort *int) (chunk, bool) {
	if len(b) < chunkHeader || b[6] == 0 || int(b[6]-1)/4 >= len(chunkExtra) {
		return chunk{}, false
	}
	family := int(b[6]-1) / 4
	header := chunkHeader + chunkExtra[family]
	end := header + int(binary.LittleEndian.Uint16(b[4:]))
	if manifest != (family == 0) || end > len(b) {
		return chunk{}, false
	}
	*effort += end
	sum := crc32.Checksum(b[6:end], castagnoli)
	if sum>>15|sum<<17+0xa282ead8 != binary.LittleEndian.Uint32(b) {
		return chunk{}, false
	}
	c := chunk{position: int(b[6]-1) % 4, payload: b[header:end], size: end}
	if !manifest {
		c.number = binary.LittleEndian.Uint32(b[chunkHeader:])
	}
	return c, true
}

// isUnknownChunk reports whether b begins with a whole chunk of a type that a newer
// Pebble may write: its checksum is right, whichever of the headers that are known its
// own is as long as.
func isUnknownChunk(b []byte, effort *int) bool {
	if len(b) < chunkHeader || b[6] == 0 || int(b[6]-1)/4 < len(chunkExtra) {
		return false
	}
	for _, extra := range chunkExtra {
		end := chunkHeader + extra + int(binary.LittleEndian.Uint16(b[4:]))
		if end > len(b) {
			return false
		}
		*effort += end
		if sum := crc32.Checksum(b[6:end], castagnoli); sum>>15|sum<<17+0xa282ead8 == binary.LittleEndian.Uint32(b) {
			return true
		}
	}
	return false
}

// Extent is a part of a file.
type Extent struct{ from, to int }

// LogScan is what a log or a manifest holds, wherever it is damaged.
type LogScan struct {
	Records [][]byte
	Damaged []Extent // bytes that are no record, with whole records after them
	Tail    int      // where the last whole record ends; the file is torn there, unless it ends there
	Unknown bool     // it has chunks of a type that a newer version may write
	Foreign bool     // it begins with a chunk of another log, or has one of a later log; some file systems leave chunks of an earlier log in a block that is used again
}

// maxEffort bounds the work on a file that is made to look like a log at each of
// its bytes, in multiples of its size.
const maxEffort = 64

// ScanLog finds all whole records of a log. Pebble's reader ends at the first chunk that
// isn't whole, and takes it for the end that a power cut left, unless the next block of 32
// KiB, an hour of heartbeats later, proves otherwise. But a recorder syncs each record
// before the next one, so a whole record after a torn one is proof of damage.
func ScanLog(data []byte, number uint32) LogScan { return scan(data, number, false) }

// ScanManifest finds all whole records of a manifest, as ScanLog does.
func ScanManifest(data []byte) LogScan { return scan(data, 0, true) }

func scan(data []byte, number uint32, manifest bool) LogScan {
	var s LogScan
	var parts []byte // of the record under way
	under, lost := false, -1
	effort, begin := 0, 0
	for at := 0; at < len(data) && effort < maxEffort*len(data)+chunkBlock; {
		block := data[at:min(len(data), at-at%chunkBlock+chunkBlock)]
		c, ok := chunkAt(block, manifest, &effort)
		if ok && !manifest && c.number == number+1 && len(c.payload) == 0 {
			// The mark with which a log that was closed ends.
			s.Tail = len(data)
			break
		}
		if ok && !manifest && c.number != number {
			s.Foreign = s.Foreign || c.number > number || at == 0
			ok = false
		}
		if !ok && lost < 0 && len(block) < chunkHeader+chunkExtra[2] && at+len(block) < len(data) && allZero(block) {
			at += len(block) // too short for another chunk
			continue
		}
		s.Unknown = s.Unknown || !ok && isUnknownChunk(block, &effort)
		begins := ok && (c.position == typeFull || c.position == typeFirst)
		if lost < 0 && (!ok || under == begins) {
			lost = at // neither a record's beginning nor its continuation
			if under {
				lost = begin
			}
		}
		if !ok {
			under = false
			at++
			continue
		}
		if begins {
			under, parts, begin = true, nil, at
		}
		at += c.size
		if !under {
			continue
		}
		parts = append(parts, c.payload...)
		if c.position == typeFull || c.position == typeLast {
			if lost >= 0 {
				s.Damaged = append(s.Damaged, Extent{lost, begin})
				lost = -1
			}
			s.Records = append(s.Records, parts)
			s.Tail, under = at, false
		}
	}
	return s
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// Problems names the damage of a file.
func (s LogScan) Problems(name string) []error {
	var all []error
	for _, d := range s.Damaged {
		all = append(all, fmt.Errorf("%s: %d bytes at offset %d can't be read", name, d.to-d.from, d.from))
	}
	if s.Unknown {
		all = append(all, fmt.Errorf("%s: holds chunks of a type that this version doesn't know", name))
	}
	if s.Foreign {
		all = append(all, fmt.Errorf("%s: holds another log", name))
	}
	return all
}

// Each passes the operands of a log to use, in the order in which they were written, and
// records that are no batch to wrong.
func (s LogScan) Each(use func(kind pebble.InternalKeyKind, key, value []byte), wrong func(error)) {
	for _, batch := range s.Records {
		if len(batch) < batchrepr.HeaderLen {
			wrong(fmt.Errorf("%d bytes that are no batch", len(batch)))
			continue
		}
		for r := batchrepr.Read(batch); ; {
			kind, key, value, ok, err := r.Next()
			if err != nil {
				wrong(err)
			}
			if !ok {
				break
			}
			use(kind, key, value)
		}
	}
}

// EachFlight passes the keys and operands of a log's flights to use.
func (s LogScan) EachFlight(use func(key, operand []byte)) {
	s.Each(func(kind pebble.InternalKeyKind, key, value []byte) {
		if isOperand(kind) {
			use(key, value)
		}
	}, func(error) {})
}

// SeqStart is the sequence number of a store's first operand (pebble,
// internal/base/internal.go: SeqNumStart).
const SeqStart = 10

// FirstSeq returns the sequence number of the log's first operand, capped at limit; limit
// if the log is empty.
func (s LogScan) FirstSeq(limit uint64) uint64 {
	for _, batch := range s.Records {
		if len(batch) >= batchrepr.HeaderLen {
			return min(limit, binary.LittleEndian.Uint64(batch))
		}
	}
	return limit
}

// Continues compares the log with the one before it, after which the next sequence number
// is next (0 where not known). It returns the number after this log, how many operands are
// missing in between, and how many batches stand there twice. A batch begins with the
// sequence number of its first operand and their count. The last number that the manifest
// knows may belong to an operand that was never written, since the power was cut.
func (s LogScan) Continues(next, last uint64) (after, missing, twice uint64) {
	for _, batch := range s.Records {
		if len(batch) < batchrepr.HeaderLen {
			continue // salvage will say so
		}
		seq := binary.LittleEndian.Uint64(batch)
		end := seq + uint64(binary.LittleEndian.Uint32(batch[8:]))
		switch {
		case next != 0 && seq < next:
			twice++
			continue
		case next != 0 && seq > next && (next != last || seq != last+1):
			missing += seq - next
		}
		next = end
	}
	return next, missing, twice
}
