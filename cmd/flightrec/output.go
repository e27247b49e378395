package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"flightrec/reports/render"
)

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
	return render.Printable(strings.ReplaceAll(text, "\n", "; "))
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

// output is the program's stdout. On a terminal it shows what is written at once, unless
// a pager may come; else it gathers it.
type output struct {
	terminal terminal
	file     *os.File // nil where it is none
	gathered *bufio.Writer
	pager    *pager // nil where none is wanted
	err      error  // the first one; nothing is written after it
}

func newOutput(stdout io.Writer) *output {
	file, _ := stdout.(*os.File)
	return &output{terminal: terminalOf(stdout), file: file, gathered: bufio.NewWriterSize(stdout, 64<<10)}
}

// paged has what is written from now on shown by the user's pager if it is longer than
// the terminal.
func (o *output) paged() {
	if command := o.terminal.pagerCommand(); command != "" && o.pager == nil {
		o.pager = &pager{command: command, terminal: o.terminal, stdout: o.gathered}
	}
}

// Write writes, or returns the error that an earlier write met.
func (o *output) Write(p []byte) (n int, err error) {
	if o.err != nil {
		return 0, o.err
	}
	switch {
	case o.pager != nil:
		n, o.err = o.pager.Write(p)
	default:
		n, o.err = o.gathered.Write(p)
		if o.err == nil && o.terminal.file != nil {
			o.err = o.gathered.Flush()
		}
	}
	return n, o.err
}

// flush writes what is gathered.
func (o *output) flush() error {
	if o.err == nil {
		o.err = o.gathered.Flush()
	}
	return o.err
}

// settle returns when all that was written has reached its reader, or the disk where it
// goes to a file.
func (o *output) settle() error {
	if o.flush() == nil && o.file != nil {
		if info, err := o.file.Stat(); err == nil && info.Mode().IsRegular() {
			o.err = o.file.Sync()
		}
	}
	return o.err
}

// close writes what is gathered, and waits for the pager. A reader that has seen enough,
// such as head, is no error.
func (o *output) close() error {
	if o.pager != nil {
		o.err = errors.Join(o.err, o.pager.close())
	}
	return written(o.flush())
}

// written returns what an error of writing output means to the user.
func written(err error) error {
	if err == nil || errors.Is(err, errPipe) {
		return nil
	}
	return fmt.Errorf("writing output: %w", err)
}

// print writes a command's output.
func print(w io.Writer, write func(io.Writer) error) error { return written(write(w)) }
