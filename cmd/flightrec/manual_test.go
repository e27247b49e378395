//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestManual makes manual page and completions as 'make manual' does, and has those
// read them for whom they are made.
func TestManual(t *testing.T) {
	dir := t.TempDir()
	tool := exec.Command("go", "run", "-tags", "manual", ".", dir, "2026-11-28")
	if out, err := tool.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("page", func(t *testing.T) { tryPage(t, filepath.Join(dir, "man/man1/flightrec.1")) })
	t.Run("bash", func(t *testing.T) { tryBash(t, filepath.Join(dir, "bash-completion/completions/flightrec")) })
	t.Run("zsh", func(t *testing.T) { tryZsh(t, filepath.Join(dir, "zsh/site-functions")) })
	t.Run("fish", func(t *testing.T) { tryFish(t, filepath.Join(dir, "fish/vendor_completions.d/flightrec.fish")) })
}

// needs skips a test where a program is missing.
func needs(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs %s, in Debian's package of that name, man-db, prometheus or mosquitto-clients", name)
		}
	}
}

// tryPage has the page read by mandoc, which complains of what is wrong with it, and by
// man: nothing of commands, flags and topics may be lost on the way.
func tryPage(t *testing.T, path string) {
	needs(t, "mandoc", "man")
	if out, err := exec.Command("mandoc", "-Tlint", "-Wwarning", path).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("mandoc: %v\n%s", err, out)
	}
	man := func(width string) string {
		cmd := exec.Command("man", "-l", "--no-hyphenation", "--no-justification", "--warnings", path)
		cmd.Env = append(os.Environ(), "MANWIDTH="+width, "LC_ALL=C.UTF-8", "MANPAGER=cat")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || stderr.Len() > 0 {
			t.Errorf("man: %v\n%s", err, &stderr)
		}
		return string(out)
	}
	for line := range strings.Lines(man("80")) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	page := man("2000")
	last := -1
	for _, name := range []string{
		"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "GROUNDING", "TIMES", "FORMATS",
		"ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "SEE ALSO",
	} {
		at := strings.Index(page, "\n"+name+"\n")
		if at <= last {
			t.Errorf("section %s is missing, or not in its place", name)
		}
		last = at
	}
	words := strings.Join(strings.Fields(page), " ")
	for _, c := range newApp(nil, nil, nil).Commands {
		told := strings.Join(strings.Fields(c.Description), " ")
		if !strings.Contains(words, told) || told == "" {
			t.Errorf("the description of %s is missing: %s", c.Name, told)
		}
		for _, f := range c.Flags {
			for _, name := range f.Names() {
				if !strings.Contains(words, dashed(name)) {
					t.Errorf("%s of %s is missing", dashed(name), c.Name)
				}
			}
		}
	}
	for _, topic := range topics {
		_, text, _ := strings.Cut(topic.text, "\n")
		for line := range strings.Lines(text) {
			for _, piece := range regexp.MustCompile(` {2,}`).Split(strings.TrimSpace(line), -1) {
				if !strings.Contains(words, piece) {
					t.Errorf("of topic %s is missing: %s", topic.name, piece)
				}
			}
		}
	}
}

// completions are what is typed before the key that completes it, and some of what is
// then offered.
var completions = []struct {
	typed string
	want  []string
}{
	{"", []string{"record", "report", "status", "dump", "verify", "clock", "help"}},
	{"re", []string{"record", "report"}},
	{"report --", []string{"--since", "--by", "--exclude", "--journal", "--help"}},
	{"report --since 7d --by ", []string{"day", "week", "month", "year", "machine"}},
	{"report --color ", []string{"auto", "always", "never"}},
	{"report --format ", formatNames()},
	{"record --clock ", []string{"trust", "distrust"}},
	{"status -v ", []string{"debug", "fatal"}},
	{"help ", []string{"grounding", "times", "exit codes", "report"}},
	{"report ", []string{"one.jsonl", "two.jsonl"}},
	{"dump --from ", []string{"one.jsonl", "two.jsonl"}},
	{"verify -d ", []string{"folder", "journal"}},
}

// tryTyping types into a shell, which runs in a folder with a few files, and looks for
// what it offers. Keys are those that complete.
func tryTyping(t *testing.T, keys string, setup string, shell ...string) {
	needs(t, shell[0])
	cmd := exec.Command(shell[0], shell[1:]...)
	cmd.Dir = completionFolder(t)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=dumb", "HOME=" + cmd.Dir, "LC_ALL=C.UTF-8", "PS1=> "}
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 200, Rows: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Kill()
		cmd.Wait()
		terminal.Close()
	}()
	shown := make(chan string, 100)
	go func() {
		defer close(shown)
		for buf := make([]byte, 4096); ; {
			n, err := terminal.Read(buf)
			if err != nil {
				return
			}
			shown <- string(buf[:n])
		}
	}()
	seen := ""
	// after types, and waits until all words were shown.
	after := func(typed string, want ...string) {
		t.Helper()
		seen = ""
		if _, err := io.WriteString(terminal, typed); err != nil {
			t.Fatal(err)
		}
		late := time.After(30 * time.Second)
		for _, word := range want {
			for !strings.Contains(seen, word) {
				select {
				case text, ok := <-shown:
					if !ok {
						t.Fatalf("%s ended: %s", shell[0], seen)
					}
					seen += text
				case <-late:
					t.Fatalf("after %q no %q but\n%s", typed, word, seen)
				}
			}
		}
	}
	after(setup+"; echo rea''dy\n", "ready")
	for _, c := range completions {
		after("flightrec "+c.typed+keys, c.want...)
		after("\x15echo do''ne\n", "done") // Ctrl-U forgets what was typed
	}
}

// completionFolder makes a folder with two files and two folders.
func completionFolder(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range []string{"one.jsonl", "two.jsonl"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"folder", "journal"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func tryBash(t *testing.T, path string) {
	tryTyping(t, "\t\t", "source "+path, "bash", "--norc", "-i")
}

func tryZsh(t *testing.T, folder string) {
	tryTyping(t, "\t", "fpath=("+folder+" $fpath); autoload -Uz compinit; compinit -u -D", "zsh", "-f", "-i")
}

// tryFish asks fish, which tells without a terminal what it would offer.
func tryFish(t *testing.T, path string) {
	needs(t, "fish")
	dir := completionFolder(t)
	for _, c := range completions {
		cmd := exec.Command("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", path, "flightrec "+c.typed)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "HOME="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%q: %v\n%s", c.typed, err, out)
		}
		for _, want := range c.want {
			if !strings.Contains("\n"+string(out), "\n"+want) {
				t.Errorf("%q: no %q in\n%s", c.typed, want, out)
			}
		}
	}
}
