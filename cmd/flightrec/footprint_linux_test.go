package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDrowsy looks, from outside, at how exact a recorder's naps are, and whether it
// still has its name.
func TestDrowsy(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to see the slack of another process")
	}
	cmd := exec.Command(program, "record", "-d", t.TempDir(), "-i", "1h", "-v", "debug")
	cmd.Env = append(os.Environ(), "A=b")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	tookOff := make(chan bool, 1)
	go follow(log, map[string]acked{}, tookOff)
	select {
	case <-tookOff:
	case <-time.After(time.Minute):
		t.Fatal("no takeoff")
	}
	proc := fmt.Sprintf("/proc/%d", cmd.Process.Pid)
	for file, want := range map[string]string{
		"timerslack_ns": "10000000\n",
		"comm":          filepath.Base(program) + "\n",
		"cmdline":       strings.Join(cmd.Args, "\x00") + "\x00",
	} {
		if got, err := os.ReadFile(filepath.Join(proc, file)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", file, got, err, want)
		}
	}
	if env, _ := os.ReadFile(filepath.Join(proc, "environ")); !strings.Contains(string(env), "A=b\x00") {
		t.Errorf("environ: %q, without A=b", env)
	}
}
