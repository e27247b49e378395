package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"flightrec/journal/store"

	"github.com/urfave/cli/v2"
)

// systemJournal is where a service that runs as root keeps its journal.
const systemJournal = "/var/lib/flightrec"

// journalDir returns the folder to record into.
func journalDir(c *cli.Context) (string, error) {
	if dir := namedJournal(c); dir != "" {
		return dir, nil
	}
	return usualJournal()
}

// usualJournal returns the folder that holds where none is named.
func usualJournal() (string, error) {
	if dirs := filepath.SplitList(os.Getenv("STATE_DIRECTORY")); len(dirs) > 0 { // systemd.exec(5)
		return dirs[0], nil
	}
	if os.Geteuid() == 0 {
		return systemJournal, nil
	}
	state := os.Getenv("XDG_STATE_HOME") // XDG Base Directory Specification
	if state == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", hintError{fmt.Errorf("choosing the journal's folder: %w", err), "Name one with --journal DIR."}
		}
		state = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(state, "flightrec"), nil
}

// namedJournal returns the folder that a flag or the environment names, or "".
func namedJournal(c *cli.Context) string {
	if dir := c.String("journal"); dir != "" {
		return dir
	}
	return os.Getenv("FLIGHTREC_JOURNAL")
}

// journalToRead returns the folder to read from: that of the system's service where the
// user has none, and where a recorder holds the service's but none the user's.
func journalToRead(c *cli.Context) (string, error) {
	dir, err := journalDir(c)
	if namedJournal(c) != "" || runtime.GOOS == "windows" {
		return dir, err
	}
	if _, systemErr := os.Stat(systemJournal); systemErr != nil {
		return dir, err
	}
	if err != nil { // nobody knows where the user's would be
		return systemJournal, nil
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) || store.IsHeld(systemJournal) && !store.IsHeld(dir) {
		return systemJournal, nil
	}
	return dir, nil
}

// unusualJournal returns the folder to read from if it isn't the one that the user
// records into, nor a dump.
func unusualJournal(c *cli.Context) string {
	names, err := namedDumps(c)
	if err != nil || len(names) > 0 {
		return ""
	}
	dir, err := journalToRead(c)
	usual, usualErr := usualJournal()
	if err != nil || usualErr == nil && dir == usual {
		return ""
	}
	return dir
}

// readFlights returns the flights of the dumps that are named, else of the journal, in
// order of takeoff.
func readFlights(c *cli.Context, w *warnings) (*flown, error) {
	// A month's journal is read in less than 16 MB, the heap at which the first collection
	// now comes.
	debug.SetGCPercent(400)
	names, err := dumps(c)
	if err != nil {
		return nil, err
	}
	bar := newProgress(c.App.ErrWriter, "reading")
	defer bar.clear()
	bar.wait()
	if len(names) > 0 {
		return readDumps(c, names, bar, w)
	}
	dir, err := journalToRead(c)
	if err != nil {
		return nil, err
	}
	if err := foresee(dir, func() int64 { return freeMemory(os.DirFS("/")) }); err != nil {
		return nil, err
	}
	flights, err := store.Read(c.Context, dir, w.add)
	if err != nil {
		return nil, noJournal(err)
	}
	tuneReader(len(flights))
	flights, err = ofMachine(c, flights)
	return &flown{flights: flights}, err
}

// noJournal adds what to do where there is no journal.
func noJournal(err error) error {
	var other *store.NoJournalError
	switch {
	case errors.As(err, &other) && other.Probably != "":
		return hintError{err, "Is it " + other.Probably + "?"}
	case errors.As(err, &other), errors.Is(err, fs.ErrNotExist):
		return hintError{err, "Start 'flightrec record', or name the journal's folder with --journal DIR."}
	}
	return err
}
