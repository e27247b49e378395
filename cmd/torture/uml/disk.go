//go:build linux && amd64

package uml

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// diskSize is enough for a journal, and small enough that ext4's own journal on it
// is as small as it gets.
const diskSize = 64 << 20

// NewDisk makes an empty disk with an ext4 on it. It goes when the test ends.
func NewDisk(t testing.TB) string {
	t.Helper()
	mkfs := hostProgram(t, "e2fsprogs", "/sbin/mke2fs", "/usr/sbin/mke2fs")
	path := filepath.Join(t.TempDir(), "disk")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, diskSize); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(mkfs, "-q", "-t", "ext4", path).CombinedOutput(); err != nil {
		t.Fatalf("making ext4: %v\n%s", err, out)
	}
	return path
}
