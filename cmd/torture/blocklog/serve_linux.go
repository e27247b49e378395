package blocklog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// FileName is the name of the only file in the file system that [Serve] mounts.
const FileName = "disk"

// Serve mounts a file system at dir that holds one file, the disk, with the
// content of base at first, and logs what is done to it to a new file called log.
// A flush takes as long as latency says. The function that it returns unmounts it
// and closes the log; by then nobody may have the disk open.
func Serve(base *Image, dir, log string, latency time.Duration) (stop func() error, err error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("serving disk: %w", err)
	}
	d := &drive{content: base.Clone(), log: f, latency: latency}
	server, err := fs.Mount(dir, &root{drive: d}, &fs.Options{MountOptions: fuse.MountOptions{
		FsName: "blocklog", Name: "blocklog", DirectMountStrict: true, MaxWrite: 1 << 20, DisableXAttrs: true,
		DisableSplice: true, // what is read is in memory
	}})
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("serving disk at %s: %w", dir, err)
	}
	return func() error {
		err := Unmount(dir)
		if err == nil {
			server.Wait()
		}
		return errors.Join(err, f.Close())
	}, nil
}

// root is the folder that holds the disk.
type root struct {
	fs.Inode
	drive *drive
}

// OnAdd puts the disk in its place.
func (r *root) OnAdd(ctx context.Context) {
	child := r.NewPersistentInode(ctx, r.drive, fs.StableAttr{Mode: syscall.S_IFREG})
	r.AddChild(FileName, child, false)
}

// drive is the disk as a file: a content, and a log of how it came about.
type drive struct {
	fs.Inode
	latency time.Duration

	mu      sync.Mutex
	content *Image
	log     *os.File
	entries int64 // in the log so far
}

// append logs e. The caller holds d.mu, so that the log's order is the order in
// which things were done.
func (d *drive) append(e Entry) syscall.Errno {
	e.Time = Now()
	if _, err := d.log.Write(appendEntry(nil, e)); err != nil {
		return fs.ToErrno(err)
	}
	d.entries++
	return 0
}

// Open asks the kernel for direct I/O: each write arrives here before it is
// answered, and in no other order than the loop device gave it.
func (d *drive) Open(context.Context, uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return nil, fuse.FOPEN_DIRECT_IO, 0
}

func (d *drive) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	out.Mode, out.Size = 0o600, uint64(d.content.Size())
	return 0
}

func (d *drive) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, _ := d.content.ReadAt(dest, off) // its only error is the end of the disk
	return fuse.ReadResultData(dest[:n]), 0
}

func (d *drive) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.content.WriteAt(data, off); err != nil {
		return 0, syscall.ENOSPC
	}
	return uint32(len(data)), d.append(Entry{Kind: Write, Off: off, Data: data})
}

// Fsync is what the loop device makes of a flush. It covers what had been written
// when it began, and is worth nothing before it ends.
func (d *drive) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	d.mu.Lock()
	covers := d.entries
	d.mu.Unlock()
	time.Sleep(d.latency)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.append(Entry{Kind: Flush, Covers: covers})
}

var (
	_ fs.NodeOnAdder   = (*root)(nil)
	_ fs.NodeOpener    = (*drive)(nil)
	_ fs.NodeGetattrer = (*drive)(nil)
	_ fs.NodeReader    = (*drive)(nil)
	_ fs.NodeWriter    = (*drive)(nil)
	_ fs.NodeFsyncer   = (*drive)(nil)
)
