package main

import (
	"context"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// version is set by the Makefile's linker flags.
var version = ""

// run is the program, as a function of its arguments and streams.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	keepPipes()
	out := newOutput(stdout)
	app := newApp(stdin, out, stderr)
	err := app.RunContext(ctx, filesLast(app, args))
	if unwritten := out.close(); unwritten != nil && (err == nil || err == errPartial) {
		return unwritten
	}
	return err
}

// newApp returns the program's commands, topics and flags. The manual page and the
// shells' completions are made of the same.
func newApp(stdin io.Reader, stdout, stderr io.Writer) *cli.App {
	return &cli.App{
		Name:                      "flightrec",
		Usage:                     "a flight recorder for machines: when was it up, when down, and how did it go down",
		Description:               appDescription,
		Version:                   versionText(),
		Reader:                    stdin,
		Writer:                    stdout,
		ErrWriter:                 stderr,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              misused,
		Flags:                     []cli.Flag{cli.HelpFlag},
		CustomAppHelpTemplate:     appHelp(),
		DisableSliceFlagSeparator: true, // a file's name may have a comma
		Action: action(func(c *cli.Context) error {
			if !c.Args().Present() {
				return cli.ShowAppHelp(c)
			}
			return unknown("command", "flightrec", c.Args().First(), commandNames(c.App))
		}),
		Commands: []*cli.Command{
			{
				Name: "record", Usage: "record until SIGTERM or SIGINT lands the flight", Description: recordDescription,
				Flags: flags(common, []cli.Flag{
					&cli.StringFlag{Name: "interval", Aliases: []string{"i"}, Value: "auto", Usage: "`INTERVAL` between heartbeats: seconds, a duration, or auto (10 s in the first ten minutes, 30 s after)"},
					&cli.StringFlag{Name: "clock", Value: "auto", Usage: "`TRUST` in the wall clock: auto asks the system whether it is synchronised, trust takes it as synchronised, distrust never does"},
					ntpFlag,
				}),
				Action: action(withoutArguments(record)), OnUsageError: misused,
			},
			{
				Name: "report", Usage: "tell when the machine was up and down", Description: reportDescription, ArgsUsage: "[dump...]",
				Flags: flags(common, selection, looks, []cli.Flag{
					&cli.IntFlag{Name: "n", Usage: "show the latest `N` uptimes", DefaultText: "20 in a table on a terminal, else all"},
					&cli.BoolFlag{Name: "all", Usage: "show each uptime, those of crash loops one by one"},
					&cli.BoolFlag{Name: "reverse", Usage: "the other way round: a table oldest first, text newest first"},
					&cli.StringFlag{Name: "by", Usage: "sums of each `UNIT`: day, week, month, year or machine"},
					&cli.StringFlag{Name: "at", Usage: "what the machine was at a `TIME`"},
					excludeFlag,
					&cli.BoolFlag{Name: "observed", Usage: "spans of the recorder alone, without any use of boot IDs"},
					&cli.BoolFlag{Name: "clock", Usage: "tell of the clocks instead: when the wall clock was wrong, its steps, sleep, and the crystal's rate"},
					&cli.StringFlag{Name: "format", Usage: "print it as `FORMAT`: " + render.Names(), DefaultText: "table on a terminal, else text"},
					&cli.BoolFlag{Name: "json", Usage: "short for --format json"},
				}),
				Action: action(report), OnUsageError: misused,
			},
			{
				Name: "status", Usage: "tell in one screen how the machine is", Description: statusDescription, ArgsUsage: "[dump...]",
				Flags: flags(common, []cli.Flag{fromFlag, machineFlag, memoryFlag}, looks, []cli.Flag{
					&cli.DurationFlag{Name: "wait", Usage: "wait for `DURATION`, such as 10m, for this boot's time to be known"},
					&cli.BoolFlag{Name: "json", Usage: "one JSON object instead of text"},
				}),
				Action: action(status), OnUsageError: misused,
			},
			{
				Name: "why", Usage: "tell why the machine went down", Description: whyDescription, ArgsUsage: "[number of an uptime, or a time]",
				Flags: flags(common, selection, looks, []cli.Flag{
					&cli.BoolFlag{Name: "sources", Usage: "list what this machine offers to tell it by"},
				}),
				Action: action(why), OnUsageError: misused,
			},
			{
				Name: "check", Usage: "tell a monitoring system whether all is well, as a plugin does", ArgsUsage: "[dump...]",
				Description: checkText,
				Flags: flags(common, selection, []cli.Flag{
					&cli.StringFlag{Name: "max-crashes", Usage: "how many crashes are well: `WARN[,CRIT]`, as in 0,2"},
					&cli.StringFlag{Name: "min-availability", Usage: "how many percent of the known time it must be up: `WARN[,CRIT]`, as in 99.5,99"},
					&cli.StringFlag{Name: "max-silence", Usage: "for how long there may be no sign of life: `WARN[,CRIT]`, as in 10m,1h"},
					excludeFlag,
					&cli.DurationFlag{Name: "timeout", Aliases: []string{"t"}, Value: time.Minute, Usage: "end after `DURATION`"},
				}),
				Action: plugin(check), OnUsageError: pluginMisused,
			},
			{
				Name: "serve", Usage: "show the report as a web page, and give it to programs", ArgsUsage: "[dump...]",
				Description: serveText,
				Flags:       flags(common, []cli.Flag{fromFlag, machineFlag}, serveFlags),
				Action:      action(serve), OnUsageError: misused,
			},
			{
				Name: "dump", Usage: "write the flights, one JSON object a line", Description: dumpDescription, ArgsUsage: "[dump...]",
				Flags: flags(common, selection, []cli.Flag{
					&cli.BoolFlag{Name: "json", Usage: "JSON lines, the only format yet"},
					cursorFlag,
					&cli.BoolFlag{Name: "follow", Usage: "go on until SIGTERM or SIGINT, with a line when a flight takes off, gets its time, lands or is lost, and at most one each minute otherwise"},
					&cli.BoolFlag{Name: "anonymous", Usage: "other names for hosts, machines and hardware, for a bug report"},
				}),
				Action: action(dump), OnUsageError: misused,
			},
			{
				Name: "ship", Usage: "post the flights that changed to an HTTP collector", Description: shipDescription, ArgsUsage: "[dump...]",
				Flags:  flags(common, []cli.Flag{fromFlag, machineFlag, memoryFlag}, shipFlags),
				Action: action(ship), OnUsageError: misused,
			},
			{
				Name: "verify", Usage: "check every checksum and every rule of a journal or dump", Description: verifyDescription, ArgsUsage: "[dump...]",
				Flags:  flags(common, []cli.Flag{fromFlag, memoryFlag}),
				Action: action(verify), OnUsageError: misused,
			},
			{
				Name: "clock", Usage: "tell what this system knows of the time, and what flightrec makes of it", Description: clockDescription,
				Flags: flags(common, []cli.Flag{
					ntpFlag,
					&cli.BoolFlag{Name: "json", Usage: "one JSON object instead of text"},
				}),
				Action: action(withoutArguments(tellClock)), OnUsageError: misused,
			},
			{
				Name: "help", Aliases: []string{"h"}, Usage: "show the commands, or explain a command or a topic",
				ArgsUsage: "[command or topic]", HideHelp: true, Description: helpDescription,
				Action: action(help), OnUsageError: misused,
			},
		},
	}
}

// common are the flags of all commands.
var common = []cli.Flag{
	&cli.StringFlag{Name: "journal", Aliases: []string{"d", "database"}, Usage: "the journal's folder `DIR`; also $FLIGHTREC_JOURNAL"},
	&cli.StringFlag{Name: "verbosity", Aliases: []string{"v"}, Value: "info", Usage: "log from this `LEVEL` on: debug, info, warn, error or fatal"},
	&cli.StringFlag{Name: "log", Aliases: []string{"l"}, Usage: "log to `FILE` instead of stderr; SIGHUP reopens it"},
}

// words are what a flag's value is, or may be, by the name that its usage gives to it.
var words = map[string][]string{
	"FORMAT":   formatNames(),
	"INTERVAL": {"auto", "10s", "30s"},
	"LEVEL":    {"debug", "info", "warn", "error", "fatal"},
	"TIME":     {"now", "today", "yesterday", "boot", "1d", "7d", "30d", "1y"},
	"TRUST":    {"auto", "trust", "distrust"},
	"UNIT":     {"day", "week", "month", "year", "machine"},
	"WHEN":     {"auto", "always", "never"},
}

// formatNames returns the names of a report's formats.
func formatNames() (names []string) {
	for _, f := range render.Formats {
		names = append(names, f.Name)
	}
	return names
}

// oneOf returns the value of a flag, which must be one of the words of that name.
func oneOf(c *cli.Context, flag, name string) (string, error) {
	value := c.String(flag)
	if !slices.Contains(words[name], value) {
		return "", usagef("--%s %q: not one of %s", flag, value, strings.Join(words[name], ", "))
	}
	return value, nil
}

// ntpFlag names the servers to ask for the time; none is built in.
var ntpFlag = &cli.StringSliceFlag{Name: "ntp", Usage: "ask the NTP server `HOST` for the time, where the system doesn't know it; repeatable, three outvote a liar"}

// fromFlag names dumps, as arguments do.
var fromFlag = &cli.StringSliceFlag{Name: "from", Usage: "read the dump `FILE` instead of a journal; - is stdin, a folder stands for the dumps in it; repeatable"}

// excludeFlag names planned maintenance.
var excludeFlag = &cli.StringSliceFlag{Name: "exclude", Usage: "planned maintenance `FROM..TO`, left out of all sums; repeatable"}

// machineFlag chooses among the machines of a fleet.
var machineFlag = &cli.StringFlag{Name: "machine", Usage: "only the machine of this `NAME`, or whose ID begins so"}

// cursorFlag names what notes which flights were told.
var cursorFlag = &cli.StringFlag{Name: "cursor", Usage: "only flights that changed since the last time, which `FILE` notes"}

// looks are the flags that say what a report looks like.
var looks = []cli.Flag{
	&cli.BoolFlag{Name: "utc", Usage: "print UTC instead of local time"},
	&cli.BoolFlag{Name: "iso", Usage: "times and durations as programs write them, in a table or status"},
	&cli.StringFlag{Name: "color", Value: "auto", Usage: "colours: `WHEN` is auto (on a terminal), always or never"},
}

// selection are the flags that say which flights to read.
var selection = []cli.Flag{
	fromFlag, machineFlag, memoryFlag,
	&cli.StringFlag{Name: "since", Usage: "from then on: a `TIME` such as 2026-11-01, yesterday or 7d; 'flightrec help times' lists them"},
	&cli.StringFlag{Name: "until", Usage: "up to then: a `TIME`"},
}

func flags(groups ...[]cli.Flag) []cli.Flag {
	var all []cli.Flag
	for _, g := range groups {
		all = append(all, g...)
	}
	for _, f := range all {
		if b, ok := f.(*cli.BoolFlag); ok {
			b.DisableDefaultText = true // that it is false goes without saying
		}
	}
	return all
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "(unknown)"
}

// builtAt returns when this program's source was committed, which is no later than
// when it was built; zero where the build doesn't say (a tarball without Git).
func builtAt() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	i := slices.IndexFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.time" })
	if i < 0 {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, info.Settings[i].Value)
	if err != nil {
		return time.Time{}
	}
	return t
}
