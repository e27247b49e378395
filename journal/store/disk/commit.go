package disk

import (
	"errors"
	"maps"
	"slices"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Press demands that all is committed as soon as the store has opened.
func (fs *Deferred) Press() { fs.pressing = true }

// Opened notes that the store has opened. It commits if that was demanded, and reports
// whether it did.
func (fs *Deferred) Opened() (committed bool, err error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.opened = true
	if !fs.pressing || fs.committed {
		return false, nil
	}
	return true, fs.commit()
}

// commit writes to disk what was deferred; fs.mu is held. First come the tables and the
// manifest, then their names, then the marker that makes the manifest the current one, and
// only then are the files removed that the store had removed. A power cut in between
// leaves the old manifest, or the new one, with all files that it names.
func (fs *Deferred) commit() error {
	var markers []string
	for _, name := range slices.Clone(fs.names) {
		switch {
		case isOptions(name):
		case isMarker(name):
			markers = append(markers, name)
		default:
			if err := fs.commitFile(name); err != nil {
				return err
			}
		}
	}
	if err := SyncDir(fs.Breaker, fs.dir); err != nil {
		return err
	}
	if err := fs.Tripped(); err != nil { // the old manifest is the current one
		return err
	}
	for _, name := range markers {
		if err := fs.commitFile(name); err != nil {
			return err
		}
	}
	if err := SyncDir(fs.Breaker, fs.dir); err != nil {
		return err
	}
	fs.committed, fs.dirty = true, false
	// The oldest log is removed first: a reader who looks in between sees logs without a gap.
	for _, name := range slices.SortedFunc(maps.Keys(fs.removed), pebblefile.ByNumber) {
		fs.Breaker.Remove(fs.PathJoin(fs.dir, name))
	}
	fs.removed = map[string]bool{}
	return nil
}

// Undo removes the files that were made by a store that couldn't be opened and has ended,
// so that many tries don't gather files. If the new manifest may be the current one, all
// files stay. Files that were there before stay as well: a store that couldn't list the
// folder may have used their numbers.
func (fs *Deferred) Undo(disk vfs.FS) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if slices.ContainsFunc(fs.made, isMarker) {
		return
	}
	for _, name := range fs.made {
		if !slices.Contains(fs.found, name) {
			disk.Remove(fs.PathJoin(fs.dir, name))
		}
	}
}

// commitFile writes one deferred file to disk. If the store still writes to it, it goes on
// there.
func (fs *Deferred) commitFile(name string) error {
	d, path := fs.deferred[name], fs.PathJoin(fs.dir, name)
	text, err := fs.memory.UnsafeGetFileDataBuffer(path)
	if err != nil {
		return err
	}
	fs.made = append(fs.made, name)
	f, err := fs.Breaker.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	if _, err := f.Write(slices.Clone(text)); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	fs.need(name, int64(len(text)))
	fs.forget(name)
	if d.shut {
		err = f.Close()
	} else {
		err = d.File.Close()
		d.File = &neededFile{File: f, fs: fs, name: name, size: int64(len(text))}
	}
	return errors.Join(err, fs.memory.Remove(path))
}

// SyncDir syncs a folder: the names in it survive a power cut.
func SyncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(syncedDir{d, dir}.Sync(), d.Close())
}
