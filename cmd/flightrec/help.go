package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"
)

// A topic is something that help explains beside the commands.
type topic struct{ name, usage, text string }

var topics = []topic{
	{"grounding", "what a report means by ~, its notes, crash, stopped, gap and pause", groundingTopic},
}

// help is the command of that name. It shows the commands, or explains one of
// them, or a topic.
func help(c *cli.Context) error {
	name := c.Args().First()
	for _, t := range topics {
		if t.name == name {
			return print(c.App.Writer, func(w io.Writer) error {
				_, err := io.WriteString(w, t.text)
				return err
			})
		}
	}
	switch {
	case c.NArg() > 1:
		return usagef("help %s: one command or topic at a time", strings.Join(c.Args().Slice(), " "))
	case name == "":
		return cli.ShowAppHelp(c)
	case c.App.Command(name) == nil:
		return usagef("unknown command or topic %q", name)
	}
	return cli.ShowCommandHelp(c.Lineage()[1], name)
}

// appHelp returns the template of the program's help, with the topics.
func appHelp() string {
	var list strings.Builder
	for _, t := range topics {
		fmt.Fprintf(&list, "   %s  %s\n", t.name, t.usage)
	}
	return cli.AppHelpTemplate + "\nTOPICS (flightrec help TOPIC):\n" + list.String()
}

const groundingTopic = `How to read a report

A board without a clock chip starts with a wrong time, and gets the right one from
the network only later, or never. flightrec writes down what the clock said and
how long the machine had been up, again and again. When the right time comes, it
counts back: so it knows when the machine was up even while its clock was wrong.
That is called grounding. It is done anew for each report, so a boot whose time
is not known today may be known tomorrow.

Times
  2025-06-15 12:00:00   right: the clock was synchronised at some time in that boot
  ~2025-06-15 12:00:00  an estimate: it never was. The note with the number in
                        brackets, at the end of the report, tells between what times
                        it must have been.
  The length of an uptime is right in both cases. After a ~ the length of a downtime
  is an estimate as well.

Lines
  UPTIME    the machine was up, from its boot to the last sign of life
  DOWNTIME  the machine was down
  FLIGHT    the recorder was running
  GAP       the machine was up, and nobody was recording: the recorder had been
            stopped, killed or upgraded
  PAUSE     the machine stood still and didn't notice, like a virtual machine that
            its host had paused
  CRASH LOOP  three boots or more, each under five minutes and ended by a crash;
            --all shows each of them

How a machine went down, behind its DOWNTIME
  crash     suddenly: the power was cut, or the system hung or failed
  shutdown  properly: the recorder was stopped because the machine was going down
  stopped   the recorder had been stopped before, and so nobody knows when and how
            the machine went down: somewhere between the two times of the line
  nothing   unknown: nothing tells whether it was down at all, or only not recorded

aloft       it is still going on

Up, down and unknown
  The last line adds it all up. Time that can't be known counts as neither up nor
  down: where a boot might have been, a downtime beside a boot that has no certain
  place, and one with stopped or nothing behind it. Percentages are of the time that
  is known.

--observed  shows when the recorder was running, and nothing of the above: the
            report of the original flight-recorder, in which a restart of the
            recorder looks like a downtime.
--clock     shows when the clock was wrong, by how much, who set it, and when the
            machine slept.
`
