package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/urfave/cli/v2"
)

// help is the command of that name. It shows the commands, or explains one of
// them, or a topic.
func help(c *cli.Context) error {
	name := strings.Join(c.Args().Slice(), " ")
	if name == "" {
		return cli.ShowAppHelp(c)
	}
	known := commandNames(c.App)
	for _, t := range topics {
		if t.name == name {
			c.App.Writer.(*output).paged()
			_, err := io.WriteString(c.App.Writer, t.text)
			return err
		}
		known = append(known, t.name)
	}
	if c.App.Command(name) == nil {
		return unknown("command or topic", "flightrec help", name, known)
	}
	return cli.ShowCommandHelp(c.Lineage()[1], name)
}

// helpWidth is how many columns help takes.
const helpWidth = 80

func init() { cli.HelpPrinter = printHelp }

// printHelp writes help of the library's making on lines of helpWidth: a flag stands above
// what it does, other lines go on below where their text began.
func printHelp(w io.Writer, template string, data any) {
	var made strings.Builder
	cli.HelpPrinterCustom(&made, template, data, nil)
	for line := range strings.Lines(made.String()) {
		line = strings.TrimSuffix(line, "\n")
		switch m := helpLine().FindStringSubmatch(line); {
		case m != nil && strings.HasPrefix(m[1], "   -"):
			fmt.Fprintf(w, "%s\n", m[1])
			fold(w, strings.Repeat(" ", 10), m[3], strings.Repeat(" ", 10))
		case len(line) <= helpWidth:
			fmt.Fprintf(w, "%s\n", line)
		case m != nil:
			lead := m[1] + m[2]
			fold(w, lead, m[3], strings.Repeat(" ", len(lead)))
		default:
			fold(w, "   ", line, "   ")
		}
	}
}

// helpLine is a line of two columns.
var helpLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(   \S+(?: \S+)*)( {2,})(\S.*)$`) })

// fold writes a text behind a lead, on lines of helpWidth that begin with an indent.
func fold(w io.Writer, lead, text, indent string) {
	line := lead
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == lead || line == indent:
			line += word
		case len(line)+1+len(word) > helpWidth:
			fmt.Fprintf(w, "%s\n", line)
			line = indent + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintf(w, "%s\n", line)
}

// appHelp returns the template of the program's help, with the topics.
func appHelp() string {
	var list strings.Builder
	for _, t := range topics {
		fmt.Fprintf(&list, "   %-11s  %s\n", t.name, t.usage)
	}
	return cli.AppHelpTemplate + "\nTOPICS (flightrec help TOPIC):\n" + list.String()
}
