package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"flightrec/journal"
	"flightrec/reports"

	"github.com/urfave/cli/v2"
)

// systemJournal is where a service that runs as root keeps its journal.
const systemJournal = "/var/lib/flightrec"

// journalDir returns the folder to record into.
func journalDir(c *cli.Context) (string, error) {
	if dir := c.String("journal"); dir != "" {
		return dir, nil
	}
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

// journalToRead returns the folder to read from: that of the system's service
// where the user has none.
func journalToRead(c *cli.Context) (string, error) {
	dir, err := journalDir(c)
	if err != nil || c.IsSet("journal") || runtime.GOOS == "windows" {
		return dir, err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(systemJournal); err == nil {
			return systemJournal, nil
		}
	}
	return dir, nil
}

// maxWarnings bounds what stderr gets to see of a badly damaged input.
const maxWarnings = 20

// warnings collects what could not be read.
type warnings struct {
	stderr io.Writer
	texts  []string
	more   int
}

func (w *warnings) add(err error) {
	if len(w.texts) == maxWarnings {
		w.more++
		return
	}
	text := printable(err.Error())
	w.texts = append(w.texts, text)
	fmt.Fprintf(w.stderr, "flightrec: %s\n", text)
}

// maxText bounds how much of a text of unknown origin a terminal gets to see.
const maxText = 1000

// printable returns text as one line that commands no terminal, and cuts a long one.
func printable(text string) string {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return reports.Printable(strings.ReplaceAll(text, "\n", "; "))
}

// err returns errPartial if there was anything, and counts what was not shown.
func (w *warnings) err() error {
	if w.more > 0 {
		w.texts = append(w.texts, fmt.Sprintf("%d more could not be read", w.more))
		fmt.Fprintf(w.stderr, "flightrec: %d more could not be read\n", w.more)
		w.more = 0
	}
	if len(w.texts) > 0 {
		return errPartial
	}
	return nil
}

// readFlights returns the flights of the dumps that --from names, else of the
// journal, in order of takeoff.
func readFlights(c *cli.Context, w *warnings) ([]journal.Flight, error) {
	if !c.IsSet("from") {
		dir, err := journalToRead(c)
		if err != nil {
			return nil, err
		}
		keepQuick(dir)
		flights, err := journal.Read(c.Context, dir, w.add)
		return flights, noJournal(err)
	}
	var all journal.Gathering
	for _, name := range c.StringSlice("from") {
		if _, err := readDump(c, name, all.Add, w.add); err != nil {
			return nil, err
		}
	}
	return all.Flights(w.add), nil
}

// noJournal adds what to do where there is no journal.
func noJournal(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return hintError{err, "Start 'flightrec record', or name the journal's folder with --journal DIR."}
	}
	return err
}

// readDump reads the dump of this name, and returns its size.
func readDump(c *cli.Context, name string, each func(journal.Flight), warn func(error)) (int64, error) {
	in := &countingReader{r: c.App.Reader}
	if name == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return 0, fmt.Errorf("reading dump: %w", err)
		}
		defer f.Close()
		in.r = f
	}
	err := journal.ReadDump(c.Context, name, in, each, warn)
	return in.n, err
}

// countingReader counts what is read.
type countingReader struct {
	r io.Reader
	n int64
}

// Read reads.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// print writes a command's output. A reader that has seen enough, such as head,
// is no error.
func print(w io.Writer, write func(io.Writer) error) error {
	out := bufio.NewWriterSize(w, 64<<10)
	err := write(out)
	if err == nil {
		err = out.Flush()
	}
	if errors.Is(err, errPipe) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("writing output: %w", err)
	}
	return nil
}
