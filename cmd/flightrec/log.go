package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/urfave/cli/v2"
)

// logFile is a logger whose file can be opened anew, after it was moved away.
type logFile struct {
	*slog.Logger
	name string // empty for stderr

	mu  sync.Mutex
	out io.Writer
}

// levels are the words of --verbosity. Nothing but the end of the program is
// fatal, and that is told on stderr in any case.
var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
	"fatal": slog.LevelError + 4,
}

// openLog makes the logger that --log and --verbosity ask for.
func openLog(c *cli.Context) (*logFile, error) {
	level, ok := levels[c.String("verbosity")]
	if !ok {
		return nil, usagef("verbosity %q: not one of debug, info, warn, error, fatal", c.String("verbosity"))
	}
	l := &logFile{name: c.String("log"), out: c.App.ErrWriter}
	if l.name != "" {
		if err := l.open(); err != nil {
			return nil, fmt.Errorf("opening log: %w", err)
		}
	}
	l.Logger = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: level}))
	return l, nil
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	l.out = f
	return nil
}

// reopen opens the log's file anew. If that can't be done, the old one serves on.
func (l *logFile) reopen() {
	if l.name == "" {
		return
	}
	l.mu.Lock()
	old := l.out
	err := l.open()
	l.mu.Unlock()
	if err != nil {
		l.Error("opening log anew", "why", err)
		return
	}
	old.(io.Closer).Close()
}

// Write appends a line to the log. A log that can't be written is no reason to
// stop recording.
func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(line)
}
