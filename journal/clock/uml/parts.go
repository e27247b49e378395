//go:build linux && amd64

package uml

import (
	"cmp"
	"os"
	"path/filepath"
	"testing"
)

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

// hostRoot is what a program's path is looked up below: the unpacked packages
// first, then the host itself.
func hostRoots() []string { return []string{partsFolder(), "/"} }

// Program returns the path of the first of paths that is a program, or skips the
// test, naming the package that has it. Paths are absolute, as the package has them.
func Program(t testing.TB, pkg string, paths ...string) string {
	t.Helper()
	if found := find(paths...); found != "" {
		return found
	}
	t.Skipf("needs %s of package %s, installed or unpacked in %s", paths[0], pkg, cmp.Or(partsFolder(), "$FLIGHTREC_UML_PARTS"))
	return ""
}

func find(paths ...string) string {
	for _, root := range hostRoots() {
		if root == "" {
			continue
		}
		for _, path := range paths {
			full := filepath.Join(root, path)
			if info, err := os.Stat(full); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return full
			}
		}
	}
	return ""
}
