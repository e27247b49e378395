package blackbox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// A record of wtmp, as utmp(5) has it:
//
//	+---------+-----+------+------+------+------+-------+---------+---------+-------+
//	| type, 2 | pid | line | id,4 | user | host | exit  | session | seconds | …     |
//	| pad, 2  | 4   | 32   |      | 32   | 256  | 4     | 4       | 4       | 40    |
//	+---------+-----+------+------+------+------+-------+---------+---------+-------+
//
// Where time has 64 bits the session has 8 bytes, and so do seconds.
const (
	wtmpRecord  = 384
	wtmpRecord8 = 400
	wtmpUser    = 44
	wtmpSeconds = 340
	runLevel    = 1
	bootTime    = 2
)

// maxMarks is how many boots and shutdowns are told, the latest ones.
const maxMarks = 4

// wtmp tells the latest boots and shutdowns that init wrote down, by its own clock: a
// shutdown right after a boot proves that it ended in order.
func wtmp(b *Box) []string {
	f, err := b.root.Open("var/log/wtmp")
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	at, ok := f.(io.ReaderAt)
	if !ok {
		return nil
	}
	size, seconds := int64(wtmpRecord), func(r []byte) int64 { return int64(int32(binary.NativeEndian.Uint32(r[wtmpSeconds:]))) }
	if runtime.GOARCH == "arm64" || runtime.GOARCH == "loong64" {
		size, seconds = wtmpRecord8, func(r []byte) int64 { return int64(binary.NativeEndian.Uint64(r[wtmpSeconds+4:])) }
	}
	var marks []string
	// Sessions lie between boots, so that the last 1 MiB is looked through.
	record := make([]byte, size)
	for n, seen := info.Size()/size-1, 0; n >= 0 && seen < 1<<20/int(size) && len(marks) < maxMarks; n, seen = n-1, seen+1 {
		if _, err := at.ReadAt(record, n*size); err != nil {
			break
		}
		user, _, _ := bytes.Cut(record[wtmpUser:wtmpUser+32], []byte{0})
		switch kind := binary.NativeEndian.Uint16(record); {
		case kind == bootTime:
			marks = append(marks, fmt.Sprintf("boot@%d", seconds(record)))
		case kind == runLevel && string(user) == "shutdown":
			marks = append(marks, fmt.Sprintf("shutdown@%d", seconds(record)))
		}
	}
	slices.Reverse(marks)
	return one(strings.Join(marks, " "))
}
