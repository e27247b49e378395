package disk

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// isNeeded reports whether a store can't go on without a file.
func isNeeded(name string) bool {
	return pebblefile.IsLog(name) || isManifest(name) || isMarker(name) || strings.HasSuffix(name, ".sst")
}

// Missing returns which file that the store needs was removed or cut short behind its
// back: what is open can still be written to, and nobody would ever read it. It writes
// nothing, not even a folder's time of access.
func (fs *Deferred) Missing() error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for name, least := range fs.needed {
		switch info, err := fs.Breaker.Stat(fs.PathJoin(fs.dir, name)); {
		case errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("%s was removed", name)
		case err == nil && info.Size() < least:
			return fmt.Errorf("%s was cut short", name)
		}
	}
	return nil
}

// need notes, fs.mu held, that the store needs a file, and how long it is at least. A disk
// that is out of use reports success and does nothing, so nothing is noted then.
func (fs *Deferred) need(name string, size int64) {
	if fs.Tripped() == nil {
		fs.needed[name] = size
	}
}

// neededFile is a file on disk that the store needs. What was synced of it is missed if
// somebody cuts it off.
type neededFile struct {
	vfs.File
	fs   *Deferred
	name string
	size int64 // what was written
}

// Write appends to the file.
func (f *neededFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.size += int64(n)
	return n, err
}

// Sync syncs the file.
func (f *neededFile) Sync() error { return f.sync(f.File.Sync) }

// SyncData syncs what the file holds.
func (f *neededFile) SyncData() error { return f.sync(f.File.SyncData) }

// sync calls do, which makes durable what was written.
func (f *neededFile) sync(do func() error) error {
	size := f.size
	if err := do(); err != nil {
		return err
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if _, ok := f.fs.needed[f.name]; ok { // it wasn't removed meanwhile
		f.fs.need(f.name, size)
	}
	return nil
}
