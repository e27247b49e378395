package main

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"golang.org/x/term"
)

// terminal is what stdout's terminal can show.
type terminal struct {
	file          *os.File // nil for what is no terminal
	width, height int      // in cells
	dumb          bool     // it has no colours and can't move its cursor
}

// terminalOf returns the terminal that a stream is.
func terminalOf(w io.Writer) terminal {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return terminal{}
	}
	t := terminal{file: f, width: 80, height: 24, dumb: os.Getenv("TERM") == "dumb"}
	if width, height, err := term.GetSize(int(f.Fd())); err == nil && width > 0 && height > 0 {
		t.width, t.height = width, height
	}
	return t
}

// coloured says whether to print colours, by the word of --color: auto, always or never.
// auto is by https://no-color.org and https://bixense.com/clicolors.
func (t terminal) coloured(word string) bool {
	force := os.Getenv("CLICOLOR_FORCE")
	switch {
	case word != "auto":
		return word == "always"
	case force != "" && force != "0":
		return true
	}
	return t.file != nil && !t.dumb && os.Getenv("NO_COLOR") == ""
}

// isUTF8 reports whether the locale's text is UTF-8 (locale(7)).
func isUTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := strings.ToUpper(os.Getenv(name)); value != "" {
			return strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8")
		}
	}
	return false
}

// pagerCommand returns the shell command of the pager that long output goes through,
// or "" where there is none: $PAGER, else less or more, as git and systemctl have it.
func (t terminal) pagerCommand() string {
	command, set := os.LookupEnv("PAGER")
	if t.file == nil || t.dumb || command == "cat" {
		return ""
	}
	if set {
		return command
	}
	for _, name := range []string{"less", "more"} {
		if _, err := exec.LookPath(name); err == nil {
			return name
		}
	}
	return ""
}

// pager shows what is written page by page if it is longer than the terminal.
type pager struct {
	command  string
	terminal terminal
	stdout   io.Writer // shows shorter output

	held  []byte
	lines int
	cmd   *exec.Cmd // nil until it is started
	in    io.WriteCloser
	stop  func()
}

// Write writes.
func (p *pager) Write(text []byte) (int, error) {
	if p.in != nil {
		return p.in.Write(text)
	}
	p.held = append(p.held, text...)
	p.lines += strings.Count(string(text), "\n")
	if p.lines < p.terminal.height {
		return len(text), nil
	}
	if err := p.start(); err != nil {
		return 0, err
	}
	_, err := p.in.Write(p.held)
	p.held = nil
	return len(text), err
}

// start starts the pager. An interrupt is for the pager alone from then on.
func (p *pager) start() (err error) {
	p.cmd = exec.Command("sh", "-c", p.command)
	p.cmd.Stdout, p.cmd.Stderr = p.terminal.file, os.Stderr
	p.cmd.Env = os.Environ()
	// The defaults of git: quit if it fits, show colours, leave the text on the screen.
	for name, value := range map[string]string{"LESS": "FRX", "LV": "-c"} {
		if _, set := os.LookupEnv(name); !set {
			p.cmd.Env = append(p.cmd.Env, name+"="+value)
		}
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	p.stop = func() { signal.Stop(interrupts) }
	return p.cmd.Start()
}

// close shows what is held, or waits until the user leaves the pager.
func (p *pager) close() error {
	if p.in == nil {
		_, err := p.stdout.Write(p.held)
		return err
	}
	defer p.stop()
	p.in.Close()
	p.cmd.Wait() // how a pager ends is its own affair
	return nil
}
