//go:build linux && amd64

package uml

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// preloadSource is a library that makes the kernel run on processors that are newer
// than itself; it says how.
//
//go:embed preload/xstate.c
var preloadSource []byte

// library is preloadSource, compiled once.
var library = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "flightrec-uml-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "preload.so")
	cc := exec.Command("gcc", "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-x", "c", "-o", out, "-")
	cc.Stdin = bytes.NewReader(preloadSource)
	if text, err := cc.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling preload/xstate.c: %w\n%s", err, text)
	}
	return os.ReadFile(out)
})

// writePreload writes the library into a folder, or skips the test where it can't be
// compiled, and returns its path.
func writePreload(t testing.TB, dir string) string {
	t.Helper()
	hostProgram(t, "gcc", "/usr/bin/gcc")
	so, err := library()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "preload.so")
	if err := os.WriteFile(path, so, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
