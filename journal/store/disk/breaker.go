// Package disk holds the file systems that a lane's store sees: one that never seems to
// fail ([Breaker]), and one that writes what opening a store costs only when it must
// ([Deferred]).
package disk

import (
	"cmp"
	"errors"
	"os"
	"sync"
	"time"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Breaker is a disk whose writes never fail as far as the store sees. Where a write fails,
// Pebble ends the process, or panics in a goroutine of its own, or tries again at once and
// for ever. So after the first failed write, later writes are dropped but reported as
// successful; the caller that waits for the store gets the error.
//
// Reads fail as they do, and Pebble returns the error.
type Breaker struct {
	vfs.FS
	patience time.Duration // how long the store may take to come to its end after the disk failed
	failed   chan struct{} // closed as soon as err is set

	mu  sync.RWMutex // held for reading while the disk is being changed
	err error        // why the disk is out of use
}

// NewBreaker returns a disk that is in use. After a failure, Await and Outcome wait for the
// store no longer than patience.
func NewBreaker(disk vfs.FS, patience time.Duration) *Breaker {
	return &Breaker{FS: disk, patience: patience, failed: make(chan struct{})}
}

// fault is the error of a change that the disk refused. The files that are there already
// are not to blame for it.
type fault struct{ error }

func (f fault) Unwrap() error { return f.error }

// IsFault reports whether an error is that of a change that the disk refused.
func IsFault(err error) bool { return errors.As(err, new(fault)) }

// Trip puts the disk out of use. When it returns, the store changes the disk no more.
func (b *Breaker) Trip(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
		close(b.failed)
	}
}

// Tripped returns why the disk is out of use, or nil.
func (b *Breaker) Tripped() error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.err
}

// try changes the disk, if it is in use, and reports whether that was done.
func (b *Breaker) try(change func() error) bool {
	err := b.allowed(change)
	if err == nil {
		return true
	}
	b.Trip(fault{err})
	return false
}

// allowed changes the disk, if it is in use.
func (b *Breaker) allowed(change func() error) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.err != nil {
		return b.err
	}
	return change()
}

// Await calls do, which waits for the store, and returns its outcome.
func (b *Breaker) Await(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- pebblefile.Guard(do) }()
	return b.Outcome(done)
}

// Outcome receives the outcome of a call that waits for the store. If the disk fails
// meanwhile, or had failed before, the error is the disk's; the call may never return then,
// so it is left behind.
func (b *Breaker) Outcome(done <-chan error) error {
	var err error
	select {
	case err = <-done:
	case <-b.failed:
		select {
		case err = <-done:
		case <-time.After(b.patience):
		}
	}
	return cmp.Or(b.Tripped(), err)
}

// file returns what open opens for writing, or a file that is nowhere.
func (b *Breaker) file(open func() (vfs.File, error)) (vfs.File, error) {
	var f vfs.File
	if !b.try(func() (err error) { f, err = open(); return err }) {
		f = vfs.NewMemFile(nil)
	}
	return &breakerFile{f, b}, nil
}

// Create makes a file that only its owner may write.
func (b *Breaker) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return b.file(func() (vfs.File, error) {
		f, err := b.FS.Create(name, category)
		if err == nil {
			err = narrow(f)
		}
		if err == nil && f.Fd() != vfs.InvalidFd { // not in memory
			err = GiveToOwner(name)
		}
		return f, err
	})
}

// OpenDir opens a folder for syncing.
func (b *Breaker) OpenDir(name string) (vfs.File, error) {
	return b.file(func() (vfs.File, error) {
		f, err := b.FS.OpenDir(name)
		return syncedDir{f, name}, err
	})
}

// OpenReadWrite opens a file for writing.
func (b *Breaker) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return b.file(func() (vfs.File, error) { return b.FS.OpenReadWrite(name, category, opts...) })
}

// Remove removes a file, if it can: a file too many does no harm, and the store
// looks for those whenever it opens.
func (b *Breaker) Remove(name string) error {
	b.allowed(func() error { return b.FS.Remove(name) })
	return nil
}

// RemoveAll returns an error: Pebble doesn't call it here.
func (b *Breaker) RemoveAll(string) error { return errors.ErrUnsupported }

// Link returns an error: Pebble doesn't call it here.
func (b *Breaker) Link(string, string) error { return errors.ErrUnsupported }

// Rename renames a file.
func (b *Breaker) Rename(from, to string) error {
	b.try(func() error { return b.FS.Rename(from, to) })
	return nil
}

// MkdirAll makes a folder and those above it.
func (b *Breaker) MkdirAll(dir string, perm os.FileMode) error {
	b.try(func() error { return b.FS.MkdirAll(dir, perm) })
	return nil
}

// List lists a folder. Listing its own is the last step of a store that opens, and if that
// failed, Pebble would close while a compaction is running, which ends the process. So
// where listing fails the disk is put out of use, and the folder looks empty.
func (b *Breaker) List(dir string) ([]string, error) {
	names, err := b.FS.List(dir)
	if err != nil {
		b.Trip(err)
		return nil, nil
	}
	return names, nil
}

// GetDiskUsage asks how full the disk is, which not all can tell.
func (b *Breaker) GetDiskUsage(path string) (vfs.DiskUsage, error) {
	usage, err := b.FS.GetDiskUsage(path)
	if err != nil {
		err = vfs.ErrUnsupported
	}
	return usage, err
}

// Unwrap returns nil, so that nobody goes around the breaker.
func (b *Breaker) Unwrap() vfs.FS { return nil }

// breakerFile is a file, or folder, on a disk that never seems to fail.
type breakerFile struct {
	vfs.File
	disk *Breaker
}

// Write appends to the file.
func (f *breakerFile) Write(p []byte) (int, error) {
	f.disk.try(func() error { _, err := f.File.Write(p); return err })
	return len(p), nil
}

// WriteAt makes room in the file. Its error is returned: a log without room goes on.
func (f *breakerFile) WriteAt(p []byte, offset int64) (n int, err error) {
	err = f.disk.allowed(func() error { n, err = f.File.WriteAt(p, offset); return err })
	return n, err
}

// Preallocate makes room for the file. Its error is returned: a log without room goes on.
func (f *breakerFile) Preallocate(offset, length int64) error {
	return f.disk.allowed(func() error { return f.File.Preallocate(offset, length) })
}

// Sync syncs the file.
func (f *breakerFile) Sync() error {
	f.disk.try(f.File.Sync)
	return nil
}

// SyncData syncs what the file holds.
func (f *breakerFile) SyncData() error {
	f.disk.try(f.File.SyncData)
	return nil
}

// SyncTo syncs a part of the file.
func (f *breakerFile) SyncTo(length int64) (full bool, err error) {
	f.disk.try(func() error { full, err = f.File.SyncTo(length); return err })
	return full, nil
}

// Close closes the file. Some file systems report a failed write only then.
func (f *breakerFile) Close() error {
	if f.disk.Tripped() != nil {
		f.File.Close()
		return nil
	}
	f.disk.try(f.File.Close)
	return nil
}
