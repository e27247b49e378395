package disk

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Deferred is the file system that a lane's store sees. It spares the card what
// opening a store costs.
//
// A store that opens writes the heartbeats of its last log into a table, begins a
// new manifest, and notes its options, and syncs each of them: several times what the
// heartbeats of a short flight take themselves. The old manifest and the old logs say the
// same. So the files that a store makes as it opens, except for its new log, stay in
// memory (they are deferred), and the files that it removes stay on disk. If the flight is
// short, the next boot finds one more log, and replays it:
//
//	boot 1  manifest tables 1.log
//	boot 2  manifest tables 1.log 2.log
//	boot 3  manifest tables 1.log 2.log 3.log
//
// Deferred files are committed (written to disk, in the order that a crash needs) as soon
// as the store flushes or compacts of its own accord, and at once where the store is new
// or has many logs (see MaxDeferredLogs). Options never reach the disk.
//
// After the next boot, a log that was torn by a power cut isn't the last one any more, and
// Pebble takes a torn end of any other log for damage. So the store reads logs without
// their torn ends (pebblefile.TrimTail).
type Deferred struct {
	*Breaker         // the disk
	dir       string // the lane's folder
	prewrites bool   // logs are written with zeros beforehand

	mu        sync.Mutex
	committed bool                     // nothing is deferred any more
	pressing  bool                     // commit as soon as the store has opened
	opened    bool                     // the store has opened: the next sync of the manifest commits
	memory    *vfs.MemFS               // what isn't on disk, all in one folder
	deferred  map[string]*deferredFile // the files in memory, by name; in the order of their making in names
	names     []string
	removed   map[string]bool   // on disk, but removed as far as the store knows
	trimmed   map[string][]byte // logs without their torn ends
	dirty     bool              // the folder got a new name since it was last synced
	found     []string          // what was on disk before the store
	made      []string          // what the store has made on disk
	needed    map[string]int64  // what the store needs on disk, and its least size
}

// A store with more logs than this, or longer ones, commits as it opens: that makes one
// table of them.
const (
	MaxDeferredLogs  = 16
	MaxDeferredBytes = 128 << 10
)

// NewDeferred returns the file system of the store in dir, on disk.
func NewDeferred(disk *Breaker, dir string, format uint64) (*Deferred, error) {
	fs := &Deferred{
		Breaker: disk, dir: dir, prewrites: prewrites(dir), memory: vfs.NewMem(),
		deferred: map[string]*deferredFile{}, removed: map[string]bool{}, trimmed: map[string][]byte{},
		needed: map[string]int64{},
	}
	names, err := disk.List(dir)
	if err != nil {
		return nil, err
	}
	fs.found = names
	for _, name := range names {
		if info, err := disk.Stat(disk.PathJoin(dir, name)); err == nil && isNeeded(name) {
			fs.needed[name] = info.Size()
		}
	}
	logs := pebblefile.LogsOf(names)
	size := 0
	for i, name := range logs {
		data, err := readFile(disk, disk.PathJoin(dir, name))
		if err != nil {
			return nil, err
		}
		size += len(data)
		switch last := i == len(logs)-1; {
		case last: // it stays although it may be empty: that there is none would be taken for damage
		case len(data) == 0: // a recorder didn't take off, for want of space perhaps
			disk.Remove(disk.PathJoin(dir, name))
			delete(fs.needed, name)
		default:
			fs.trimmed[name] = pebblefile.TrimTail(name, data)
		}
	}
	fs.pressing = len(logs) == 0 || len(logs) >= MaxDeferredLogs || size >= MaxDeferredBytes || !slices.ContainsFunc(names, func(name string) bool { return isFormatMarker(name, format) })
	return fs, fs.memory.MkdirAll(dir, 0o755)
}

func readFile(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}

// isOptions reports whether a file is one that only tells what the store's
// options were, or is about to.
func isOptions(name string) bool {
	return strings.HasPrefix(name, "OPTIONS-") || strings.HasPrefix(name, "temporary.")
}

// isFormatMarker reports whether a file says that a store has the format that we
// write, so that opening it won't change that.
func isFormatMarker(name string, format uint64) bool {
	return strings.HasPrefix(name, "marker.format-version.") && strings.HasSuffix(name, fmt.Sprintf(".%03d", format))
}

func isMarker(name string) bool { return strings.HasPrefix(name, "marker.") }

func isManifest(name string) bool { return strings.HasPrefix(name, "MANIFEST-") }

// stored reports whether a file that is made now belongs on disk at once.
func (fs *Deferred) stored(name string) bool {
	return pebblefile.IsLog(name) || fs.committed && !isOptions(name)
}

// Create makes a file, on disk or in memory.
func (fs *Deferred) Create(path string, category vfs.DiskWriteCategory) (vfs.File, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	name := fs.PathBase(path)
	delete(fs.needed, name) // nobody needs what may stand there, as a store leaves it that failed
	if fs.stored(name) {
		fs.dirty = true
		fs.made = append(fs.made, name)
		f, err := fs.Breaker.Create(path, category)
		if err != nil || !isNeeded(name) {
			return f, err
		}
		if pebblefile.IsLog(name) {
			f = &walFile{File: f, zeros: fs.prewrites}
		}
		fs.need(name, 0)
		return &neededFile{File: f, fs: fs, name: name}, nil
	}
	f, err := fs.memory.Create(path, category)
	if err != nil {
		return nil, err
	}
	d := &deferredFile{File: f, fs: fs, name: name}
	fs.deferred[name] = d
	fs.names = append(fs.names, name)
	return d, nil
}

// Open opens a file, wherever it is.
func (fs *Deferred) Open(path string, opts ...vfs.OpenOption) (vfs.File, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	name := fs.PathBase(path)
	if fs.deferred[name] != nil {
		return fs.memory.Open(path, opts...)
	}
	if data, ok := fs.trimmed[name]; ok {
		return vfs.NewMemFile(data), nil
	}
	return fs.Breaker.Open(path, opts...)
}

// Stat describes a file, wherever it is.
func (fs *Deferred) Stat(path string) (vfs.FileInfo, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.deferred[fs.PathBase(path)] != nil {
		return fs.memory.Stat(path)
	}
	return fs.Breaker.Stat(path)
}

// List lists a folder as the store made it.
func (fs *Deferred) List(dir string) ([]string, error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	names, err := fs.Breaker.List(dir)
	names = slices.DeleteFunc(names, func(name string) bool { return fs.removed[name] })
	for name := range fs.deferred {
		names = append(names, name)
	}
	return names, err
}

// Remove removes a file. One that is on disk stays there until the commit.
func (fs *Deferred) Remove(path string) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	name := fs.PathBase(path)
	if fs.deferred[name] != nil {
		fs.forget(name)
		return fs.memory.Remove(path)
	}
	delete(fs.needed, name)
	if !fs.committed {
		fs.removed[name] = true
		return nil
	}
	return fs.Breaker.Remove(path)
}

// ReuseForWrite makes a log where another one ends, which is removed. To go on in
// its file would spare nothing: logs make their own room, little by little.
func (fs *Deferred) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := fs.Remove(from); err != nil {
		return nil, err
	}
	return fs.Create(to, category)
}

// Rename renames a file. The store does so with its options only.
func (fs *Deferred) Rename(from, to string) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	d := fs.deferred[fs.PathBase(from)]
	if d == nil {
		fs.dirty = true
		return fs.Breaker.Rename(from, to)
	}
	fs.forget(d.name)
	d.name = fs.PathBase(to)
	fs.deferred[d.name] = d
	fs.names = append(fs.names, d.name)
	return fs.memory.Rename(from, to)
}

func (fs *Deferred) forget(name string) {
	delete(fs.deferred, name)
	fs.names = slices.DeleteFunc(fs.names, func(n string) bool { return n == name })
}

// OpenDir opens the folder for syncing.
func (fs *Deferred) OpenDir(path string) (vfs.File, error) {
	f, err := fs.Breaker.OpenDir(path)
	return deferredDir{f, fs}, err
}

// Lock does nothing: the lane's holder has the lock.
func (fs *Deferred) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// Unwrap returns nil, so that Pebble doesn't reach the disk without fs.
func (fs *Deferred) Unwrap() vfs.FS { return nil }
