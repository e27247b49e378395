//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"
)

// runMark stands on the line before a console block of the README that is run:
//
//	<!-- run -->
//	```console
//	$ flightrec report --from testdata/examples/reboot.jsonl
//	DOWNTIME #1: -INF => <time> (INF) not recorded
//	```
//
// What follows each "$ " is run by the shell, in a folder that holds testdata, and
// must print what stands below it, on stdout and stderr together. The patterns
// <time>, <dur> and <any> are those of the scripts. A block's commands share their
// folder, and have it for themselves.
const runMark = "<!-- run -->"

// TestReadme runs the README's examples.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := runBlocks(string(text))
	if len(blocks) == 0 {
		t.Fatalf("README.md has no block that is marked %s", runMark)
	}
	testdata, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, b := range blocks {
		if err := os.WriteFile(filepath.Join(dir, b.name+".txtar"), txtar.Format(b.script()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(program)+":"+env.Getenv("PATH"))
			env.Setenv("TZ", "UTC")
			return os.Symlink(testdata, filepath.Join(env.WorkDir, "testdata"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"same": same},
	})
}

// block is a console block: commands, and what each prints.
type block struct {
	name     string
	commands []string
	outputs  []string
}

// runBlocks returns the blocks of a Markdown text that are to be run.
func runBlocks(text string) (blocks []block) {
	marked, inside := false, false
	for i, line := range strings.Split(text, "\n") {
		switch {
		case inside && line == "```":
			inside = false
		case inside:
			blocks[len(blocks)-1].add(line)
		case marked && line == "```console":
			inside = true
			blocks = append(blocks, block{name: fmt.Sprintf("line-%d", i+1)})
		}
		marked = line == runMark
	}
	return blocks
}

// add adds a line of the block.
func (b *block) add(line string) {
	last := len(b.commands) - 1
	switch command, ok := strings.CutPrefix(line, "$ "); {
	case ok:
		b.commands, b.outputs = append(b.commands, command), append(b.outputs, "")
	case last < 0: // output of nothing will be missed
		b.commands, b.outputs = []string{"true"}, []string{line + "\n"}
	case strings.HasSuffix(b.commands[last], `\`) && b.outputs[last] == "":
		b.commands[last] += "\n" + line
	default:
		b.outputs[last] += line + "\n"
	}
}

// script returns the block as a script.
func (b *block) script() *txtar.Archive {
	a := new(txtar.Archive)
	for i, command := range b.commands {
		run, want := fmt.Sprintf("command-%d", i+1), fmt.Sprintf("output-%d", i+1)
		a.Comment = fmt.Appendf(a.Comment, "# $ %s\nexec sh %s\nsame stdout %s\n", strings.ReplaceAll(command, "\n", " "), run, want)
		a.Files = append(a.Files,
			// What it exits with isn't seen in a console, either.
			txtar.File{Name: run, Data: []byte("exec 2>&1\n" + command + "\ntrue\n")},
			txtar.File{Name: want, Data: []byte(b.outputs[i])})
	}
	return a
}

// TestRunBlocks checks that the blocks that are marked are found, and no others.
func TestRunBlocks(t *testing.T) {
	const text = "# A\n" +
		"```console\n$ flightrec record\n```\n" +
		runMark + "\n```console\n$ flightrec \\\n    report\nno flights\n\nat all\n$ true\n```\n" +
		runMark + "\n\n```console\n$ too far off\n```\n" +
		runMark + "\n```\n$ not a console\n```\n"
	blocks := runBlocks(text)
	const want = `[{line-6 [flightrec \` + "\n" + `    report true] [no flights` + "\n\n" + `at all` + "\n" + ` ]}]`
	if got := fmt.Sprint(blocks); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
