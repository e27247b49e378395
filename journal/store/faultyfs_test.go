package store

import "github.com/cockroachdb/pebble/v2/vfs"

// volatileFS is a disk that isn't synced, so that a life on it takes milliseconds.
type volatileFS struct{ vfs.FS }

func (fs volatileFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, category)
	return volatileFile{f}, err
}

func (fs volatileFS) OpenDir(name string) (vfs.File, error) {
	f, err := fs.FS.OpenDir(name)
	return volatileFile{f}, err
}

type volatileFile struct{ vfs.File }

func (volatileFile) Sync() error     { return nil }
func (volatileFile) SyncData() error { return nil }

// tornFS is a disk whose failing writes are half done.
type tornFS struct {
	vfs.FS
	fail func() error // called at each write
}

func (fs tornFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, category)
	return tornFile{f, fs}, err
}

type tornFile struct {
	vfs.File
	fs tornFS
}

func (f tornFile) Write(p []byte) (int, error) {
	if err := f.fs.fail(); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}
