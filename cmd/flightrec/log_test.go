package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// traced is an error whose long form is a stack trace, as that of cockroachdb/errors.
type traced struct{}

func (traced) Error() string { return "no space" }

func (traced) Format(s fmt.State, verb rune) {
	io.WriteString(s, "no space")
	if s.Flag('+') {
		io.WriteString(s, "\n  | runtime.goexit\n  | \t/go/src/runtime/asm_amd64.s:1700")
	}
}

// A line of the log has an error's text, and nothing of its stack.
func TestLogWithoutStack(t *testing.T) {
	var out bytes.Buffer
	log := newLogger(&out, slog.LevelInfo, false)
	log.Error("x", "why", fmt.Errorf("writing: %w", traced{}))
	log.With("why", traced{}).WithGroup("g").Warn("y", "why", error(traced{}))
	text := out.String()
	if strings.Contains(text, "runtime") || strings.Contains(text, "asm_") || strings.Count(text, "no space") != 3 {
		t.Errorf("log:\n%s", text)
	}
}

// Under systemd's journal a line begins with its priority and has no time.
func TestLogPriority(t *testing.T) {
	var out bytes.Buffer
	log := newLogger(&out, slog.LevelDebug, true).With("lane", "lane-0")
	log.Debug("a")
	log.Info("b")
	log.Warn("c", "time", "noon")
	log.Error("d")
	want := "<7>msg=a lane=lane-0\n<6>msg=b lane=lane-0\n<4>msg=c lane=lane-0 time=noon\n<3>msg=d lane=lane-0\n"
	if got := out.String(); got != want {
		t.Errorf("log:\n%s\nwant\n%s", got, want)
	}
}

// stuck is a writer that writes a little of a line, then fails, or waits until it is
// let go.
type stuck struct {
	text bytes.Buffer
	full bool
	wait chan struct{}
}

func (w *stuck) Write(p []byte) (int, error) {
	if w.wait != nil {
		<-w.wait
	}
	if w.full {
		n, _ := w.text.Write(p[:min(3, len(p))])
		return n, errors.New("no space")
	}
	return w.text.Write(p)
}

// A log that can't be written loses lines, tells how many, and keeps nobody waiting.
func TestLogDrops(t *testing.T) {
	out := &stuck{wait: make(chan struct{})}
	l := startLog(&logFile{out: out}, slog.LevelInfo, false)
	const lines = 2 * logBacklog
	for range lines {
		l.Info("lost or not")
	}
	close(out.wait)
	l.flush()
	l.Info("after")
	l.flush()
	text := out.text.String()
	written := strings.Count(text, "lost or not")
	if written < logBacklog || written > logBacklog+2 || !strings.Contains(text, "msg=after") {
		t.Errorf("%d lines of %d written, in\n%s", written, lines, text)
	}
	if want := fmt.Sprintf(`msg="log lines dropped" lines=%d`, lines-written); !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}

	// A disk that was full for a while leaves no line without a beginning.
	out.text.Reset()
	out.full = true
	l.Info("half")
	l.Info("less")
	l.flush()
	out.full = false
	l.Info("whole")
	l.flush()
	for _, line := range strings.Split(strings.TrimSpace(out.text.String()), "\n") {
		if len(line) > 3 && !strings.HasPrefix(line, "time=") {
			t.Errorf("line %q in\n%s", line, &out.text)
		}
	}
	if text := out.text.String(); !strings.Contains(text, "lines=2\n") || !strings.Contains(text, "msg=whole") {
		t.Errorf("log\n%s", text)
	}
}

// While the log is stuck, the program's end waits for it no longer than it must.
func TestLogFlushEnds(t *testing.T) {
	out := &stuck{wait: make(chan struct{})}
	l := startLog(&logFile{out: out}, slog.LevelInfo, false)
	l.Info("never written")
	done := make(chan struct{})
	go func() {
		l.flush()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("flush waits for a stuck log")
	}
	close(out.wait)
}
