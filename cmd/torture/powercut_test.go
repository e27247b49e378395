//go:build linux

package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test's binary play torture and its roles.
func TestMain(m *testing.M) {
	if os.Getenv(roleEnv) != "" {
		os.Exit(play())
	}
	os.Exit(m.Run())
}

// torture returns the command that cuts the power of a recorder a few times.
func torture(t *testing.T, args ...string) *exec.Cmd {
	if os.Geteuid() != 0 {
		t.Skip("mounting needs root")
	}
	for _, device := range []string{"/dev/fuse", "/dev/loop-control"} {
		if _, err := os.Stat(device); err != nil {
			t.Skipf("the logged disk needs %s", device)
		}
	}
	cmd := self(t.Context(), "command", append([]string{"powercut", "-short", "-cuts", "20"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = 20 * time.Second
	return cmd
}

func needs(t *testing.T, programs ...string) {
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs the program %s", p)
		}
	}
}

func TestSyncedIsKept(t *testing.T) {
	for _, fstype := range []string{"ext4", "xfs"} {
		t.Run(fstype, func(t *testing.T) {
			t.Parallel()
			needs(t, "mkfs."+fstype)
			out, err := torture(t, "-recorder", "standin", "-fs", fstype, "-sqlite", "0").CombinedOutput()
			if err != nil {
				t.Errorf("a recorder that syncs lost something: %v\n%s", err, out)
			}
		})
	}
}

func TestFlightrec(t *testing.T) {
	t.Parallel()
	needs(t, "mkfs.ext4", "go")
	bin := filepath.Join(t.TempDir(), "flightrec")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, "flightrec/cmd/flightrec").CombinedOutput(); err != nil {
		t.Fatalf("building flightrec: %v\n%s", err, out)
	}
	// Where ext4 commits rarely, logs are written with zeros beforehand.
	for _, fs := range []string{"ext4", "ext4,commit=60"} {
		out, err := torture(t, "-recorder", bin, "-sqlite", "0", "-fs", fs).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", fs, err, out)
		}
	}
}

func TestUnsyncedIsCaught(t *testing.T) {
	t.Parallel()
	needs(t, "mkfs.ext4")
	out, err := torture(t, "-recorder", "standin-nosync", "-sqlite", "0").CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("lost what it had acknowledged")) {
		t.Errorf("a recorder that doesn't sync lost nothing: %v\n%s", err, out)
	}
}

func TestSQLiteBeside(t *testing.T) {
	t.Parallel()
	needs(t, "mkfs.ext4", "sqlite3")
	out, err := torture(t, "-recorder", "standin").CombinedOutput()
	if err != nil {
		t.Errorf("what the recorder beside it loses is no error: %v\n%s", err, out)
	}
	if !bytes.Contains(out, []byte("\nsqlite: 3 sessions")) {
		t.Errorf("no figures for SQLite:\n%s", out)
	}
}

func TestInterruptTearsDown(t *testing.T) {
	t.Parallel()
	needs(t, "mkfs.ext4")
	dir := t.TempDir()
	cmd := torture(t, "-recorder", "standin", "-sqlite", "0", "-dir", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	bufio.NewReader(out).ReadString('\n')
	for range 1000 {
		if attached(t, dir) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("an interrupted run ended as if it were whole")
	}
	if attached(t, dir) {
		t.Error("a loop device is left")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) > 0 {
		t.Errorf("files are left: %q", left)
	}
}

// attached reports whether there is a loop device over a file below dir.
func attached(t *testing.T, dir string) bool {
	files, err := filepath.Glob("/sys/block/loop*/loop/backing_file")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		// A device that goes away meanwhile isn't attached.
		if b, _ := os.ReadFile(f); bytes.Contains(b, []byte(dir)) {
			return true
		}
	}
	return false
}

// TestWatch makes folders before and during a watch and expects that files in both
// are seen.
func TestWatch(t *testing.T) {
	for _, during := range []bool{false, true} {
		seen := 0
		for try := time.Duration(1); try < 100 && seen < 10; try++ {
			dir := t.TempDir()
			lane := filepath.Join(dir, "journal", "lane")
			if !during {
				must(t, os.MkdirAll(lane, 0o700))
			}
			w, err := startWatch(dir)
			must(t, err)
			must(t, os.MkdirAll(lane, 0o700))
			time.Sleep(try * time.Millisecond)
			for range 5 {
				must(t, os.WriteFile(filepath.Join(lane, "log"), nil, 0o600))
				must(t, os.Remove(filepath.Join(lane, "log")))
			}
			time.Sleep(try * time.Millisecond)
			seen = len(w.stop())
		}
		if seen < 10 {
			t.Errorf("folder made during the watch: %v: %d changes seen, want 10 or more", during, seen)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAcknowledged(t *testing.T) {
	for line, want := range map[string]time.Duration{
		`time=2026-01-02T03:04:05.000Z level=DEBUG msg=heartbeat elapsed_ns=1500000000 leg=0 cause=takeoff`: 1500 * time.Millisecond,
		`heartbeat elapsed_ns=0`:           0,
		`level=INFO msg=landed reason=x`:   -1,
		`msg=heartbeat elapsed_ns=unknown`: -1,
		`msg=other elapsed_ns=3`:           -1,
	} {
		got, ok := acknowledged(line)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("acknowledged(%q) = %v, want %v", line, got, want)
		}
	}
}

func TestReckon(t *testing.T) {
	const s = time.Second
	acks := []ack{{1, 0, false, 10}, {1, s, false, 20}, {1, s, true, 21}, {2, 0, false, 30}, {2, s, false, 40}, {2, 3 * s, false, 50}}
	for _, tt := range []struct {
		name    string
		flights map[int]found
		want    loss
	}{
		{"all there", map[int]found{1: {s, true, 3}, 2: {3 * s, false, 3}}, loss{}},
		{"more than was acknowledged", map[int]found{1: {s, true, 3}, 2: {4 * s, true, 5}}, loss{}},
		{"landing missing", map[int]found{1: {s, false, 3}, 2: {3 * s, false, 3}}, loss{landings: 1}},
		{"end missing", map[int]found{1: {s, true, 3}, 2: {s, false, 2}}, loss{beats: 1, time: 2 * s}},
		{"middle missing", map[int]found{1: {s, true, 3}, 2: {3 * s, false, 2}}, loss{beats: 1}},
		{"flight missing", map[int]found{1: {s, true, 3}}, loss{beats: 3, whole: 1, time: 3 * s}},
	} {
		tt.want.acked, tt.want.flights = 5, 2
		if got := reckon(acks, tt.flights); got != tt.want {
			t.Errorf("%s: reckon = %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestReadDump(t *testing.T) {
	flights, err := readDump(strings.NewReader(`{"pid":7,"beats":3,"legs":[{"last":{"elapsed_ns":1}},{"last":{"elapsed_ns":5}}],"landing":{"reason":"x"}}
{"pid":8,"legs":[{"last":{"elapsed_ns":2}}],"landing":null}
{"pid":`))
	if err == nil {
		t.Error("half a line is no error")
	}
	if f := flights[7]; f != (found{5, true, 3}) {
		t.Errorf("flight 7: %+v", f)
	}
	if f := flights[8]; f.elapsed != 2 || f.landed {
		t.Errorf("flight 8: %+v", f)
	}
}
