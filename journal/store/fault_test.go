package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/segmentio/ksuid"
)

// faulty is the life of a journal whose disk fails at some operations.
type faulty struct {
	dir     string
	disk    vfs.FS
	log     bytes.Buffer // of the recorders
	witness witness
	starts  int // recorders that could not start
	refused int // heartbeats that were refused
}

// ops counts a disk's operations, of which those from first to last fail.
type ops struct {
	count       atomic.Int64
	first, last int64
	err         error
	what        atomic.Value // the first one that failed
}

func (o *ops) fail(what string) error {
	n := o.count.Add(1)
	if n < o.first || n > o.last {
		return nil
	}
	o.what.CompareAndSwap(nil, what)
	return o.err
}

func (f *faulty) open() (*Journal, error) {
	opts := storeOptions()
	opts.patience = 200 * time.Millisecond // a store that hangs is left some thousands of times
	opts.MemTableSize = 8 << 10
	opts.FS = f.disk
	return open(f.dir, slog.New(slog.NewTextHandler(&f.log, nil)), opts)
}

// live boots again and again. A recorder that can't start ends, and one that can't
// write a heartbeat goes on with the next one.
func (f *faulty) live() error {
	flights := []int{3, 130, 2, 1, 1, 1, 140}
	const flushed = compactTables + 1 // so many of the short ones leave a table each
	for range flushed + disk.MaxDeferredLogs + 1 {
		flights = append(flights, 1)
	}
	for n, beats := range flights {
		err := f.boot(beats, n >= 7 && n < 7+flushed)
		if err != nil && !isEnvironment(err) {
			return fmt.Errorf("a recorder: %w", err)
		}
		if err != nil {
			f.starts++
		}
	}
	return nil
}

// boot is the life of one recorder.
func (f *faulty) boot(beats int, flushes bool) error {
	j, err := f.open()
	if err != nil {
		return err
	}
	err = f.fly(j, beats)
	if flushes && j.store != nil {
		j.store.disk.Await(j.store.db.Flush)
	}
	// A store that can't be closed has nothing more to lose.
	if closed := j.Close(); !isEnvironment(closed) {
		err = errors.Join(err, closed)
	}
	return err
}

// fly records a flight. Its takeoff must be written; a landing is tried twice.
func (f *faulty) fly(j *Journal, beats int) error {
	id, err := j.NewFlight(time.Now())
	if err != nil {
		return err
	}
	w := &f.witness
	w.order = append(w.order, id)
	for i := range beats {
		b := journaltest.Beat(time.Duration(i) * time.Second)
		w.tried[id]++
		records := []journal.Record{b}
		if i == 0 {
			records = []journal.Record{journal.Takeoff{SinceBoot: time.Second}, b}
		}
		err := j.Append(id, records...)
		if err != nil && i == beats-1 && i > 0 {
			err = j.Append(id, records...)
		}
		switch {
		case err == nil:
			w.acked[id]++
			w.last[id] = b.Fix
		case i == 0 || !isEnvironment(err):
			return err
		default:
			f.refused++
		}
	}
	return nil
}

// check demands that a journal holds all that was acknowledged, and nothing that
// wasn't recorded, without a word of doubt.
func (f *faulty) check() error {
	var warned []error
	flights, err := Read(context.Background(), f.dir, func(err error) { warned = append(warned, err) })
	if err := errors.Join(append(warned, err)...); err != nil {
		return err
	}
	found := map[ksuid.KSUID]journal.Flight{}
	for _, flight := range flights {
		found[flight.ID] = flight
	}
	w := f.witness
	for _, id := range w.order {
		flight := found[id]
		n := int(flight.Beats())
		if n < w.acked[id] || n > w.tried[id] {
			return fmt.Errorf("flight %v: %d heartbeats, %d were acknowledged and %d tried", id, n, w.acked[id], w.tried[id])
		}
		if w.acked[id] > 0 && (len(flight.Legs) != 1 || flight.Legs[0].Last.Elapsed < w.last[id].Elapsed || flight.Legs[0].First.Elapsed != 0) {
			return fmt.Errorf("flight %v: legs %+v, last acknowledged %v", id, flight.Legs, w.last[id].Elapsed)
		}
	}
	lanes, _, err := laneNames(f.dir)
	if len(lanes) != 1 || strings.Contains(lanes[0], ".") {
		return fmt.Errorf("lanes %v: %w", lanes, err)
	}
	return nil
}

// TestEveryFault lets every single operation of a journal's life fail, for a moment
// and for a while (but for FLIGHTREC_FAULTS=every, a sample of them), and demands that it goes on, ends within a bounded time, that
// nothing acknowledged is lost, and that no lane is blamed.
func TestEveryFault(t *testing.T) {
	stride := int64(37)
	if os.Getenv("FLIGHTREC_FAULTS") == "every" {
		stride = 1
	}
	if testing.Short() {
		stride = 197
	}
	dirs := t.TempDir()
	faults, refused, starts := 0, 0, 0
	for _, kind := range []struct {
		name string
		err  error
		for_ int64 // how many operations fail
		torn bool  // half of what fails is written
	}{
		{"EIO", syscall.EIO, 1, false},
		{"ENOSPC", syscall.ENOSPC, 1, false},
		{"ENOSPC for a while", syscall.ENOSPC, 25, false},
		{"half a write", syscall.ENOSPC, 1, true},
	} {
		for n := int64(1); !t.Failed(); n += stride {
			o := &ops{first: n, last: n + kind.for_ - 1, err: kind.err}
			f := &faulty{
				dir: filepath.Join(dirs, fmt.Sprint(faults)), disk: volatileFS{vfs.Default},
				witness: witness{tried: map[ksuid.KSUID]int{}, acked: map[ksuid.KSUID]int{}, last: map[ksuid.KSUID]journal.Fix{}},
			}
			if kind.torn {
				f.disk = tornFS{f.disk, func() error { return o.fail("half a write") }}
			} else {
				f.disk = errorfs.Wrap(f.disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
					return o.fail(fmt.Sprintf("operation %d on %s", op.Kind, filepath.Base(op.Path)))
				}))
			}
			done := make(chan error, 1)
			go func() { done <- f.live() }()
			var err error
			select {
			case err = <-done:
			case <-time.After(time.Minute):
				t.Fatalf("%s at %d (%v): the recorder hangs", kind.name, n, o.what.Load())
			}
			if o.count.Load() < n { // no operation is left that could fail
				break
			}
			// What is there now is what a recorder without faults finds.
			f.disk = volatileFS{vfs.Default}
			if err == nil {
				err = f.boot(20, true)
			}
			if err == nil {
				err = f.check()
			}
			if err != nil {
				t.Errorf("%s at %d (%v): %v\n%s", kind.name, n, o.what.Load(), err, &f.log)
			}
			faults, refused, starts = faults+1, refused+f.refused, starts+f.starts
			os.RemoveAll(f.dir)
		}
	}
	t.Logf("%d faults: %d heartbeats refused, %d recorders ended, nothing lost", faults, refused, starts)
}

// TestUnmadeTable demands that a table which the disk didn't let the store make isn't taken
// for one that somebody removed or cut short.
func TestUnmadeTable(t *testing.T) {
	for _, kind := range []errorfs.OpKind{errorfs.OpCreate, errorfs.OpFileWrite, errorfs.OpFileSyncData} {
		var failed atomic.Bool
		opts := storeOptions()
		opts.FS = errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind == kind && strings.HasSuffix(op.Path, ".sst") && failed.CompareAndSwap(false, true) {
				return syscall.ENOSPC
			}
			return nil
		}))
		j, err := open(t.TempDir(), slog.New(slog.DiscardHandler), opts)
		if err != nil {
			t.Fatal(err)
		}
		id := journaltest.Fly(t, j, time.Now(), 3, false)
		if err := j.store.disk.Await(j.store.db.Flush); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("operation %d on a table failed, the flush: %v", kind, err)
		}
		if err := j.Append(id, journaltest.Beat(3*time.Second)); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("operation %d on a table failed, a heartbeat: %v", kind, err)
		}
		if err := j.Append(id, journaltest.Beat(3*time.Second)); err != nil {
			t.Error(err)
		}
		j.Close()
	}
}
