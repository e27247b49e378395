package blackbox

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// cgroup returns the folder of a new cgroup of the second version, which notifies.
func cgroup(t *testing.T) string {
	t.Helper()
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		if !strings.Contains(line, " - cgroup2 ") || len(f) < 5 {
			continue
		}
		if dir, err := os.MkdirTemp(f[4], "flightrec-test-"); err == nil {
			t.Cleanup(func() { os.Remove(dir) })
			return dir
		}
	}
	t.Skip("needs a cgroup of its own: root, and the second version mounted")
	return ""
}

// TestWatchNotifies demands that an attribute that notifies is noticed at once, and that a
// plain file, or one that notifies of nothing new, isn't. The attribute is
// cgroup.events, whose first line says whether a process is in the cgroup.
func TestWatchNotifies(t *testing.T) {
	dir := cgroup(t)
	plain := filepath.Join(t.TempDir(), "in0_alarm")
	if err := os.WriteFile(plain, []byte("0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	sleeper := exec.Command("sleep", "100")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer sleeper.Wait()
	defer sleeper.Process.Kill()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := watcher{patterns: []string{filepath.Join(dir, "cgroup.events"), plain}, files: map[string]*os.File{}, told: map[string]string{}}
	w.open()
	if len(w.files) != 2 {
		t.Fatalf("%d files", len(w.files))
	}
	events, ended := make(chan struct{}, 1), make(chan struct{})
	go func() {
		w.run(ctx, events)
		close(ended)
	}()
	if err := os.WriteFile(plain, []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	select {
	case <-events:
		t.Error("a plain file notifies")
	case <-time.After(50 * time.Millisecond):
	}
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(sleeper.Process.Pid)), 0o644); err != nil {
		t.Fatal(err)
	}
	<-events // or the test ends by its own patience
	cancel()
	<-ended
}
