package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flightrec/journal"

	"github.com/klauspost/compress/zstd"
	"github.com/urfave/cli/v2"
)

// namedDumps returns the names that are given for dumps, folders and patterns among them:
// those of --from, and arguments. Without any it is a journal that is read.
func namedDumps(c *cli.Context) ([]string, error) {
	files := c.Args().Slice()
	if c.Command.Name == "why" {
		files = nil // its argument names an outage
	}
	if len(files) > 0 && c.IsSet("journal") {
		return nil, usagef("--journal and the dump %q exclude each other", files[0])
	}
	return slices.Concat(c.StringSlice("from"), files), nil
}

// dumps returns the names of the dumps to read. A folder stands for the files in it, and a
// pattern for those that it matches: never none.
func dumps(c *cli.Context) ([]string, error) {
	given, err := namedDumps(c)
	if err != nil {
		return nil, err
	}
	var names []string
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] { // a line is complained of once
			seen[name] = true
			names = append(names, name)
		}
	}
	named, err := globbed(given)
	if err != nil {
		return nil, err
	}
	for _, name := range named {
		info, err := os.Stat(name)
		if name == "-" || err != nil || !info.IsDir() {
			add(name)
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, fmt.Errorf("reading dumps: %w", err)
		}
		files := 0
		for _, e := range entries {
			if e.Type().IsRegular() && e.Name()[0] != '.' {
				add(filepath.Join(name, e.Name()))
				files++
			}
		}
		if files == 0 {
			return nil, hintError{fmt.Errorf("reading dumps: no file in folder %s", name), "A journal is named with --journal DIR."}
		}
	}
	return names, nil
}

// globbed returns names, each that is a pattern of filepath.Match and names no file replaced
// by the files that it matches: a shell has no room for the names of a large fleet.
func globbed(names []string) (all []string, err error) {
	for _, name := range names {
		if _, err := os.Lstat(name); err == nil || !strings.ContainsAny(name, "*?[") {
			all = append(all, name)
			continue
		}
		files, err := filepath.Glob(name)
		if err != nil {
			return nil, usagef("%q: %w", name, err)
		}
		if files == nil {
			return nil, fmt.Errorf("reading dumps: no file like %s", name)
		}
		all = append(all, files...)
	}
	return all, nil
}

// readDumps returns the flights of dumps.
func readDumps(c *cli.Context, names []string, bar *progress, w *warnings) (*flown, error) {
	memory, err := memoryOf(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	to := &gatherer{memory: memory, stop: cancel}
	for _, name := range names {
		if _, err := readDump(c, ctx, name, bar, to.add, w.add); err != nil {
			return nil, cmp.Or(to.err, err)
		}
	}
	return to.flown(c, w)
}

// readDump reads the dump of this name, and returns its size.
func readDump(c *cli.Context, ctx context.Context, name string, bar *progress, each func(journal.Flight), warn func(error)) (int64, error) {
	in := &countingReader{r: c.App.Reader, bar: bar}
	if name == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return 0, fmt.Errorf("reading dump: %w", err)
		}
		defer f.Close()
		in.r = f
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			in.all = info.Size()
		}
	}
	text, err := unpacked(in)
	if err != nil {
		return in.n, fmt.Errorf("reading dump %s: %w", name, err)
	}
	defer text.Close()
	return in.n, journal.ReadDump(ctx, name, text, each, warn)
}

// unpacked returns what r holds, which may be compressed: its first bytes tell how
// (RFC 1952, RFC 8878).
func unpacked(r io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReader(r)
	first, _ := in.Peek(4) // an error comes again with the first read
	switch {
	case bytes.HasPrefix(first, []byte{0x1f, 0x8b}):
		return gzip.NewReader(in)
	case bytes.Equal(first, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		// Without limits a few bytes could ask for gigabytes.
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, err
		}
		return z.IOReadCloser(), nil
	}
	return io.NopCloser(in), nil
}

// countingReader counts what is read, and shows it.
type countingReader struct {
	r   io.Reader
	n   int64
	all int64 // 0 where not known
	bar *progress
}

// Read reads.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.bar.show(c.n, c.all)
	return n, err
}
