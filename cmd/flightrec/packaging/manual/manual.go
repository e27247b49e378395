// Package manual makes the manual page flightrec(1) and the completions of bash, zsh
// and fish. All of it comes from the definitions that the program reads its own
// arguments by, so that none can lack a flag. The binary doesn't contain it.
package manual

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
)

// Program is what there is to tell of a program.
type Program struct {
	App    *cli.App
	Topics []Topic             // what help explains beside the commands
	Words  map[string][]string // what a flag's value may be, by the name that its usage gives to the value
	Date   time.Time           // of the source
}

// Topic is a text of help. Its first line is a title, lines that begin with a blank are
// items of a list, the item apart from its explanation by two blanks at least.
type Topic struct{ Name, Usage, Text string }

// files are what is made, below a folder such as /usr/share.
var files = map[string]func(*Program) string{
	"man/man1/flightrec.1":                     (*Program).page,
	"bash-completion/completions/flightrec":    (*Program).bash,
	"zsh/site-functions/_flightrec":            (*Program).zsh,
	"fish/vendor_completions.d/flightrec.fish": (*Program).fish,
}

// Write writes manual page and completions below a folder.
func (p *Program) Write(dir string) error {
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("writing the manual: %w", err)
		}
		if err := os.WriteFile(path, []byte(text(p)), 0o644); err != nil {
			return fmt.Errorf("writing the manual: %w", err)
		}
	}
	return nil
}

// flag is a flag as it is typed.
type flag struct {
	long, short []string // without dashes
	value       string   // the name of its value, "" if it takes none
	usage       string
	preset      string // the value that holds without the flag, "" if there is nothing to say
	repeatable  bool
}

// flagsOf returns what is to be told of flags.
func flagsOf(flags []cli.Flag) (list []flag) {
	for _, f := range flags {
		d := f.(cli.DocGenerationFlag)
		told := flag{usage: strings.ReplaceAll(d.GetUsage(), "`", "")}
		for _, name := range f.Names() {
			if len(name) == 1 {
				told.short = append(told.short, name)
			} else {
				told.long = append(told.long, name)
			}
		}
		if d.TakesValue() {
			_, quoted, _ := strings.Cut(d.GetUsage(), "`")
			told.value, _, _ = strings.Cut(quoted, "`")
			if told.value == "" {
				panic(fmt.Sprintf("the usage of flag %q gives its value no name in backquotes", f.Names()[0]))
			}
			told.preset = strings.Trim(d.GetDefaultText(), `"`)
		}
		_, told.repeatable = f.(*cli.StringSliceFlag)
		list = append(list, told)
	}
	return list
}

// all returns the flags of a command, with the one that the library adds.
func all(c *cli.Command) []flag {
	list := flagsOf(c.Flags)
	if !c.HideHelp {
		list = append(list, flagsOf([]cli.Flag{cli.HelpFlag})...)
	}
	return list
}

// own returns the flags of a command that others lack, and shared those that all
// commands have but help.
func (p *Program) own(c *cli.Command) (own, shared []flag) {
	count := map[string]int{}
	for _, other := range p.App.Commands {
		for _, f := range other.Flags {
			count[f.Names()[0]]++
		}
	}
	for _, f := range c.Flags {
		if count[f.Names()[0]] == len(p.App.Commands)-1 {
			shared = append(shared, flagsOf([]cli.Flag{f})...)
		} else {
			own = append(own, flagsOf([]cli.Flag{f})...)
		}
	}
	return own, shared
}

// quoted returns a text in single quotes, as bash and zsh read it.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
