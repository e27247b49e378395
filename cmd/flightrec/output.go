package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

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

// stickyWriter keeps the first error, and writes nothing after it.
type stickyWriter struct {
	w   io.Writer
	err error
}

// Write writes.
func (s *stickyWriter) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

// progress is a line on a terminal that says how far a long task has come.
type progress struct {
	w     io.Writer // nil where there is no terminal
	since time.Time
	shown string
}

// progressAfter is how long a task may take without a word.
const progressAfter = time.Second

func newProgress(stderr io.Writer) *progress {
	p := &progress{since: time.Now()}
	if f, ok := stderr.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			p.w = stderr
		}
	}
	return p
}

// show draws the line anew.
func (p *progress) show(done, all int64) {
	if p.w == nil || all <= 0 || time.Since(p.since) < progressAfter {
		return
	}
	if text := fmt.Sprintf("\rverifying: %d%%", min(100*done/all, 100)); text != p.shown {
		p.shown = text
		fmt.Fprint(p.w, text)
	}
}

// clear takes the line away.
func (p *progress) clear() {
	if p.shown != "" {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = ""
	}
}
