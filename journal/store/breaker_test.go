//go:build unix

package store

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/segmentio/ksuid"
)

// fillable is a disk that can be full: names may be made then, but nothing be
// written.
type fillable struct {
	vfs.FS
	full atomic.Bool
}

func newFillable() *fillable {
	d := new(fillable)
	d.FS = errorfs.Wrap(volatileFS{vfs.Default}, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFilePreallocate:
			if d.full.Load() {
				return syscall.ENOSPC
			}
		}
		return nil
	}))
	return d
}

func openOn(disk vfs.FS, dir string) (*Journal, error) {
	opts := storeOptions()
	opts.FS = disk
	return open(dir, slog.New(slog.DiscardHandler), opts)
}

func filesIn(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(string, fs.DirEntry, error) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestFullDiskGathersNothing demands that neither recorders that can't take off nor
// one that tries again and again leave more and more files, and that a flight goes
// on as soon as there is space.
func TestFullDiskGathersNothing(t *testing.T) {
	dir, disk := t.TempDir(), newFillable()
	j, err := openOn(disk, dir)
	if err != nil {
		t.Fatal(err)
	}
	journaltest.Fly(t, j, time.Now(), 5, true)
	id := journaltest.Fly(t, j, time.Now(), 5, false)
	before := filesIn(t, dir)
	disk.full.Store(true)
	for i := range 100 {
		if err := j.Append(id, journaltest.Beat(time.Duration(10+i)*time.Second)); !errors.Is(err, syscall.ENOSPC) || !strings.HasSuffix(err.Error(), "lane-0: no space left on device") {
			t.Fatalf("on a full disk: %v", err)
		}
	}
	if after := filesIn(t, dir); after > before+1 {
		t.Errorf("%d files before, %d after", before, after)
	}
	disk.full.Store(false)
	if err := j.Append(id, journaltest.Beat(10*time.Second), journaltest.Beat(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	before = filesIn(t, dir)
	disk.full.Store(true)
	for range 100 {
		j, err := openOn(disk, dir)
		if err == nil {
			id, _ := j.NewFlight(time.Now())
			err = j.Append(id, journal.Takeoff{}, journaltest.Beat(0))
			j.Close()
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("on a full disk: %v", err)
		}
	}
	if after := filesIn(t, dir); after > before+2 {
		t.Errorf("%d files before, %d after", before, after)
	}
	flights := mustRead(t, dir)
	if len(flights) != 2 || flights[1].Beats() != 7 || flights[1].Legs[0].Last != journaltest.Beat(time.Hour).Fix {
		t.Errorf("flights %+v", flights)
	}
}

// TestFailedStartRemovesNothing lets each operation of a second start fail, and
// demands that what the first one recorded is there.
func TestFailedStartRemovesNothing(t *testing.T) {
	for n := int64(1); ; n++ {
		dir := filepath.Join(t.TempDir(), "journal")
		j, err := openOn(volatileFS{vfs.Default}, dir)
		if err != nil {
			t.Fatal(err)
		}
		journaltest.Fly(t, j, time.Now(), 3, true)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		o := &ops{first: n, last: n, err: syscall.EIO}
		j, err = openOn(errorfs.Wrap(volatileFS{vfs.Default}, errorfs.InjectorFunc(func(op errorfs.Op) error {
			return o.fail("")
		})), dir)
		if err == nil {
			j.Close()
		}
		flights := mustRead(t, dir)
		if len(flights) != 1 || flights[0].Beats() != 3 {
			t.Errorf("operation %d: %v, flights %+v", n, err, flights)
		}
		if o.count.Load() < n {
			t.Logf("%d operations", n-1)
			return
		}
	}
}

// TestRefusedIsNotTwice demands that a heartbeat that was refused, although it
// reached the disk, stands there once after it was written again.
func TestRefusedIsNotTwice(t *testing.T) {
	dir := t.TempDir()
	var fail atomic.Bool
	disk := errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpFileSyncData && fail.CompareAndSwap(true, false) {
			return syscall.EIO
		}
		return nil
	}))
	j, err := openOn(disk, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	id := journaltest.Fly(t, j, time.Now(), 3, false)
	for i := range 4 {
		fail.Store(i < 2)
		err := j.Append(id, journaltest.Beat(3*time.Second), journaltest.Beat(time.Duration(4+i)*time.Second))
		if (err != nil) != (i < 2) {
			t.Errorf("try %d: %v", i, err)
		}
	}
	flights := mustRead(t, dir)
	if len(flights) != 1 || len(flights[0].Legs) != 1 || flights[0].Legs[0].Last != journaltest.Beat(7*time.Second).Fix {
		t.Errorf("flights %+v", flights)
	}
}

// TestAbandonedStoreIsDead demands that a store that was given up changes nothing on
// disk, whatever it is asked to do.
func TestAbandonedStoreIsDead(t *testing.T) {
	var changes atomic.Int64
	mem := vfs.NewCrashableMem()
	l := newLife(t, mem)
	s, err := l.open(stepFS{mem, func(string, string) error { changes.Add(1); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.append(operand{id: ksuid.Max, value: lifeOperand(0, false)}); err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	s.disk.Trip(why)
	before := changes.Load()
	for i := range 300 { // more than a log holds
		if err := s.append(operand{id: ksuid.Max, value: lifeOperand(i, false)}); err != why {
			t.Fatalf("heartbeat %d: %v", i, err)
		}
		if i == 200 {
			s.db.Flush()
		}
	}
	s.abandon(why)
	if n := changes.Load() - before; n != 0 {
		t.Errorf("%d changes", n)
	}
}

// TestHangingStoreIsLeft demands that nobody waits for ever for a store that has
// called Fatalf with its mutex held.
func TestHangingStoreIsLeft(t *testing.T) {
	mem := vfs.NewCrashableMem()
	l := newLife(t, mem)
	l.opts.patience = 50 * time.Millisecond
	s, err := l.open(mem)
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("fatal")
	err = s.disk.Await(func() error {
		go func() { time.Sleep(10 * time.Millisecond); s.disk.Trip(why) }()
		select {}
	})
	if err != why {
		t.Errorf("%v", err)
	}
	s.abandon(why)
}

// TestUnreadableTables demands that a flight goes on although what the store wants to
// merge can't be read.
func TestUnreadableTables(t *testing.T) {
	dir := t.TempDir()
	var reads atomic.Int64
	opts := storeOptions()
	opts.MemTableSize = 8 << 10
	opts.FS = errorfs.Wrap(volatileFS{vfs.Default}, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpFileReadAt && strings.HasSuffix(op.Path, ".sst") {
			reads.Add(1)
			return syscall.EIO
		}
		return nil
	}))
	j, err := open(dir, slog.New(slog.DiscardHandler), opts)
	if err != nil {
		t.Fatal(err)
	}
	id := journaltest.Fly(t, j, time.Now(), 1, false)
	refused := 0
	for i := range 600 {
		if err := j.Append(id, journaltest.Beat(time.Duration(1+i)*time.Second)); err != nil {
			if refused++; refused > 20 {
				t.Fatal(err)
			}
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if reads.Load() == 0 {
		t.Error("nothing was merged")
	}
	flights := mustRead(t, dir)
	if len(flights) != 1 || flights[0].Legs[0].Last != journaltest.Beat(600*time.Second).Fix || flights[0].Beats() < uint64(601-refused) {
		t.Errorf("%d refused, flights %+v", refused, flights)
	}
}

// TestLaneIsLost demands that a recorder whose lock was removed or replaced never
// acknowledges what somebody else may not keep.
func TestLaneIsLost(t *testing.T) {
	for name, take := range map[string]func(lock string) error{
		"removed": os.Remove,
		"replaced": func(lock string) error {
			return errors.Join(os.Remove(lock), os.WriteFile(lock, nil, 0o644))
		},
		"the lane is gone": func(lock string) error { return os.RemoveAll(filepath.Dir(lock)) },
		"another folder is there": func(lock string) error {
			lane := filepath.Dir(lock)
			return errors.Join(os.Rename(lane, lane+"-was"), os.Mkdir(lane, 0o755), os.WriteFile(lock, nil, 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := mustOpen(t, dir)
			id := journaltest.Fly(t, j, time.Now(), 3, false)
			if err := take(filepath.Join(dir, "lane-0", "LOCK")); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := j.Append(id, journaltest.Beat(time.Minute)); !errors.Is(err, journal.ErrLaneLost) {
					t.Errorf("appending: %v", err)
				}
			}
			if err := j.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "lane-0", "MANIFEST-000001")); name == "another folder is there" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("written to another folder: %v", err)
			}
		})
	}
}

// TestModes demands that nobody but the owner may write to a journal, whatever the
// umask is, and that a stricter one is heeded.
func TestModes(t *testing.T) {
	for _, tt := range []struct {
		umask      int
		dir, files fs.FileMode
	}{{0, 0o755, 0o644}, {0o022, 0o755, 0o644}, {0o027, 0o750, 0o640}, {0o077, 0o700, 0o600}} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "journal")
		old := syscall.Umask(tt.umask)
		opts := storeOptions()
		opts.MemTableSize = 8 << 10
		j, err := open(dir, slog.New(slog.DiscardHandler), opts)
		if err == nil {
			journaltest.Fly(t, j, time.Now(), 200, true) // there are tables then
			err = j.Close()
		}
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		filepath.WalkDir(dir, func(path string, e fs.DirEntry, _ error) error {
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.files
			if info.IsDir() {
				want = tt.dir
			}
			if info.Mode().Perm() != want {
				t.Errorf("umask %03o: %s has mode %03o, want %03o", tt.umask, filepath.Base(path), info.Mode().Perm(), want)
			}
			return nil
		})
	}
}

// TestPlantedLinks demands that a recorder writes nowhere but in its journal,
// whatever links somebody has planted there.
func TestPlantedLinks(t *testing.T) {
	for name, plant := range map[string]func(dir, victim string) error{
		"lane": func(dir, victim string) error { return os.Symlink(victim, filepath.Join(dir, "lane-0")) },
		"lock": func(dir, victim string) error {
			return errors.Join(os.Mkdir(filepath.Join(dir, "lane-0"), 0o755), os.Symlink(filepath.Join(victim, "new"), filepath.Join(dir, "lane-0", "LOCK")))
		},
		"a link of somebody else": func(dir, victim string) error {
			if os.Geteuid() != 0 {
				return errors.ErrUnsupported
			}
			return errors.Join(os.Remove(dir), os.Symlink(victim, dir), os.Lchown(dir, 65534, 65534))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, victim := filepath.Join(t.TempDir(), "journal"), t.TempDir()
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := plant(dir, victim); errors.Is(err, errors.ErrUnsupported) {
				t.Skip("needs root, to make a link that belongs to somebody else")
			} else if err != nil {
				t.Fatal(err)
			}
			j, err := Open(dir, slog.New(slog.DiscardHandler))
			if err == nil {
				defer j.Close()
			}
			// A link in the place of a lane is passed over; one on the way to all lanes isn't.
			if passed := err == nil && j.Lane() == "lane-1"; passed != (name != "a link of somebody else") {
				t.Errorf("opened: %v", err)
			}
			if n := filesIn(t, victim); n != 1 {
				t.Errorf("%d files where nobody should write", n-1)
			}
		})
	}
	t.Run("files", func(t *testing.T) {
		dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
		j := mustOpen(t, dir)
		journaltest.Fly(t, j, time.Now(), 3, true)
		j.Close()
		if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"000005.log", "000006.log", "000007.log", "000008.log", "000009.log", "MANIFEST-000009"} {
			os.Symlink(victim, filepath.Join(dir, "lane-0", name))
		}
		for range 3 {
			if j, err := Open(dir, slog.New(slog.DiscardHandler)); err == nil {
				journaltest.Fly(t, j, time.Now(), 3, true)
				j.Close()
			}
		}
		if text, err := os.ReadFile(victim); string(text) != "precious" {
			t.Errorf("%q, %v", text, err)
		}
	})
}
