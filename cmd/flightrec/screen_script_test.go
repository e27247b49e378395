//go:build unix

package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// screen runs a command under a terminal of some size. What it showed is in the file
// screen, line by line, and its exit code must be 0.
//
//	screen COLUMNSxROWS [NAME=VALUE...] COMMAND...
func screen(ts *testscript.TestScript, neg bool, args []string) {
	size := pty.Winsize{Cols: 80, Rows: 24}
	columns, rows, _ := strings.Cut(args[0], "x")
	size.Cols, size.Rows = number(ts, columns), number(ts, rows)
	args = args[1:]
	env := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.MkAbs("home"), "TZ=UTC", "TERM=xterm", "LANG=C.UTF-8"}
	for strings.Contains(args[0], "=") {
		env, args = append(env, args[0]), args[1:]
	}
	path := args[0]
	if path == "flightrec" {
		path = program
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), env
	terminal, err := pty.StartWithSize(cmd, &size)
	ts.Check(err)
	defer terminal.Close()
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer late.Stop()
	shown, err := io.ReadAll(terminal)
	if err != nil && !errors.Is(err, syscall.EIO) { // EIO is Linux' word for the end
		ts.Fatalf("reading the screen: %v", err)
	}
	err = cmd.Wait()
	text := strings.ReplaceAll(string(shown), "\r\n", "\n")
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(text), 0o644))
	if (err != nil) != neg {
		ts.Fatalf("%v: %v\n%s", args, err, text)
	}
}

// number reads a terminal's size.
func number(ts *testscript.TestScript, s string) (n uint16) {
	for _, digit := range s {
		if digit < '0' || digit > '9' {
			ts.Fatalf("%q is no number of cells", s)
		}
		n = 10*n + uint16(digit-'0')
	}
	return n
}

// fits demands that no line of a file has more cells than so many, where each character
// takes one.
//
//	fits COLUMNS FILE
func fits(ts *testscript.TestScript, neg bool, args []string) {
	columns := int(number(ts, args[0]))
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if cells := len([]rune(strings.TrimSuffix(line, "\n"))); cells > columns {
			ts.Fatalf("%d cells: %s", cells, line)
		}
	}
}
