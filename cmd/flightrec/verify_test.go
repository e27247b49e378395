package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runVerify runs the command, and returns what it printed and its exit code.
func runVerify(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaints bytes.Buffer
	err := run(t.Context(), append([]string{"flightrec", "verify"}, args...), strings.NewReader(stdin), &out, &complaints)
	if err != nil {
		complaints.WriteString(complaint(err))
	}
	return out.String(), complaints.String(), exitCode(err)
}

// TestVerifyNamesAlienThings plants what is no file where the store's files are.
func TestVerifyNamesAlienThings(t *testing.T) {
	dir := t.TempDir()
	lane := filepath.Join(dir, "lane-0")
	if err := os.Mkdir(lane, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"000007.log", "000008.sst", "marker.manifest.000001.MANIFEST-000001", "MANIFEST-000001"} {
		if err := os.Symlink("/dev/zero", filepath.Join(lane, name)); err != nil {
			t.Skipf("links can't be made: %v", err)
		}
	}
	out, complaints, code := runVerify(t, "", "-d", dir)
	if code != exitPartial || complaints != "" {
		t.Errorf("exit %d: %s", code, complaints)
	}
	for _, want := range []string{"lane-0: 000007.log: not a file\n", "lane-0: 000008.sst: not a file\n", "lane-0: MANIFEST-000001: not a file\n", "0 flights, 0 heartbeats, 1 lanes"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// TestVerifyCommandsNoTerminal verifies a dump and a journal from a stranger.
func TestVerifyCommandsNoTerminal(t *testing.T) {
	dir := t.TempDir()
	lane := filepath.Join(dir, "lane-\x1b[31m\u009b")
	if err := os.Mkdir(lane, 0o755); err != nil {
		t.Skipf("the file system takes no such names: %v", err)
	}
	if err := os.WriteFile(filepath.Join(lane, "00\x1b]0;0001.log"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "dump\x1b"), []byte("{\"schema\":\"\x7f\u009b\"}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-d", dir}, {"--from", filepath.Join(dir, "dump\x1b")}} {
		out, complaints, code := runVerify(t, "", args...)
		if code != exitPartial {
			t.Errorf("%q: exit %d\n%s%s", args, code, out, complaints)
		}
		if strings.ContainsAny(out+complaints, "\x1b\x7f\u009b") {
			t.Errorf("%q reach the terminal raw:\n%q", args, out+complaints)
		}
	}
}

func TestVerifyStdin(t *testing.T) {
	out, complaints, code := runVerify(t, "garbage\n\n", "--from", "-")
	if code != exitPartial || !strings.HasPrefix(out, "stdin:1: not a flight") || complaints != "" {
		t.Errorf("exit %d\n%s%s", code, out, complaints)
	}
	if out, complaints, code := runVerify(t, "", "--from", "-"); code != 0 || out != "0 flights, 0 heartbeats, 0 lanes, 1 files, 0 bytes: all sound\n" {
		t.Errorf("exit %d\n%s%s", code, out, complaints)
	}
	if _, _, code := runVerify(t, "", "-d", filepath.Join(t.TempDir(), "none")); code != exitFailed {
		t.Errorf("exit %d without a journal", code)
	}
}

// TestVerifyEnds demands that a verification that is called off ends.
func TestVerifyEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := os.Mkdir(filepath.Join(t.TempDir(), "lane-0"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := run(ctx, []string{"flightrec", "verify", "--from", "-"}, strings.NewReader("x\n"), &bytes.Buffer{}, &bytes.Buffer{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
