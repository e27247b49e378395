package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

const (
	shipBatch   = 1 << 20       // bytes of lines in a request, before they are packed
	shipFirst   = time.Second   // the pause after the first failure; each is twice the one before
	shipLongest = time.Hour     // what pauses grow to
	shipLateBy  = time.Hour * 6 // the longest pause that a collector may ask for
)

// shipFlags are the flags of ship alone.
var shipFlags = []cli.Flag{
	&cli.StringFlag{Name: "to", Usage: "post to the collector at `URL`, with http or https"},
	&cli.StringFlag{Name: "token-file", Usage: "`FILE` whose content says who posts; without it systemd's credential \"token\", if there is one"},
	&cli.StringFlag{Name: "ca", Usage: "trust the certificates in `FILE`, in PEM, instead of the system's"},
	&cli.DurationFlag{Name: "every", Usage: "go on, and post what changed each `DURATION`, such as 5m"},
	cursorFlag,
}

// ship is the command of that name.
func ship(c *cli.Context) error {
	ctx, hangups, stop := landing(c.Context)
	defer stop()
	to, err := newCollector(c)
	if err != nil {
		return err
	}
	every := c.Duration("every")
	if c.IsSet("every") && every < time.Second {
		return usagef("--every %v: shorter than a second", every)
	}
	file, err := shipCursor(c)
	if err != nil {
		return err
	}
	log, err := openLog(c, hangups)
	if err != nil {
		return err
	}
	defer log.flush()
	cursor, err := openCursor(file, func(err error) { log.Warn(err.Error()) })
	if err != nil {
		return err
	}
	s := &shipper{to: to, cursor: cursor, log: log.Logger, first: shipFirst, most: shipBatch, stepped: clock.Watch(ctx)}
	s.read = func() ([]journal.Flight, error) {
		w := &warnings{stderr: c.App.ErrWriter}
		read, err := readFlights(c, w)
		if err != nil {
			return nil, err
		}
		if err := read.whole("ship"); err != nil {
			return nil, err
		}
		return prepared(c, read.flights), w.err()
	}
	for {
		err := s.untilTaken(ctx)
		if ctx.Err() != nil {
			log.Info("ending", "reason", context.Cause(ctx))
			return nil
		}
		if every == 0 {
			return err
		}
		if err != nil && err != errPartial {
			log.Error("not shipped", "why", err)
		}
		to.client.CloseIdleConnections()
		debug.FreeOSMemory() // it does nothing for minutes
		if !sleep(ctx, jittered(every)) {
			return nil
		}
	}
}

// shipCursor returns the file of the cursor: one for each collector and journal, in a
// folder beside the one where journals usually are.
func shipCursor(c *cli.Context) (string, error) {
	if file := c.String("cursor"); file != "" {
		return file, nil
	}
	names, err := dumps(c)
	if err != nil {
		return "", err
	}
	dir := ""
	if len(names) == 0 {
		if dir, err = journalToRead(c); err != nil {
			return "", err
		}
		if dir, err = filepath.Abs(dir); err != nil {
			return "", fmt.Errorf("choosing a cursor: %w", err)
		}
	}
	usual, err := usualJournal()
	if err != nil {
		return "", hintError{err, "Name a file with --cursor FILE."}
	}
	folder := filepath.Join(filepath.Dir(usual), "flightrec-ship")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", hintError{fmt.Errorf("making the cursor's folder: %w", err), "Name a file with --cursor FILE."}
	}
	return filepath.Join(folder, fmt.Sprintf("%x", digestOf([]byte(c.String("to")+"\n"+dir)))), nil
}

// A shipper posts the flights that changed to a collector. The journal is all that waits:
// what is posted after a month without an answer is what the journal holds then.
type shipper struct {
	to      *collector
	read    func() ([]journal.Flight, error)
	cursor  *cursor
	log     *slog.Logger
	first   time.Duration   // the first pause
	most    int             // bytes of a batch
	stepped <-chan struct{} // receives when the wall clock was set; may be nil
}

// untilTaken posts what changed until the collector has taken it all, ctx ends, or an
// answer says that it never will. Failures are logged as they change.
func (s *shipper) untilTaken(ctx context.Context) error {
	told := ""
	for pause := s.first; ; {
		before := len(s.cursor.told)
		err := s.once(ctx)
		var later laterError
		if ctx.Err() != nil || !errors.As(err, &later) {
			if told != "" && (err == nil || err == errPartial) {
				s.log.Info("shipped at last")
			}
			return err
		}
		if text := err.Error(); text != told {
			s.log.Warn("not shipped yet", "why", err)
			told = text
		}
		if len(s.cursor.told) > before { // some of it was taken
			pause = s.first
		}
		debug.FreeOSMemory() // pauses get long
		select {
		case <-ctx.Done():
		case <-time.After(max(jittered(pause), later.after)):
		case <-s.stepped:
		}
		pause = min(2*pause, shipLongest)
	}
}

// jittered returns about that time, from half of it to one and a half, so that boards that
// lost a collector together don't come back together.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// shipLine is a line to be posted.
type shipLine struct {
	text  []byte
	is    digest
	aloft bool
}

// once posts what changed, in batches. The cursor moves after each that is taken.
func (s *shipper) once(ctx context.Context) error {
	flights, err := s.read()
	if err != nil && err != errPartial {
		return err
	}
	partial := err
	s.cursor.noteJournals(flights, func(err error) { s.log.Warn(err.Error()) })
	var batch []shipLine
	size, tooLarge := 0, 0
	post := func() error {
		left, err := s.post(ctx, batch)
		tooLarge += left
		batch, size = nil, 0
		return err
	}
	stand := map[digest]bool{}
	for _, f := range reports.Flights(flights, reports.Selection{}) {
		line := shipLine{text: render.AppendDump(nil, f), aloft: f.Ending == journal.EndingAloft}
		line.is = digestOf(line.text)
		stand[line.is] = true
		if !line.aloft && s.cursor.told[line.is] {
			continue
		}
		if size > 0 && size+len(line.text) > s.most {
			if err := post(); err != nil {
				return err
			}
		}
		batch, size = append(batch, line), size+len(line.text)
	}
	if err := post(); err != nil {
		return err
	}
	for is := range s.cursor.told {
		if !stand[is] { // the line is another now
			delete(s.cursor.told, is)
		}
	}
	if err := s.cursor.move(s.cursor.told); err != nil {
		return err
	}
	if tooLarge > 0 {
		return fmt.Errorf("shipping to %s: %d flights are too large for it, each by itself", s.to.name, tooLarge)
	}
	return partial
}

// post posts lines, in halves if they are too many for the collector, and returns how many
// are too large even alone.
func (s *shipper) post(ctx context.Context, lines []shipLine) (tooLarge int, err error) {
	if len(lines) == 0 {
		return 0, nil
	}
	err = s.to.post(ctx, func(w io.Writer) error {
		for _, line := range lines {
			if _, err := w.Write(line.text); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errTooLarge) {
		if len(lines) == 1 {
			return 1, nil
		}
		s.most = max(s.most/2, 1)
		first, err := s.post(ctx, lines[:len(lines)/2])
		if err != nil {
			return first, err
		}
		second, err := s.post(ctx, lines[len(lines)/2:])
		return first + second, err
	}
	if err != nil {
		return 0, err
	}
	s.log.Debug("shipped", "flights", len(lines))
	for _, line := range lines {
		if !line.aloft {
			s.cursor.told[line.is] = true
		}
	}
	return 0, s.cursor.move(s.cursor.told)
}
