package main

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/xrash/smetrics"
)

// action returns what a command does: run, unless flags exclude each other. A usage
// error without a hint points to the command's own help.
func action(run cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		err := exclusive(c)
		if err == nil {
			err = run(c)
		}
		return hinted(err, seeHelp(c.Command))
	}
}

// seeHelp says where the help of a command is, or that of the program.
func seeHelp(command *cli.Command) string {
	if command == nil || command.Name == "" || command.Name == "flightrec" {
		return "See 'flightrec help'."
	}
	return fmt.Sprintf("See 'flightrec help %s'.", command.Name)
}

// withoutArguments complains of arguments beside the flags.
func withoutArguments(run cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.Args().Present() {
			return usagef("unexpected argument %q", c.Args().First())
		}
		return run(c)
	}
}

// excluding are flags of which a call can have one only.
var excluding = [][2]string{
	{"from", "journal"},
	{"observed", "clock"},
	{"follow", "since"}, {"follow", "until"},
	{"all", "n"},
	{"by", "at"},
	{"by", "clock"}, {"by", "observed"}, {"by", "n"}, {"by", "all"}, {"by", "reverse"},
	{"at", "clock"}, {"at", "observed"}, {"at", "n"}, {"at", "all"}, {"at", "reverse"},
	{"at", "since"}, {"at", "until"},
}

// exclusive complains of flags that exclude each other.
func exclusive(c *cli.Context) error {
	set := c.LocalFlagNames() // c.IsSet would go through all flags for each of these
	for _, pair := range excluding {
		if slices.Contains(set, pair[0]) && slices.Contains(set, pair[1]) {
			return usagef("%s and %s exclude each other", dashed(pair[0]), dashed(pair[1]))
		}
	}
	return nil
}

// The messages of package flag, whose errors have no types.
const (
	undefinedFlag = `^flag provided but not defined: -(.*)$`
	missingValue  = `^flag needs an argument: -(.*)$`
	invalidValue  = `^invalid (?:boolean )?value (".*") for (?:flag )?-(.*?): .*$`
)

// misused says what is wrong with a command's flags.
func misused(c *cli.Context, err error, _ bool) error {
	if errors.Is(err, flag.ErrHelp) { // help has no flag --help, and is asked for it
		return cli.ShowCommandHelp(c.Lineage()[1], c.Command.Name)
	}
	see := seeHelp(c.Command)
	matches := func(form string) []string { return regexp.MustCompile(form).FindStringSubmatch(err.Error()) }
	if m := matches(undefinedFlag); m != nil {
		var known []string
		for _, f := range c.Command.Flags {
			known = append(known, f.Names()...)
		}
		if meant := nearest(m[1], known); meant != "" {
			see = fmt.Sprintf("Did you mean %s? %s", dashed(meant), see)
		}
		err = usagef("unknown flag %s", dashed(m[1]))
	} else if m := matches(missingValue); m != nil {
		err = usagef("%s needs a value", dashed(m[1]))
	} else if m := matches(invalidValue); m != nil {
		err = usagef("%s: %s is no value for it", dashed(m[2]), m[1])
	}
	return hintError{usageError{err}, see}
}

// dashed returns a flag's name as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + strings.TrimLeft(name, "-")
}

// unknown returns the error for a word that is no command or no topic, with the nearest
// known word as a hint.
func unknown(what, call, word string, known []string) error {
	hint := seeHelp(nil)
	if meant := nearest(word, known); meant != "" {
		hint = fmt.Sprintf("Did you mean '%s %s'? %s", call, meant, hint)
	}
	return hintError{usagef("unknown %s %q", what, word), hint}
}

// commandNames returns the names of the program's commands.
func commandNames(app *cli.App) (names []string) {
	for _, command := range app.Commands {
		names = append(names, command.Name)
	}
	return names
}

// nearest returns the word that a mistyped one was meant to be, or "" if none is like
// it.
func nearest(typed string, words []string) string {
	best, likeness := "", 0.8
	for _, w := range words {
		// The threshold and prefix are those that Winkler gives.
		if like := smetrics.JaroWinkler(w, typed, 0.7, 4); len(w) > 1 && like > likeness {
			best, likeness = w, like
		}
	}
	return best
}

// filesLast moves arguments that are no flags behind a command's flags: package flag
// reads no further than to the first of them.
func filesLast(app *cli.App, args []string) []string {
	if len(args) < 3 || app.Command(args[1]) == nil {
		return args
	}
	values := valueFlags(app.Command(args[1]))
	var flags, files []string
	for i := 2; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "--":
			files = append(files, args[i+1:]...)
			i = len(args)
		case len(arg) < 2 || arg[0] != '-':
			files = append(files, arg)
		default:
			flags = append(flags, arg)
			if !slices.Contains(values, strings.TrimLeft(arg, "-")) {
				continue
			}
			if i++; i == len(args) { // its value is missing
				return slices.Concat(args[:2], flags)
			}
			flags = append(flags, args[i])
		}
	}
	return slices.Concat(args[:2], flags, []string{"--"}, files)
}

// valueFlags returns the names of a command's flags that take a value.
func valueFlags(command *cli.Command) (names []string) {
	for _, f := range command.Flags {
		if d, ok := f.(cli.DocGenerationFlag); ok && d.TakesValue() {
			names = append(names, f.Names()...)
		}
	}
	return names
}
