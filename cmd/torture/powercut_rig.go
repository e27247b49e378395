//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"flightrec/cmd/torture/blocklog"

	"golang.org/x/sys/unix"
)

// rig is a logged disk that is plugged in: a process that serves it and the loop
// device over it.
type rig struct {
	server *exec.Cmd
	plug   io.Closer // the server's standard input; closing it ends the server
	loop   *blocklog.Loop
	base   *blocklog.Image
	log    string
}

// startRig plugs in a disk of the content base, whose flushes take latency. Its
// files lie in the new folder dir.
func startRig(dir string, base *blocklog.Image, latency time.Duration) (*rig, error) {
	mount, image, log := filepath.Join(dir, "fuse"), filepath.Join(dir, "base.img"), filepath.Join(dir, "log")
	if err := os.MkdirAll(mount, 0o700); err != nil {
		return nil, fmt.Errorf("plugging in the disk: %w", err)
	}
	if err := base.Store(image); err != nil {
		return nil, err
	}
	server := self(context.Background(), "drive", image, mount, log, latency.String())
	// The server outlives torture until its input ends: what is mounted on it must go
	// first. Nor may it share torture's mounts: the last process of a namespace
	// unmounts what is left in it, and a server that has to unmount the file system
	// on its own disk waits for itself, in the kernel, for ever.
	server.SysProcAttr.Pdeathsig, server.SysProcAttr.Unshareflags = 0, syscall.CLONE_NEWNS
	server.Stderr = os.Stderr
	plug, err := server.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("plugging in the disk: %w", err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("plugging in the disk: %w", err)
	}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("plugging in the disk: %w", err)
	}
	r := &rig{server: server, plug: plug, base: base, log: log}
	if _, err := io.ReadFull(out, make([]byte, len(ready))); err != nil {
		return nil, errors.Join(fmt.Errorf("waiting for the disk: %w", err), r.unplug())
	}
	theirs := fmt.Sprintf("/proc/%d/root", server.Process.Pid)
	if r.loop, err = blocklog.AttachLoop(filepath.Join(theirs, mount, blocklog.FileName)); err != nil {
		return nil, errors.Join(err, r.unplug())
	}
	return r, nil
}

// unplug ends the disk. Nothing may be mounted from it any more.
func (r *rig) unplug() error {
	var err error
	if r.loop != nil {
		err = r.loop.Close()
	}
	err = errors.Join(err, r.plug.Close(), r.server.Wait())
	if err != nil {
		return fmt.Errorf("unplugging the disk: %w", err)
	}
	return nil
}

// disk returns the history of the disk, whose sectors are of so many bytes. The rig
// must be unplugged.
func (r *rig) disk(sector int) (*blocklog.Disk, error) {
	log, err := blocklog.ReadLog(r.log)
	if err != nil {
		return nil, err
	}
	return blocklog.NewDisk(r.base, log, sector), nil
}

// sectors is what each file system counts on being written wholly or not at all.
// Less, and the kernel can't mount it any more, which tells nothing of a recorder:
// ext4's superblock has 1024 bytes, and a torn one is for e2fsck to repair; XFS doesn't
// replay its log onto a block whose first sector is new already.
var sectors = map[string]int{"ext4": 1024, "xfs": 4096}

const ready = "ready\n"

// serveDrive is the role of the process that serves the disk, until its standard
// input ends.
func serveDrive(_ context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	if len(args) != 4 {
		return errors.New("drive: wants image, folder, log and latency")
	}
	latency, err := time.ParseDuration(args[3])
	if err != nil {
		return fmt.Errorf("drive: %w", err)
	}
	if err := leaveMounts(filepath.Dir(filepath.Dir(filepath.Dir(args[0])))); err != nil {
		return err
	}
	base, err := blocklog.LoadImage(args[0])
	if err != nil {
		return err
	}
	stop, err := blocklog.Serve(base, args[1], args[2], latency)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, ready)
	if err == nil {
		_, err = io.Copy(io.Discard, stdin)
	}
	return errors.Join(err, stop())
}

// leaveMounts takes the file systems of all sessions below a folder out of this
// process's mount namespace, which began as a copy of torture's. In it, another
// recorder's would stay mounted, and its disk busy, as long as this server lives.
func leaveMounts(dir string) error {
	mounts, err := filepath.Glob(filepath.Join(dir, "*", "*", mountName))
	if err != nil {
		return fmt.Errorf("listing mounts: %w", err)
	}
	for _, m := range mounts {
		if err := unix.Unmount(m, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("unmounting %s: %w", m, err)
		}
	}
	return nil
}

// format returns an image of a fresh file system of the type fstype. No work is left
// for the kernel to do after the first mount, which would disturb the log.
func format(ctx context.Context, dir, fstype string) (*blocklog.Image, error) {
	const mb = 1 << 20
	var size int64
	var args []string
	switch fstype {
	case "ext4":
		size, args = 96*mb, []string{"-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard"}
	case "xfs":
		size, args = 320*mb, []string{"-q", "-f", "-K"} // mkfs.xfs makes nothing below 300 MB
	default:
		return nil, fmt.Errorf("file system %q: neither ext4 nor xfs", fstype)
	}
	name := filepath.Join(dir, "fresh.img")
	if err := blocklog.NewImage(size).Store(name); err != nil {
		return nil, err
	}
	defer os.Remove(name)
	if out, err := exec.CommandContext(ctx, "mkfs."+fstype, append(args, name)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("making %s: %w: %s", fstype, err, out)
	}
	return blocklog.LoadImage(name)
}
