package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flightrec/journal/store/disk"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// checkPath returns an error if a folder on the way to dir is a link that belongs to
// neither root nor this user: such a link could make root write anywhere.
func checkPath(dir string) error {
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		info, err := os.Lstat(dir)
		if err == nil && info.Mode()&fs.ModeSymlink != 0 && !isTrusted(info) {
			return fmt.Errorf("%s: a link that belongs to somebody else", dir)
		}
	}
	return nil
}

// laneNames returns the names of a journal's lanes in the order of their numbers, also of
// those that were set aside; odd is what is called as lanes are but is no folder. Without
// either it is an empty journal, if nothing else is in it.
func laneNames(journalDir string) (names, odd []string, err error) {
	entries, err := os.ReadDir(journalDir)
	if err != nil {
		return nil, nil, err
	}
	others := 0
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), lanePrefix) && e.IsDir():
			names = append(names, e.Name())
		case strings.HasPrefix(e.Name(), lanePrefix):
			odd = append(odd, e.Name())
		case !strings.HasPrefix(e.Name(), ".") && e.Name() != "lost+found":
			others++
		}
	}
	if len(names)+len(odd) == 0 && others > 0 {
		return nil, nil, &NoJournalError{journalDir, probably(journalDir)}
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b) // lane-9 before lane-10
		}
		return strings.Compare(a, b)
	})
	return names, odd, nil
}

// makeDir makes a folder and those above it, so that they survive a power cut. It returns
// the folders that weren't there before, the uppermost first. If it fails, it has removed
// them again.
func makeDir(dir string) (made []string, err error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if made, err = makeDir(parent); err != nil {
			return nil, err
		}
	}
	switch err = os.Mkdir(dir, 0o755); {
	case err == nil:
		made = append(made, dir)
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	if err == nil {
		err = disk.GiveToOwner(dir)
	}
	if err == nil {
		err = disk.SyncDir(vfs.Default, parent)
	}
	if err != nil {
		removeDirs(made)
		return nil, err
	}
	return made, nil
}

// removeDirs removes folders that makeDir made, as far as nothing is in them.
func removeDirs(made []string) {
	for _, dir := range slices.Backward(made) {
		os.Remove(dir)
	}
}
