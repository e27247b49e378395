package store

import (
	"os"
	"path/filepath"
	"strings"
)

// NoJournalError says that a folder holds other things than a journal.
type NoJournalError struct {
	Dir      string
	Probably string // where the journal probably is, or ""
}

// Error says so.
func (e *NoJournalError) Error() string { return "not a journal: there are other things in it" }

// probably returns where the journal probably is that somebody looks for in dir, one
// folder too deep or at the root of a card, or "".
func probably(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for up := abs; up != filepath.Dir(up); up = filepath.Dir(up) {
		if strings.HasPrefix(filepath.Base(up), lanePrefix) {
			return filepath.Dir(up)
		}
	}
	for _, below := range []string{"var/lib/flightrec", "flightrec", "journal"} {
		path := filepath.Join(abs, filepath.FromSlash(below))
		if _, err := os.Stat(filepath.Join(path, lanePrefix+"0")); err == nil {
			return path
		}
	}
	entries, _ := os.ReadDir(abs)
	for _, e := range entries {
		path := filepath.Join(abs, e.Name())
		if _, err := os.Stat(filepath.Join(path, lanePrefix+"0")); err == nil {
			return path
		}
	}
	return ""
}
