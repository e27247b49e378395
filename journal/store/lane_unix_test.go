//go:build unix

package store

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"

	"github.com/segmentio/ksuid"
)

// TestForeignLanes demands that a recorder passes over whatever stands in the place of a
// lane and isn't ours, and that readers say what they couldn't read.
func TestForeignLanes(t *testing.T) {
	for name, tt := range map[string]struct {
		plant func(lane string) error
		told  bool // readers complain
	}{
		"a file":           {func(lane string) error { return os.WriteFile(lane, nil, 0o644) }, true},
		"a FIFO":           {func(lane string) error { return syscall.Mkfifo(lane, 0o644) }, true},
		"a link":           {func(lane string) error { return os.Symlink("elsewhere", lane) }, true},
		"a lock of folder": {func(lane string) error { return os.MkdirAll(filepath.Join(lane, "LOCK"), 0o755) }, false},
		"a lock of FIFO": {func(lane string) error {
			return errors.Join(os.Mkdir(lane, 0o755), syscall.Mkfifo(filepath.Join(lane, "LOCK"), 0o644))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := tt.plant(filepath.Join(dir, "lane-0")); err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			j, err := Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			id := journaltest.Fly(t, j, time.Now(), 3, true)
			if j.Lane() != "lane-1" || strings.Count(log.String(), "lane passed over") != 1 {
				t.Errorf("took off in %s, and the log says\n%s", j.Lane(), &log)
			}
			var warned []string
			flights, err := Read(t.Context(), dir, func(err error) { warned = append(warned, err.Error()) })
			if err != nil || len(flights) != 1 || flights[0].ID != id {
				t.Errorf("%v: %v", err, flights)
			}
			if told := len(warned) == 1 && strings.Contains(warned[0], "lane-0: not a folder"); told != tt.told || !tt.told && len(warned) > 0 {
				t.Errorf("warnings %q", warned)
			}
		})
	}
}

// reader is the environment's variable that makes TestReadersLock a process that locks a
// file as a reader can.
const reader = "FLIGHTREC_TEST_READER"

// TestReadersLock demands that who may only read a lane neither passes for its recorder
// nor keeps one from recording.
func TestReadersLock(t *testing.T) {
	if name := os.Getenv(reader); name != "" {
		f, err := os.Open(name)
		if err == nil {
			err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_RDLCK, Whence: io.SeekStart})
		}
		fmt.Println("locked:", err)
		io.Copy(io.Discard, os.Stdin)
		return
	}
	dir := t.TempDir()
	j := mustOpen(t, dir)
	journaltest.Fly(t, j, time.Now(), 3, false)
	j.Close()
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReadersLock$")
	process.Env = append(os.Environ(), reader+"="+filepath.Join(dir, "lane-0", "LOCK"))
	stdin, _ := process.StdinPipe()
	stdout, _ := process.StdoutPipe()
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer process.Wait()
	defer stdin.Close()
	line := make([]byte, 64)
	if n, err := stdout.Read(line); err != nil || !strings.HasPrefix(string(line[:n]), "locked: <nil>") {
		t.Fatalf("%q: %v", line[:n], err)
	}
	if f := mustRead(t, dir); f[0].Ending != journal.EndingLost {
		t.Errorf("a flight is %v since a reader has locked its lane", f[0].Ending)
	}
	j = mustOpen(t, dir)
	journaltest.Fly(t, j, time.Now(), 3, true)
	if j.Lane() != "lane-1" {
		t.Errorf("recorded in %s", j.Lane())
	}
	j.Close()
	// When the reader is gone, the lane is taken again.
	stdin.Close()
	process.Wait()
	j = mustOpen(t, dir)
	defer j.Close()
	if j.Lane() != "lane-0" {
		t.Errorf("recorded in %s afterwards", j.Lane())
	}
}

// TestNoJournal demands that a folder of other things isn't taken for an empty journal,
// and that it is told where the journal probably is.
func TestNoJournal(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "var", "lib", "flightrec")
	j := mustOpen(t, dir)
	journaltest.Fly(t, j, time.Now(), 3, true)
	j.Close()
	for _, tt := range []struct{ at, probably string }{
		{root, dir},
		{filepath.Join(root, "var", "lib"), dir},
		{filepath.Join(dir, "lane-0"), dir},
		{filepath.Join(root, "var"), ""},
	} {
		_, err := Read(t.Context(), tt.at, func(error) {})
		var no *NoJournalError
		if !errors.As(err, &no) || no.Probably != tt.probably {
			t.Errorf("reading %s: %v, %+v", tt.at, err, no)
		}
		if _, err := Verify(t.Context(), tt.at, func(error) {}, func(_, _ int64) {}); !errors.As(err, &no) {
			t.Errorf("verifying %s: %v", tt.at, err)
		}
	}
	empty := t.TempDir()
	if flights, err := Read(t.Context(), empty, func(error) {}); err != nil || len(flights) > 0 {
		t.Errorf("an empty folder: %v, %v", flights, err)
	}
}

// TestRemovedFiles demands that a recorder notices that its log, its manifest or a table
// was removed or cut short, opens anew, and loses nothing of what it knew.
func TestRemovedFiles(t *testing.T) {
	cut := func(name string) error {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		return os.Truncate(name, info.Size()-1)
	}
	for _, tt := range []struct {
		what, how string
		harm      func(name string) error
		moves     bool // to another lane: the store can't be opened any more
	}{
		{"*.log", "removed", os.Remove, false},
		{"*.log", "cut short", func(name string) error { return os.Truncate(name, 100) }, false},
		{"MANIFEST-*", "removed", os.Remove, true},
		{"MANIFEST-*", "cut short", cut, false},
		{"marker.manifest.*", "removed", os.Remove, false},
		{"*.sst", "removed", os.Remove, true},
		{"*.sst", "cut short", cut, true},
	} {
		t.Run(tt.what+" "+tt.how, func(t *testing.T) {
			dir := t.TempDir()
			j := mustOpen(t, dir)
			defer func() { j.Close() }()
			var ids []ksuid.KSUID
			for range 3 {
				ids = append(ids, journaltest.Fly(t, j, time.Now(), 20, true))
				if err := j.store.disk.Await(j.store.db.Flush); err != nil {
					t.Fatal(err)
				}
			}
			id := journaltest.Fly(t, j, time.Now(), 20, false)
			files := globs(t, filepath.Join(dir, "lane-0", tt.what))
			if err := tt.harm(files[len(files)-1]); err != nil {
				t.Fatal(err)
			}
			if err := j.Append(id, journaltest.Beat(20*time.Second)); err == nil || !strings.Contains(err.Error(), tt.how) {
				t.Fatalf("a heartbeat into nowhere: %v", err)
			}
			if err := j.Append(id, journaltest.Beat(20*time.Second), journaltest.Beat(21*time.Second)); err != nil {
				t.Fatal(err)
			}
			if moved := j.Lane() != "lane-0"; moved != tt.moves {
				t.Errorf("records in %s", j.Lane())
			}
			var warned []error
			f, err := Read(t.Context(), dir, func(err error) { warned = append(warned, err) })
			if err != nil || len(f) != 4 || len(warned) > 0 != tt.moves {
				t.Fatalf("%v, warned %v, flights %+v", err, warned, f)
			}
			for _, err := range warned {
				if strings.Contains(err.Error(), "two ways") {
					t.Errorf("a flight that went on in another lane: %v", err)
				}
			}
			for i, id := range ids {
				if f[i].ID != id || f[i].Beats() != 20 || f[i].Ending != journal.EndingLanded {
					t.Errorf("flight %d: %+v", i, f[i])
				}
			}
			last := f[3]
			if last.ID != id || last.Beats() != 22 || last.Ending != journal.EndingAloft || last.Legs[0].First.Elapsed != 0 || last.Legs[0].Last.Elapsed != 21*time.Second || last.Takeoff.Host != "pi" {
				t.Errorf("flight aloft: %+v", last)
			}
		})
	}
}
