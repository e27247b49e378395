package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"
	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/segmentio/ksuid"
)

// stepFS calls step before each change of a file system, and once after the last.
type stepFS struct {
	vfs.FS
	step func(op, name string) error
}

func (fs stepFS) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if err := fs.step("create", name); err != nil {
		return nil, err
	}
	f, err := fs.FS.Create(name, category)
	return stepFile{f, fs, name}, err
}

func (fs stepFS) OpenDir(name string) (vfs.File, error) {
	f, err := fs.FS.OpenDir(name)
	return stepFile{f, fs, name}, err
}

func (fs stepFS) Remove(name string) error {
	if err := fs.step("remove", name); err != nil {
		return err
	}
	return fs.FS.Remove(name)
}

func (fs stepFS) Rename(from, to string) error {
	if err := fs.step("rename", from); err != nil {
		return err
	}
	return fs.FS.Rename(from, to)
}

func (fs stepFS) MkdirAll(name string, perm os.FileMode) error {
	if err := fs.step("mkdir", name); err != nil {
		return err
	}
	return fs.FS.MkdirAll(name, perm)
}

func (fs stepFS) Link(string, string) error { panic("link") }

func (fs stepFS) ReuseForWrite(string, string, vfs.DiskWriteCategory) (vfs.File, error) {
	panic("reuse")
}

func (fs stepFS) OpenReadWrite(string, vfs.DiskWriteCategory, ...vfs.OpenOption) (vfs.File, error) {
	panic("open for writing")
}

func (fs stepFS) Unwrap() vfs.FS { return nil }

type stepFile struct {
	vfs.File
	fs   stepFS
	name string
}

func (f stepFile) Write(p []byte) (int, error) {
	if err := f.fs.step("write", f.name); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f stepFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.fs.step("write at", f.name); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, offset)
}

func (f stepFile) Preallocate(offset, length int64) error {
	if err := f.fs.step("preallocate", f.name); err != nil {
		return err
	}
	return f.File.Preallocate(offset, length)
}

func (f stepFile) Sync() error {
	if err := f.fs.step("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f stepFile) SyncData() error {
	if err := f.fs.step("sync data", f.name); err != nil {
		return err
	}
	return f.File.SyncData()
}

func (f stepFile) SyncTo(length int64) (bool, error) { panic("sync to") }

// life is the life of a lane's store in many boots, on a disk.
type life struct {
	disk  vfs.FS
	opts  options
	mu    sync.Mutex
	order []ksuid.KSUID
	tried map[ksuid.KSUID]int // heartbeats, by flight
	acked map[ksuid.KSUID]int // those of them that were acknowledged
}

// laneDir is the lane's folder on the disk of a life.
const laneDir = "/journal/lane-0"

func newLife(t *testing.T, base vfs.FS) *life {
	t.Helper()
	if err := base.MkdirAll(laneDir, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir := laneDir; ; dir = filepath.Dir(dir) {
		if err := disk.SyncDir(base, dir); err != nil {
			t.Fatal(err)
		}
		if dir == "/" {
			break
		}
	}
	opts := storeOptions()
	opts.MemTableSize = 8 << 10 // a few dozen heartbeats
	return &life{disk: base, opts: opts, tried: map[ksuid.KSUID]int{}, acked: map[ksuid.KSUID]int{}}
}

func (l *life) open(base vfs.FS) (*laneStore, error) {
	return openStore(base, laneDir, l.opts, slog.New(slog.DiscardHandler), false)
}

// live is the whole life: long flights, whose logs are rotated, flushed and
// compacted, and short ones, many enough for drafts to be settled and tables to be
// tidied.
func (l *life) live() error {
	flights := []int{3, 150, 1, 2, 160, 5}
	const flushed = compactTables + 2 // so many of the short ones leave a table each
	for range flushed + disk.MaxDeferredLogs + 2 {
		flights = append(flights, 2)
	}
	for n, beats := range append(flights, 60) {
		s, err := l.open(l.disk)
		if err != nil {
			return err
		}
		if err := l.fly(s, beats); err != nil {
			return err
		}
		if n >= 4 && n < 6+flushed {
			if err := s.db.Flush(); err != nil {
				return err
			}
		}
		if n == 4 {
			if err := s.db.Compact(context.Background(), []byte{0}, []byte{255}, false); err != nil {
				return err
			}
		}
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}

// fly records a flight: its heartbeats are numbered by the seconds of their boot
// clock, and each leg has twenty.
func (l *life) fly(s *laneStore, beats int) error {
	var id ksuid.KSUID
	id[3] = byte(len(l.order) + 1)
	l.mu.Lock()
	l.order = append(l.order, id)
	l.mu.Unlock()
	for i := range beats {
		l.mu.Lock()
		l.tried[id]++
		l.mu.Unlock()
		if err := s.append(operand{id: id, value: lifeOperand(i, i == beats-1)}); err != nil {
			return err
		}
		l.mu.Lock()
		l.acked[id]++
		l.mu.Unlock()
	}
	return nil
}

// lifeOperand is heartbeat i of a flight.
func lifeOperand(i int, lands bool) []byte {
	b := journaltest.Beat(time.Duration(i) * time.Second)
	b.Leg = uint64(i / 20)
	var log []journal.Record
	if i == 0 {
		log = append(log, journal.Takeoff{SinceBoot: time.Second, Recorder: "test"})
	}
	log = append(log, b)
	if lands {
		log = append(log, journal.Landing{Reason: "SIGTERM"})
	}
	return journal.AppendLog(nil, log)
}

// witness is what had been tried and acknowledged at one moment.
type witness struct {
	order        []ksuid.KSUID
	tried, acked map[ksuid.KSUID]int
	last         map[ksuid.KSUID]journal.Fix // the last heartbeat that was acknowledged
}

func (l *life) witness() witness {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := witness{order: append([]ksuid.KSUID(nil), l.order...), tried: map[ksuid.KSUID]int{}, acked: map[ksuid.KSUID]int{}}
	for id := range l.tried {
		w.tried[id], w.acked[id] = l.tried[id], l.acked[id]
	}
	return w
}

// hear demands that flights are all that was acknowledged, and at most what was
// tried.
func (w witness) hear(flights []journal.Flight) error {
	found := map[ksuid.KSUID]journal.Flight{}
	for _, f := range flights {
		found[f.ID] = f
	}
	if len(found) != len(flights) {
		return errors.New("a flight is there twice")
	}
	for _, id := range w.order {
		f, there := found[id]
		delete(found, id)
		beats := int(f.Beats())
		if beats < w.acked[id] || beats > w.tried[id] {
			return fmt.Errorf("flight %x: %d heartbeats, %d were acknowledged and %d tried", id[:4], beats, w.acked[id], w.tried[id])
		}
		if !there {
			continue
		}
		for i, leg := range f.Legs {
			first, last := i*20, min(i*20+19, beats-1)
			if leg.First != journaltest.Beat(time.Duration(first)*time.Second).Fix || leg.Last != journaltest.Beat(time.Duration(last)*time.Second).Fix || int(leg.Beats) != last-first+1 {
				return fmt.Errorf("flight %x: leg %d of %d: %+v", id[:4], i, len(f.Legs), leg)
			}
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("%d flights that nobody recorded", len(found))
	}
	return nil
}

// readStore returns the flights of an open store.
func readStore(s *laneStore) ([]journal.Flight, error) {
	flights, problems, err := flightsOf(context.Background(), s.db, []keyRange{{}}, "lane-0")
	return flights, errors.Join(append(problems, err)...)
}

// readDisk returns the flights of a disk, as a reader finds them, who must have
// nothing to complain of; nor must one who verifies it all.
func readDisk(disk vfs.FS, dir string) ([]journal.Flight, error) {
	if _, err := vfs.Clone(disk, vfs.Default, "/journal", dir); err != nil {
		return nil, err
	}
	var warned []error
	warn := func(err error) { warned = append(warned, err) }
	flights, err := Read(context.Background(), dir, warn)
	if _, err := Verify(context.Background(), dir, warn, func(_, _ int64) {}); err != nil {
		warn(err)
	}
	return flights, errors.Join(append(warned, err)...)
}

// TestPowerCutAnywhere cuts the power before every single change that the life of a
// store makes to its disk, and demands of what is left, with and without changes
// that were never synced, that all is there that had been acknowledged: for a
// reader, and for a recorder, whose own opening is cut as well.
func TestPowerCutAnywhere(t *testing.T) {
	stride := 1
	if testing.Short() {
		stride = 7
	}
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 0))
	disk := vfs.NewCrashableMem()
	l := newLife(t, disk)
	dirs := t.TempDir()
	var mu sync.Mutex // one cut at a time
	changes, cuts, again := 0, 0, 0
	l.disk = stepFS{disk, func(op, name string) error {
		mu.Lock()
		defer mu.Unlock()
		changes++
		if changes%stride != 0 || t.Failed() {
			return nil
		}
		for _, percent := range []int{0, 50} {
			// What is acknowledged while the copy is made may be in it or not.
			w := l.witness()
			left := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rnd})
			w.tried = l.witness().tried
			w.order = l.witness().order
			n, err := w.examine(l, left, rnd, filepath.Join(dirs, "journal"))
			cuts, again = cuts+1, again+n
			if err != nil {
				t.Errorf("seed %d: power cut before change %d (%s %s), %d %% of what wasn't synced is there: %v", seed, changes, op, filepath.Base(name), percent, err)
			}
		}
		return nil
	}}
	if err := l.live(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d changes, %d power cuts, %d more while recovering, nothing lost", changes, cuts, again)
}

// examine demands of what a power cut has left that w hears it, and returns how
// many more cuts were made to find that out.
func (w witness) examine(l *life, left *vfs.MemFS, rnd *rand.Rand, dir string) (cuts int, err error) {
	defer os.RemoveAll(dir)
	flights, err := readDisk(left, dir)
	if err == nil {
		err = w.hear(flights)
	}
	if err != nil {
		names, _ := left.List(laneDir)
		return 0, fmt.Errorf("a reader, of %v: %w", names, err)
	}
	// The first recorder is cut off as well.
	var mu sync.Mutex
	changes, at := 0, rnd.IntN(8)
	var after *vfs.MemFS
	s, err := l.open(stepFS{left, func(string, string) error {
		mu.Lock()
		defer mu.Unlock()
		if changes++; changes == at {
			after = left.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rnd})
		}
		return nil
	}})
	mu.Lock()
	at = 0
	mu.Unlock()
	if err := w.recorder(s, err); err != nil {
		return 0, fmt.Errorf("a recorder: %w", err)
	}
	if after == nil {
		return 0, nil
	}
	s, err = l.open(after)
	if err := w.recorder(s, err); err != nil {
		return 1, fmt.Errorf("a recorder after one that was cut off in its opening: %w", err)
	}
	return 1, nil
}

// recorder demands that a store was opened, holds what w tells, and can be written.
func (w witness) recorder(s *laneStore, err error) error {
	if err != nil {
		return err
	}
	flights, err := readStore(s)
	if err == nil {
		err = w.hear(flights)
	}
	if err == nil {
		err = s.append(operand{id: ksuid.Max, value: lifeOperand(0, true)})
	}
	return errors.Join(err, s.close())
}
