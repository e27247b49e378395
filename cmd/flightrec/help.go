package main

import (
	"fmt"
	"io"
	"strings"

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

// appHelp returns the template of the program's help, with the topics.
func appHelp() string {
	var list strings.Builder
	for _, t := range topics {
		fmt.Fprintf(&list, "   %-10s  %s\n", t.name, t.usage)
	}
	return cli.AppHelpTemplate + "\nTOPICS (flightrec help TOPIC):\n" + list.String()
}
