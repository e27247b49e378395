package pebblefile

import (
	"cmp"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// LogNumber returns the number in a log's name.
func LogNumber(name string) (uint32, bool) {
	digits, ok := strings.CutSuffix(filepath.Base(name), ".log")
	n, err := strconv.ParseUint(digits, 10, 64)
	return uint32(n), ok && err == nil
}

// IsLog reports whether a file is a log.
func IsLog(name string) bool { return strings.HasSuffix(name, ".log") }

// LogsOf returns the logs among a folder's files, in the order of their numbers.
func LogsOf(names []string) []string {
	logs := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !IsLog(name) })
	slices.SortFunc(logs, ByNumber)
	return logs
}

// ByNumber orders files of one kind, whose numbers may have grown a digit.
func ByNumber(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }

// TrimTail returns a log without its torn end. A log that is damaged in its midst is
// returned as it is.
func TrimTail(name string, data []byte) []byte {
	number, ok := LogNumber(name)
	if !ok {
		return data
	}
	scan := ScanLog(data, number)
	if len(scan.Damaged) > 0 || scan.Foreign || scan.Unknown {
		return data
	}
	return data[:scan.Tail]
}
