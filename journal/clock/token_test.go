//go:build linux || freebsd || dragonfly || netbsd || openbsd

package clock

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestBootToken(t *testing.T) {
	dir := t.TempDir()
	first := bootToken(dir, time.Minute)
	if _, ok := parseUUID(first); !ok {
		t.Fatalf("token %q isn't a UUID", first)
	}
	if again := bootToken(dir, time.Hour); again != first {
		t.Errorf("later in the boot the token is %s, was %s", again, first)
	}
	next := bootToken(dir, time.Second)
	if next == first || next == "" {
		t.Errorf("after a boot that left the file the token is %q, was %q", next, first)
	}
	if again := bootToken(dir, 2*time.Second); again != next {
		t.Errorf("later in that boot the token is %s, was %s", again, next)
	}
}

func TestBootTokenHalfWritten(t *testing.T) {
	dir := t.TempDir()
	id := bootToken(dir, time.Minute)
	name := filepath.Join(dir, "flightrec.boot")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(id) {
		if err := os.WriteFile(name, text[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, ok := parseUUID(bootToken(dir, time.Minute)); !ok {
			t.Errorf("no token from a file of %d bytes", n)
		}
	}
}

func TestBootTokenNowhere(t *testing.T) {
	if got := bootToken(filepath.Join(t.TempDir(), "missing"), time.Minute); got != "" {
		t.Errorf("token %q in a folder that doesn't exist", got)
	}
}

func TestBootTokenTogether(t *testing.T) {
	dir := t.TempDir()
	var tokens [16]string
	var wg sync.WaitGroup
	for i := range tokens {
		wg.Go(func() { tokens[i] = bootToken(dir, time.Minute) })
	}
	wg.Wait()
	for _, token := range tokens {
		if token != tokens[0] || token == "" {
			t.Errorf("tokens differ: %q and %q", token, tokens[0])
		}
	}
}
