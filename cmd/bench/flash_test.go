//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the bench run copies of itself, which are copies of the test.
func TestMain(m *testing.M) {
	if os.Getenv(isolatedEnv) != "" || len(os.Args) > 1 && (os.Args[1] == beatCommand || os.Args[1] == bindCommand || os.Args[1] == synthCommand) {
		main()
	}
	os.Exit(m.Run())
}

func TestFlash(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, for loop devices and mounts")
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		t.Skip("needs loop devices:", err)
	}
	if _, err := exec.LookPath("mkfs.ext4"); err != nil {
		t.Skip("needs e2fsprogs:", err)
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	out := filepath.Join(t.TempDir(), "out.json")
	var stdout, stderr strings.Builder
	args := []string{"flash", "-runs", "1", "-fs", "ext4", "-only", "floor,overwrite,pebble", "-interval", "2s", "-settle", "1s", "-duration", "5s", "-o", out}
	if err := run(t.Context(), args, &stdout, &stderr); err != nil {
		if strings.Contains(stderr.String(), "operation not permitted") {
			t.Skip("needs the right to mount:", stderr.String())
		}
		t.Fatal(err, stderr.String())
	}
	r, err := load(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Flash) != 3 {
		t.Fatalf("got %d samples, want 3", len(r.Flash))
	}
	for _, s := range r.Flash {
		// Each durable heartbeat asks for one block and one flush, at least.
		if s.Beats == 0 || s.Steady.Bytes < 4096*s.Beats || s.Steady.Flushes < s.Beats {
			t.Errorf("%s: %d heartbeats, %+v", s.Contender, s.Beats, s.Steady)
		}
		if s.CPUSeconds <= 0 || s.RSS <= s.Anonymous || s.Anonymous <= 0 || s.Disk <= 0 {
			t.Errorf("%s: %+v", s.Contender, s)
		}
		if !strings.Contains(stdout.String(), "| "+s.Contender+" |") {
			t.Errorf("%s is not in the table:\n%s", s.Contender, stdout.String())
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
