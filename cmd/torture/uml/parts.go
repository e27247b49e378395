//go:build linux && amd64

package uml

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
)

// guestParts is where a machine finds the packages that were only unpacked. It is
// not their path on the host, which a sandboxed service may not be allowed to see.
const guestParts = "/opt/parts"

// partsFolder returns the folder where packages were unpacked.
func partsFolder() string {
	if dir := os.Getenv("FLIGHTREC_UML_PARTS"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "flightrec-uml")
}

// Program returns the path, in a machine, of the first of paths that there is, or
// skips the test, naming the package that has it. Paths are absolute, as the
// package has them.
func Program(t testing.TB, pkg string, paths ...string) string {
	t.Helper()
	root, path := find(t, pkg, paths)
	if root != "/" {
		root = guestParts
	}
	return filepath.Join(root, path)
}

// Unpacked returns the host's path of a file of a package that is only unpacked, or
// skips the test, naming the package.
func Unpacked(t testing.TB, pkg, path string) string {
	t.Helper()
	parts := partsFolder()
	file := filepath.Join(parts, path)
	if _, err := os.Stat(file); err != nil {
		t.Skipf("needs package %s, unpacked in %s", pkg, cmp.Or(parts, "$FLIGHTREC_UML_PARTS"))
	}
	return file
}

// hostProgram is Program for one that the host runs.
func hostProgram(t testing.TB, pkg string, paths ...string) string {
	t.Helper()
	return filepath.Join(find(t, pkg, paths))
}

// find returns the first of paths that there is, and whose root it is below: the
// host's, or the unpacked packages'.
func find(t testing.TB, pkg string, paths []string) (root, path string) {
	t.Helper()
	parts := partsFolder()
	for _, path := range paths {
		for _, root := range []string{"/", parts} {
			if root != "" && executable(filepath.Join(root, path)) {
				return root, path
			}
		}
	}
	t.Skipf("needs %s of package %s, installed or unpacked in %s", paths[0], pkg, cmp.Or(parts, "$FLIGHTREC_UML_PARTS"))
	return "", ""
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
