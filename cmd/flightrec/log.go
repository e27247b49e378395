package main

import (
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
)

// logFile is a logger that nobody waits for: its lines are written by a goroutine of
// its own, and dropped and counted while that one is stuck, in a full pipe or on a
// dying disk. Its file can be opened anew, after it was moved away.
type logFile struct {
	*slog.Logger
	name string // empty for stderr

	work    chan func() // what the goroutine is to do next
	out     io.Writer   // the goroutine's
	torn    bool        // the last line was written in part
	dropped atomic.Int64
	moved   atomic.Bool // the file is to be opened anew
}

const (
	logBacklog = 256         // lines that wait to be written
	logFlush   = time.Second // how long the end of the program waits for them
)

// levels are the words of --verbosity. Nothing but the end of the program is
// fatal, and that is told on stderr in any case.
var levels = map[string]slog.Level{
	"debug": slog.LevelDebug,
	"info":  slog.LevelInfo,
	"warn":  slog.LevelWarn,
	"error": slog.LevelError,
	"fatal": slog.LevelError + 4,
}

// openLog makes the logger that --log and --verbosity ask for. Each hangup reopens its file.
func openLog(c *cli.Context, hangups <-chan os.Signal) (*logFile, error) {
	verbosity, err := oneOf(c, "verbosity", "LEVEL")
	if err != nil {
		return nil, err
	}
	l := &logFile{name: c.String("log"), out: c.App.ErrWriter}
	if l.name != "" {
		f, err := openAppend(l.name)
		if err != nil {
			return nil, fmt.Errorf("opening log: %w", err)
		}
		l.out = f
	}
	startLog(l, levels[verbosity], l.name == "" && stderrIsJournal())
	go func() {
		for range hangups {
			l.reopen()
		}
	}()
	return l, nil
}

// startLog starts the goroutine that writes to l.out.
func startLog(l *logFile, level slog.Level, managed bool) *logFile {
	l.work = make(chan func(), logBacklog)
	l.Logger = newLogger(l, level, managed)
	go func() {
		for do := range l.work {
			do()
		}
	}()
	return l
}

// newLogger returns a logger of lines. Where systemd's journal reads them they begin
// with their priority, and carry no time, since the journal has its own.
func newLogger(w io.Writer, level slog.Level, managed bool) *slog.Logger {
	if managed {
		w = priorityWriter{w}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		// An error's %+v, which the handler would print, may be a stack trace.
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(err.Error())
		}
		if managed && len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
			return slog.Attr{}
		}
		return a
	}}))
}

// priorityWriter puts a line's level, with which it begins, as a priority of syslog's
// (sd-daemon(3)): "level=WARN msg=x" is written as "<4>msg=x".
type priorityWriter struct{ io.Writer }

func (w priorityWriter) Write(line []byte) (int, error) {
	text := string(line)
	for prefix, priority := range map[string]string{
		"level=DEBUG ": "<7>", "level=INFO ": "<6>", "level=WARN ": "<4>", "level=ERROR ": "<3>",
	} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			text = priority + rest
			break
		}
	}
	if _, err := w.Writer.Write([]byte(text)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// openAppend opens a file to append to it, and doesn't wait for anybody: a FIFO opened
// for reading as well needs no reader.
func openAppend(name string) (*os.File, error) {
	flags := os.O_APPEND | os.O_CREATE | os.O_WRONLY
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		flags = os.O_WRONLY | syscall.O_NONBLOCK
		if info.Mode()&fs.ModeNamedPipe != 0 {
			flags = os.O_RDWR | syscall.O_NONBLOCK
		}
	}
	return os.OpenFile(name, flags, 0o644)
}

// Write has a line appended to the log, or dropped if too many wait already.
func (l *logFile) Write(line []byte) (int, error) {
	text := string(line)
	select {
	case l.work <- func() { l.put(text) }:
	default:
		l.dropped.Add(1)
	}
	return len(line), nil
}

// reopen has the log's file opened anew. If that can't be done, the old one serves on.
func (l *logFile) reopen() {
	if l.name == "" {
		return
	}
	l.moved.Store(true)
	select {
	case l.work <- l.follow:
	default: // with the next line
	}
}

// flush waits until all lines are written, but not for long.
func (l *logFile) flush() {
	late := time.After(logFlush)
	done := make(chan struct{})
	select {
	case l.work <- func() { close(done) }:
	case <-late:
		return
	}
	select {
	case <-done:
	case <-late:
	}
}

// follow opens the log's file anew if it was moved.
func (l *logFile) follow() {
	if !l.moved.CompareAndSwap(true, false) {
		return
	}
	f, err := openAppend(l.name)
	if err != nil {
		l.Error("opening log anew", "why", err)
		return
	}
	l.out.(io.Closer).Close()
	l.out, l.torn = f, false
}

// put writes a line, and before it how many were dropped.
func (l *logFile) put(line string) {
	l.follow()
	if n := l.dropped.Load(); n > 0 {
		var note strings.Builder
		newLogger(&note, slog.LevelWarn, strings.HasPrefix(line, "<")).Warn("log lines dropped", "lines", n)
		if l.write(note.String()) == nil {
			l.dropped.Add(-n)
		}
	}
	if l.write(line) != nil {
		l.dropped.Add(1)
	}
}

// write appends a line, and ends the one before it if that was torn.
func (l *logFile) write(line string) error {
	if l.torn {
		line = "\n" + line
	}
	n, err := io.WriteString(l.out, line)
	l.torn = err != nil && (n > 0 || l.torn)
	return err
}
