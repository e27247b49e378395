package blackbox

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"flightrec/journal"
)

// Patience is how long a caller waits for sources. What comes later is told the next time.
const Patience = 20 * time.Millisecond

// Box reads the sources of one machine.
type Box struct {
	root    fs.FS
	dir     string // the journal's folder
	readers []*reader

	// What was found at the last look for evidence, for readers of vitals.
	mu     sync.Mutex
	places places
	open   map[string]*openFile // read for vitals
	quiet  quiet
}

// openFile is a file that one source reads at each look.
type openFile struct {
	io.ReaderAt
	io.Closer
	text [8 << 10]byte // room for twice what the largest, /proc/vmstat, holds
}

// places is where some sources are.
type places struct {
	alarms   []string // hwmon's alarms of low voltage
	zones    []zone   // thermal
	policies []string // cpufreq's
	stat     string   // of the device that the journal is on
}

// New returns the box of the machine whose files are below root, for a journal in dir.
func New(root, dir string) *Box { return newBox(os.DirFS(root), dir) }

func newBox(root fs.FS, dir string) *Box {
	b := &Box{root: root, dir: dir, open: map[string]*openFile{}, quiet: quiet{seen: map[string]bool{}}}
	for i := range sources {
		b.readers = append(b.readers, &reader{box: b, source: &sources[i]})
	}
	return b
}

// reader reads one source, once at a time.
type reader struct {
	box    *Box
	source *source
	mu     sync.Mutex
	busy   bool // it is being read, or hangs
	clues  []journal.Clue
	values []journal.Value
}

// read reads the source, unless that is being done already.
func (r *reader) read(evidence bool) {
	r.mu.Lock()
	busy := r.busy
	r.busy = true
	r.mu.Unlock()
	if busy {
		return
	}
	var clues []journal.Clue
	var values []journal.Value
	if s := r.source; evidence && s.clues != nil {
		for _, text := range s.clues(r.box) {
			if !aside[s.name] {
				clues = append(clues, journal.Clue{Source: s.name, Value: text})
			}
		}
	} else if !evidence && s.vitals != nil {
		values = s.vitals(r.box)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy = false
	if evidence {
		r.clues = clues
	} else {
		r.values = values
	}
}

// gather reads all sources, and waits for them no longer than Patience. One that hangs
// doesn't keep others from being read the next time.
func (b *Box) gather(evidence bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, r := range b.readers {
			r.read(evidence)
		}
	}()
	late := time.NewTimer(Patience)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
}

// Evidence returns what sources tell of how this boot came about.
func (b *Box) Evidence() (found journal.Evidence) {
	b.gather(true)
	for _, r := range b.readers {
		r.mu.Lock()
		found = append(found, r.clues...)
		r.mu.Unlock()
	}
	return found
}

// Vitals returns what can be measured, in order of vitals. What was measured too late for
// the call before is among it.
func (b *Box) Vitals() (all []journal.Value) {
	b.gather(false)
	for _, r := range b.readers {
		r.mu.Lock()
		all = append(all, r.values...)
		r.values = nil
		r.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b journal.Value) int { return int(a.Vital) - int(b.Vital) })
	return all
}

// found returns where sources are.
func (b *Box) found() places {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.places
}

// find notes where a source is.
func (b *Box) find(note func(*places)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note(&b.places)
}

// maxText bounds what is read of a file: many times what those have that are read here.
const maxText = 256 << 10

// raw returns what a file holds, as far as it can be read.
func (b *Box) raw(name string) []byte {
	f, err := b.root.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, maxText)) // what was read before an error counts
	return text
}

// text returns a file's text, without the blanks and NULs around it; empty if it can't be
// read.
func (b *Box) text(name string) string { return string(bytes.Trim(b.raw(name), "\x00 \t\r\n")) }

// vital returns the text of a file that is read at each look. It stays open: a heartbeat
// takes a quarter of the processor's time so. Files of /proc and /sys are written anew for
// who reads them from their start.
func (b *Box) vital(name string) string {
	f := b.kept(name)
	if f == nil {
		return ""
	}
	n, err := f.ReadAt(f.text[:], 0)
	if n == 0 && err != io.EOF { // its driver is gone, or can't tell at this moment
		f.Close()
		b.mu.Lock()
		delete(b.open, name)
		b.mu.Unlock()
	}
	return string(bytes.TrimSpace(f.text[:n]))
}

// kept returns an open file, nil if it can't be opened.
func (b *Box) kept(name string) *openFile {
	b.mu.Lock()
	f := b.open[name]
	b.mu.Unlock()
	if f != nil {
		return f
	}
	file, err := b.root.Open(name)
	if err != nil {
		return nil
	}
	at, ok := file.(io.ReaderAt)
	if !ok { // a folder
		file.Close()
		return nil
	}
	f = &openFile{ReaderAt: at, Closer: file}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[name] = f
	return f
}

// number returns the number that a file held, in decimal or with 0x before it.
func number(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 0, 64)
	return n, err == nil
}

// glob returns the files whose names match a pattern, in order.
func (b *Box) glob(pattern string) []string {
	names, _ := fs.Glob(b.root, pattern) // fails for a wrong pattern alone
	return names
}

// fields returns what files of a folder hold, as "name=text", for those that there are.
func (b *Box) fields(dir string, names ...string) string {
	var all []string
	for _, name := range names {
		if text := b.text(path.Join(dir, name)); text != "" {
			all = append(all, name+"="+text)
		}
	}
	return strings.Join(all, " ")
}

// one returns a text as the only one, none if it is empty.
func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
