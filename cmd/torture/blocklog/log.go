package blocklog

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Kind is what a log entry tells. Its values are those of the log file.
type Kind uint32

const (
	Write Kind = 1 // data reached the disk's cache
	Flush Kind = 2 // the cache was made durable
)

// Entry is one thing that the disk was told.
type Entry struct {
	Kind Kind
	Time int64  // when it was done, on the clock of [Now]; never decreases along a log
	Off  int64  // of a Write: where on the disk
	Data []byte // of a Write
	// Covers is how many of the log's entries a Flush made durable: those that had
	// been logged when it began. What was written while it went on it doesn't cover.
	Covers int64
}

// A log file is a row of entries, little-endian:
//
//	+------+--------+------+---------------+---------+
//	| kind | length | time | off or covers | data    |
//	|  4   |   4    |  8   |       8       | length  |
//	+------+--------+------+---------------+---------+
const headerSize = 24

func appendEntry(b []byte, e Entry) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(e.Kind))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(e.Data)))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Time))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Off+e.Covers))
	return append(b, e.Data...)
}

// ReadLog reads the log file called name. A last entry that isn't whole is left
// out: its write was never answered.
func ReadLog(name string) ([]Entry, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading block log: %w", err)
	}
	defer f.Close()
	var log []Entry
	for r := bufio.NewReaderSize(f, 1<<20); ; {
		e, err := readEntry(r)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return log, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading block log %s, entry %d: %w", name, len(log), err)
		}
		log = append(log, e)
	}
}

func readEntry(r io.Reader) (Entry, error) {
	var h [headerSize]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return Entry{}, err
	}
	e := Entry{Kind: Kind(binary.LittleEndian.Uint32(h[:])), Time: int64(binary.LittleEndian.Uint64(h[8:]))}
	arg := int64(binary.LittleEndian.Uint64(h[16:]))
	switch e.Kind {
	case Flush:
		e.Covers = arg
	case Write:
		e.Off, e.Data = arg, make([]byte, binary.LittleEndian.Uint32(h[4:]))
	default:
		return Entry{}, fmt.Errorf("kind %d is neither a write nor a flush", e.Kind)
	}
	_, err := io.ReadFull(r, e.Data)
	return e, err
}
