package disk

import "github.com/cockroachdb/pebble/v2/vfs"

// deferredDir is the lane's folder. It is synced only if a name came into it: a
// removal that a power cut undoes does no harm.
type deferredDir struct {
	vfs.File
	fs *Deferred
}

// Sync syncs the folder, if there is any need to.
func (d deferredDir) Sync() error {
	d.fs.mu.Lock()
	defer d.fs.mu.Unlock()
	if !d.fs.dirty {
		return nil
	}
	d.fs.dirty = false
	return d.File.Sync()
}

// deferredFile is a file in memory until the commit, and on disk from then on.
type deferredFile struct {
	vfs.File
	fs   *Deferred
	name string
	shut bool
}

// target returns where to write now.
func (f *deferredFile) target() vfs.File {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	return f.File
}

// Write appends to the file.
func (f *deferredFile) Write(p []byte) (int, error) {
	f.fs.mu.Lock() // nothing is committed in the midst of a write
	defer f.fs.mu.Unlock()
	return f.File.Write(p)
}

// Sync syncs the file. If it is the manifest of a store that has opened, the manifest names
// files that aren't on disk yet, so they are committed first.
func (f *deferredFile) Sync() error {
	f.fs.mu.Lock()
	var err error
	if !f.fs.committed && f.fs.opened && isManifest(f.name) {
		err = f.fs.commit()
	}
	f.fs.mu.Unlock()
	if err != nil {
		return err
	}
	return f.target().Sync()
}

// SyncData syncs the file like Sync.
func (f *deferredFile) SyncData() error { return f.Sync() }

// SyncTo syncs a part of the file, if it is on disk.
func (f *deferredFile) SyncTo(length int64) (bool, error) { return f.target().SyncTo(length) }

// Preallocate makes room for the file, if it is on disk.
func (f *deferredFile) Preallocate(offset, length int64) error {
	return f.target().Preallocate(offset, length)
}

// Stat describes the file.
func (f *deferredFile) Stat() (vfs.FileInfo, error) { return f.target().Stat() }

// Close closes the file.
func (f *deferredFile) Close() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	f.shut = true
	return f.File.Close()
}
