//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Traced is what one boot did to the files of one kind.
type Traced struct {
	Kind    string `json:"kind"` // a file's name, its numbers replaced by N
	Made    int    `json:"made"`
	Writes  int    `json:"writes"`
	Bytes   int64  `json:"bytes"`
	Syncs   int    `json:"syncs"` // fsync, fdatasync
	Hints   int    `json:"hints"` // fallocate, sync_file_range
	Renamed int    `json:"renamed"`
	Removed int    `json:"removed"`
}

// straceArgs has strace follow all threads and name the files behind descriptors;
// the trace goes to the file out, and the command follows.
func straceArgs(out string) []string {
	return []string{"-f", "-y", "-s", "0", "-o", out,
		"-e", "trace=openat,mkdirat,write,pwrite64,writev,pwritev,pwritev2,fallocate,ftruncate," +
			"fdatasync,fsync,sync_file_range,rename,renameat,renameat2,unlink,unlinkat,link,linkat", "--"}
}

var (
	tracedCall = regexp.MustCompile(`^(\d+)\s+(\w+)\((.*)\)\s+= (\d+)`)
	unfinished = regexp.MustCompile(`^(\d+)\s+(\w+\(.*) <unfinished \.\.\.>$`)
	resumed    = regexp.MustCompile(`^(\d+)\s+<\.\.\. \w+ resumed>(.*)$`)
	descriptor = regexp.MustCompile(`^\d+<([^>]*)>`)
	quoted     = regexp.MustCompile(`"([^"]*)"`)
	number     = regexp.MustCompile(`\d+`)
)

// parseTrace adds up what an strace of a process did to the files below dir.
// Calls that failed did nothing.
func parseTrace(trace io.Reader, dir string) ([]Traced, error) {
	kinds := make(map[string]*Traced)
	begun := make(map[string]string) // calls that another thread's line interrupted, by thread
	for lines := bufio.NewScanner(trace); ; {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return nil, fmt.Errorf("reading the trace: %w", err)
			}
			break
		}
		line := lines.Text()
		if m := unfinished.FindStringSubmatch(line); m != nil {
			begun[m[1]] = m[2]
			continue
		}
		if m := resumed.FindStringSubmatch(line); m != nil {
			line = m[1] + " " + begun[m[1]] + m[2]
		}
		if m := tracedCall.FindStringSubmatch(line); m != nil {
			result, _ := strconv.ParseInt(m[4], 10, 64)
			count(kinds, dir, m[2], m[3], result)
		}
	}
	var out []Traced
	for _, t := range kinds {
		out = append(out, *t)
	}
	slices.SortFunc(out, byKind)
	return out, nil
}

// count adds one call to the file that it was for.
func count(kinds map[string]*Traced, dir, call, args string, result int64) {
	path := subject(call, args)
	if !strings.HasPrefix(path, dir) || call == "openat" && !strings.Contains(args, "O_CREAT") {
		return
	}
	kind := number.ReplaceAllString(filepath.Base(path), "N")
	if kinds[kind] == nil {
		kinds[kind] = &Traced{Kind: kind}
	}
	t := kinds[kind]
	switch call {
	case "openat", "mkdirat", "link", "linkat":
		t.Made++
	case "write", "pwrite64", "writev", "pwritev", "pwritev2":
		t.Writes++
		t.Bytes += result
	case "fsync", "fdatasync":
		t.Syncs++
	case "fallocate", "ftruncate", "sync_file_range":
		t.Hints++
	case "rename", "renameat", "renameat2":
		t.Renamed++
	case "unlink", "unlinkat":
		t.Removed++
	}
}

// subject returns the path that a call is for: what its descriptor stands for, or
// the last path that it names, which is the new one of a rename.
func subject(call, args string) string {
	if m := descriptor.FindStringSubmatch(args); m != nil && !strings.HasSuffix(call, "at") && call != "renameat2" {
		return m[1]
	}
	paths := quoted.FindAllStringSubmatch(args, -1)
	if len(paths) == 0 {
		return ""
	}
	return paths[len(paths)-1][1]
}

// writeTraced writes what each kind of file took part in during one boot.
func writeTraced(b *strings.Builder, traced []Traced) {
	if len(traced) == 0 {
		return
	}
	b.WriteString("| file | made | writes | bytes | syncs | hints | renamed to | removed |\n|---|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, t := range traced {
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d | %d |\n",
			t.Kind, t.Made, t.Writes, t.Bytes, t.Syncs, t.Hints, t.Renamed, t.Removed)
	}
	b.WriteString("\n")
}
