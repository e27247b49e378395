//go:build amd64

package store

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flightrec/journal/journaltest"
	"flightrec/journal/store/disk"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// refusal is how a file system in user space answers what it doesn't have; 0 where it
// does.
type refusal struct {
	lock, ask, syncDir syscall.Errno
	setMode, setOwner  syscall.Errno // all belongs to another user then, and anybody may write
}

// refusingNode is a file or folder of such a file system, which keeps them elsewhere.
type refusingNode struct {
	*fs.LoopbackNode
	refusal *refusal
}

func (n *refusingNode) WrapChild(_ context.Context, child fs.InodeEmbedder) fs.InodeEmbedder {
	return &refusingNode{child.(*fs.LoopbackNode), n.refusal}
}

func (n *refusingNode) OpendirHandle(ctx context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	h, flags, err := n.LoopbackNode.OpendirHandle(ctx, flags)
	if err != 0 {
		return nil, flags, err
	}
	return refusingDir{h.(fs.FileReaddirenter), n.refusal}, flags, 0
}

func (n *refusingNode) Setlk(context.Context, fs.FileHandle, uint64, *fuse.FileLock, uint32) syscall.Errno {
	return n.refusal.lock
}

func (n *refusingNode) Getlk(_ context.Context, _ fs.FileHandle, _ uint64, _ *fuse.FileLock, _ uint32, out *fuse.FileLock) syscall.Errno {
	out.Typ = syscall.F_UNLCK
	return n.refusal.ask
}

func (n *refusingNode) Getattr(ctx context.Context, f fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	err := n.LoopbackNode.Getattr(ctx, f, out)
	if n.refusal.setOwner != 0 {
		out.Uid, out.Gid, out.Mode = 1000, 1000, out.Mode|0o777
	}
	return err
}

func (n *refusingNode) Setattr(ctx context.Context, f fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	_, mode := in.GetMode()
	_, owner := in.GetUID()
	switch {
	case mode && n.refusal.setMode != 0:
		return n.refusal.setMode
	case owner && n.refusal.setOwner != 0:
		return n.refusal.setOwner
	}
	return n.LoopbackNode.Setattr(ctx, f, in, out)
}

type refusingDir struct {
	fs.FileReaddirenter
	refusal *refusal
}

func (d refusingDir) Fsyncdir(context.Context, uint32) syscall.Errno { return d.refusal.syncDir }

// mountRefusing mounts such a file system over a folder of its own, until the test ends.
// The library that serves it doesn't build for 32 bits, nor speaks across byte orders.
func mountRefusing(t *testing.T, r refusal) (at, kept string) {
	t.Helper()
	if _, err := os.Stat("/dev/fuse"); err != nil || os.Geteuid() != 0 {
		t.Skip("needs root and /dev/fuse")
	}
	at, kept = t.TempDir(), t.TempDir()
	root := &fs.LoopbackRoot{Path: kept}
	node := &refusingNode{&fs.LoopbackNode{RootData: root}, &r}
	root.RootNode = node
	server, err := fs.Mount(at, node, &fs.Options{MountOptions: fuse.MountOptions{
		FsName: "kept", Name: "refusing", DirectMountStrict: true, EnableLocks: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return at, kept
}

// TestRefusingFileSystem demands that a recorder on a file system that doesn't lock, or
// doesn't sync folders, says which one refuses what, and leaves nothing behind that later
// reads as a sound journal; and that it takes off where nothing is refused.
func TestRefusingFileSystem(t *testing.T) {
	for name, tt := range map[string]struct {
		refusal refusal
		says    string
	}{
		"nothing":                {refusal{}, ""},
		"owners, as vfat does":   {refusal{setMode: syscall.EPERM, setOwner: syscall.EPERM}, ""},
		"locks, as NFS does":     {refusal{lock: syscall.ENOLCK}, "the file system (fuse.refusing) refuses to lock files: no locks available"},
		"locks":                  {refusal{lock: syscall.EOPNOTSUPP}, "the file system (fuse.refusing) refuses to lock files: operation not supported"},
		"folders, as CIFS does":  {refusal{syncDir: syscall.EINVAL}, "the file system (fuse.refusing) refuses to sync folders: invalid argument"},
		"folders, without a way": {refusal{syncDir: syscall.EOPNOTSUPP}, "the file system (fuse.refusing) refuses to sync folders: operation not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			at, kept := mountRefusing(t, tt.refusal)
			dir := filepath.Join(at, "deep", "journal")
			j, err := Open(dir, slog.New(slog.DiscardHandler))
			if tt.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				journaltest.Fly(t, j, time.Now(), 3, true)
				if err := j.Close(); err != nil || len(mustRead(t, dir)) != 1 {
					t.Errorf("closed: %v; flights %v", err, mustRead(t, dir))
				}
				return
			}
			var refused *disk.RefusedError
			if !errors.As(err, &refused) || err.Error() != "opening journal "+dir+": "+tt.says {
				t.Errorf("opened: %v", err)
			}
			if left, err := os.ReadDir(kept); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			if _, err := Verify(t.Context(), dir, func(error) {}, func(_, _ int64) {}); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("verified: %v", err)
			}
		})
	}
}

// TestRefusedLater demands that a journal that was made elsewhere is neither recorded
// into nor changed where folders can't be synced.
func TestRefusedLater(t *testing.T) {
	at, kept := mountRefusing(t, refusal{syncDir: syscall.EINVAL})
	j := mustOpen(t, kept)
	journaltest.Fly(t, j, time.Now(), 3, true)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	before := filesIn(t, kept)
	if _, err := Open(at, slog.New(slog.DiscardHandler)); !errors.As(err, new(*disk.RefusedError)) || strings.Contains(err.Error(), "\n") {
		t.Errorf("opened: %v", err)
	}
	if after := filesIn(t, kept); after != before {
		t.Errorf("%d files, %d before", after, before)
	}
	if f := mustRead(t, kept); len(f) != 1 || f[0].Beats() != 3 {
		t.Errorf("flights %+v", f)
	}
}

// TestUntoldLocks demands that a reader who isn't told whether a flight's recorder lives
// says so, and that it doesn't where the flight has landed.
func TestUntoldLocks(t *testing.T) {
	for _, landed := range []bool{false, true} {
		at, kept := mountRefusing(t, refusal{ask: syscall.ENOLCK})
		j := mustOpen(t, kept)
		journaltest.Fly(t, j, time.Now(), 3, landed)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if IsHeld(at) {
			t.Error("held, although nobody records")
		}
		const want = "lane-0: whether its last flight is aloft can't be told: the file system (fuse.refusing) refuses to tell locks"
		for who, look := range map[string]func(warn func(error)) (int, error){
			"a reader": func(warn func(error)) (int, error) {
				flights, err := Read(t.Context(), at, warn)
				return len(flights), err
			},
			"Verify": func(warn func(error)) (int, error) {
				counts, err := Verify(t.Context(), at, warn, func(_, _ int64) {})
				return counts.Flights, err
			},
		} {
			var warned []string
			n, err := look(func(err error) { warned = append(warned, err.Error()) })
			if told := len(warned) == 1 && warned[0] == want; err != nil || n != 1 || told == landed || landed && len(warned) > 0 {
				t.Errorf("%s, landed %v: %d flights, %v, warnings %q", who, landed, n, err, warned)
			}
		}
	}
}
