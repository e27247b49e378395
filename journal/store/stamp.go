package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Stamp returns a text that differs from an earlier one if what [Read] returns may have
// changed meanwhile: it holds the names, sizes and times of a journal's files, and whether
// recorders hold its lanes. It opens nothing but locks, and is much cheaper than a Read.
func Stamp(dir string) (string, error) {
	names, odd, err := laneNames(dir)
	if err != nil {
		return "", fmt.Errorf("reading journal %s: %w", dir, errPath(dir, err))
	}
	var b strings.Builder
	fmt.Fprintln(&b, odd)
	for _, name := range names {
		lane := filepath.Join(dir, name)
		fmt.Fprintln(&b, name, stateOf(lane))
		entries, err := os.ReadDir(lane)
		if err != nil {
			fmt.Fprintln(&b, err) // Read tells of it
		}
		for _, e := range entries {
			switch info, err := e.Info(); {
			case errors.Is(err, fs.ErrNotExist): // it went meanwhile
			case err != nil:
				fmt.Fprintln(&b, e.Name(), err)
			default:
				fmt.Fprintln(&b, e.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return b.String(), nil
}
