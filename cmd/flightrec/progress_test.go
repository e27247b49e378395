//go:build unix

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// What takes long shows on a terminal that it goes on, then how far it is, and takes the
// line away at its end.
func TestProgress(t *testing.T) {
	terminal, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	defer tty.Close()
	t.Setenv("TERM", "xterm")
	if err := terminal.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	shown := ""
	until := func(want string) {
		t.Helper()
		for buf := make([]byte, 256); !strings.HasSuffix(shown, want); {
			n, err := terminal.Read(buf)
			if err != nil {
				t.Fatalf("%v after %q, want %q", err, shown, want)
			}
			shown += string(buf[:n])
		}
	}
	p := newProgress(tty, "reading")
	p.wait()
	until("\rreading …")
	p.show(1, 4)
	until("\rreading: 25%")
	p.clear()
	until("\r\x1b[K")
	if want := "\rreading …\rreading: 25%\r\x1b[K"; shown != want {
		t.Errorf("%q, want %q", shown, want)
	}
}
