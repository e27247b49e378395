//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestMain lets the bench run copies of itself, which are copies of the test, and
// looks for what they leave behind.
func TestMain(m *testing.M) {
	if os.Getenv(isolatedEnv) != "" || len(os.Args) > 1 && (os.Args[1] == beatCommand || os.Args[1] == bindCommand || os.Args[1] == synthCommand) {
		main()
	}
	os.Exit(inFolder(m.Run))
}

// inFolder runs tests with a folder of their own for what is temporary.
func inFolder(tests func() int) int {
	dir, err := os.MkdirTemp("", "bench-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	os.Setenv("TMPDIR", dir)
	code := tests()
	if left, err := filepath.Glob(filepath.Join(dir, "flightrec-bench-*")); err != nil || len(left) > 0 {
		fmt.Fprintln(os.Stderr, "left behind:", left, err)
		return 1
	}
	return code
}

// built is the recorder that would be measured.
var built = sync.OnceValues(func() (string, error) {
	recorder := filepath.Join(os.TempDir(), "flightrec")
	build := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-ldflags", "-s -w", "-o", recorder, "../flightrec")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	text, err := build.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building the recorder: %w\n%s", err, text)
	}
	return recorder, err
})

// bench runs the bench on the recorder, skips the test where it may not make file
// systems, and returns what it measured and printed.
func bench(t *testing.T, command string, args ...string) (*Result, string) {
	t.Helper()
	recorder, err := built()
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.json")
	var stdout, stderr strings.Builder
	if err := run(t.Context(), append([]string{command, "-recorder", recorder, "-o", out}, args...), &stdout, &stderr); err != nil {
		if strings.Contains(stderr.String(), "operation not permitted") {
			t.Skip("needs the right to mount:", stderr.String())
		}
		t.Fatal(err, stderr.String())
	}
	r, err := load(out)
	if err != nil {
		t.Fatal(err)
	}
	return r, stdout.String()
}

// needsLoop skips a test where there are no loop devices to be had, or no programs.
func needsLoop(t *testing.T, programs ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, for loop devices and mounts")
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		t.Skip("needs loop devices:", err)
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skip("needs a program:", err)
		}
	}
}

// TestFlash runs the recorder for a minute and a half at its real interval, beside
// the floor and others.
//
// Within a minute all that is done for each heartbeat has been done six times, and
// once what the file system does by itself. In 75 pairs of runs, of one minute to
// four, flightrec and the floor took the same to the byte and the flush, on a
// machine that was busy with other things. So one block more in a minute would be
// an event; two are more than the bound lets pass, and so is one flush.
func TestFlash(t *testing.T) {
	needsLoop(t, "mkfs.ext4", "sqlite3")
	t.Parallel()
	r, printed := bench(t, "flash", "-runs", "1", "-fs", "ext4,ext4-commit60", "-interval", "10s", "-settle", "25s", "-duration", "60s",
		"-only", "floor,overwrite,pebble,flightrec,sqlite-normal", "-assert", "1.07")
	of := make(map[string]Sample)
	for _, s := range r.Flash {
		of[s.FS+" "+s.Contender] = s
		if s.Beats < 5 || s.Seconds < 60 || s.CPUSeconds <= 0 || s.RSS <= s.Anonymous || s.Anonymous <= 0 || s.Disk <= 0 {
			t.Errorf("%+v", s)
		}
		// Each durable heartbeat asks for one block and one flush, at least.
		if s.Contender != "sqlite-normal" && (s.Steady.Bytes < 4096*s.Beats || s.Steady.Flushes < s.Beats) {
			t.Errorf("%s on %s: %d heartbeats, %+v", s.Contender, s.FS, s.Beats, s.Steady)
		}
		if !strings.Contains(printed, "| "+s.Contender+" |") {
			t.Errorf("%s is not in the table:\n%s", s.Contender, printed)
		}
	}
	if len(of) != 10 {
		t.Fatalf("got %d samples, want 5 on each file system", len(of))
	}
	each := func(fs, contender string) float64 {
		s := of[fs+" "+contender]
		return float64(s.Steady.Bytes) / float64(s.Beats)
	}
	for _, tt := range []struct {
		fs, than string
		most     float64
	}{
		{"ext4", "sqlite-normal", 0.65},  // the original's way
		{"ext4-commit60", "floor", 0.6},  // by overwriting
		{"ext4-commit60", "pebble", 0.6}, // as it comes
	} {
		if have, least := each(tt.fs, "flightrec"), each(tt.fs, tt.than); have > tt.most*least {
			t.Errorf("%s: %.0f bytes a heartbeat, more than %v times the %.0f of %s", tt.fs, have, tt.most, least, tt.than)
		}
	}
}

// TestBoots boots one journal again and again. The last boot writes the early
// heartbeats, too; on its way the store has merged its logs several times.
func TestBoots(t *testing.T) {
	needsLoop(t, "mkfs.ext4", "strace")
	t.Parallel()
	const boots = 50
	r, _ := bench(t, "boot", "-n", fmt.Sprint(boots))
	if len(r.Boots) != boots {
		t.Fatalf("%d boots, want %d", len(r.Boots), boots)
	}
	for _, b := range r.Boots {
		if b.Counts.Bytes > 250e3 && b.N > 1 || b.Counts.Flushes > 25 {
			t.Errorf("boot %d: %+v", b.N, b.Counts)
		}
		// 16 logs, a table for each carry of a binary counter, and what a store has besides.
		if b.Files > 45 {
			t.Errorf("boot %d: %d files", b.N, b.Files)
		}
	}
	if last := r.Boots[boots-1]; last.Beats < earlyBeats || last.Counts.Bytes > 250e3 || last.Counts.Flushes > 16 {
		t.Errorf("boot %d: %+v", last.N, last)
	}
	logs := 0
	for _, f := range r.Traced {
		if f.Kind == "N.log" && f.Made == 1 && f.Syncs >= earlyBeats {
			logs++
		}
	}
	if logs != 1 {
		t.Errorf("traced %+v, want one log, synced for each heartbeat", r.Traced)
	}
}

// TestAge writes a day's heartbeats and as many again.
func TestAge(t *testing.T) {
	t.Parallel()
	r, printed := bench(t, "age", "-beats", "8640,17280")
	if len(r.Ages) != 2 || r.Ages[1].Beats < 17280 || !strings.Contains(printed, "| anonymous MB |") {
		t.Fatalf("%+v\n%s", r.Ages, printed)
	}
	for _, a := range r.Ages {
		if a.RSS > 30e6 || a.Anonymous > 6e6 || a.Disk > 1.5e6 || a.RSS <= a.Anonymous || a.Anonymous <= 0 || a.Disk <= 0 || a.Files < 5 {
			t.Errorf("%+v", a)
		}
	}
}
