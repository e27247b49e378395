package main

import (
	"context"
	"io"
	"runtime/debug"

	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// version is set by the Makefile's linker flags.
var version = ""

// run is the program, as a function of its arguments and streams.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	app := &cli.App{
		Name:                  "flightrec",
		Usage:                 "a flight recorder for machines: when was it up, when down, and how did it go down",
		Version:               versionText(),
		Reader:                stdin,
		Writer:                stdout,
		ErrWriter:             stderr,
		ExitErrHandler:        func(*cli.Context, error) {},
		OnUsageError:          usage,
		Flags:                 []cli.Flag{cli.HelpFlag},
		CustomAppHelpTemplate: appHelp(),
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("unknown command %q", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
		Commands: []*cli.Command{
			{
				Name: "record", Usage: "record until SIGTERM or SIGINT lands the flight",
				Flags: flags(common, []cli.Flag{
					&cli.StringFlag{Name: "interval", Aliases: []string{"i"}, Value: "auto", Usage: "time between heartbeats: seconds, a duration, or auto (10 s in the first ten minutes, 30 s after)"},
					&cli.StringFlag{Name: "clock", Value: "auto", Usage: "auto: ask the system whether the wall clock is synchronised; trust: take it as synchronised; distrust: never"},
					ntpFlag,
				}),
				Action: record, OnUsageError: usage,
			},
			{
				Name: "report", Usage: "tell when the machine was up and down",
				Flags: flags(common, selection, []cli.Flag{
					&cli.BoolFlag{Name: "utc", Usage: "print UTC instead of local time"},
					&cli.BoolFlag{Name: "observed", Usage: "spans of the recorder alone, without any use of boot IDs"},
					&cli.BoolFlag{Name: "all", Usage: "show each boot of a crash loop"},
					&cli.BoolFlag{Name: "clock", Usage: "tell of the clocks instead: when the wall clock was wrong, its steps, sleep, and the crystal's rate"},
					&cli.StringFlag{Name: "format", Value: "text", Usage: render.Names()},
					&cli.BoolFlag{Name: "json", Usage: "short for --format json"},
				}),
				Action: report, OnUsageError: usage,
			},
			{
				Name: "dump", Usage: "write the flights, one JSON object a line",
				Flags: flags(common, selection, []cli.Flag{
					&cli.BoolFlag{Name: "json", Usage: "JSON lines, the only format yet"},
				}),
				Action: dump, OnUsageError: usage,
			},
			{
				Name: "verify", Usage: "check every checksum and every rule of a journal or dump",
				Flags: flags(common, []cli.Flag{
					&cli.StringSliceFlag{Name: "from", Usage: "verify the dump `FILE` instead of a journal; - is stdin; repeatable"},
				}),
				Action: verify, OnUsageError: usage,
			},
			{
				Name: "clock", Usage: "tell what this system knows of the time, and what flightrec makes of it",
				Flags: flags(common, []cli.Flag{
					ntpFlag,
					&cli.BoolFlag{Name: "json", Usage: "one JSON object instead of text"},
				}),
				Action: tellClock, OnUsageError: usage,
			},
			{
				Name: "help", Aliases: []string{"h"}, Usage: "show the commands, or explain a command or a topic",
				ArgsUsage: "[command or topic]", HideHelp: true,
				Action: help, OnUsageError: usage,
			},
		},
	}
	keepPipes()
	return app.RunContext(ctx, args)
}

// common are the flags of all commands.
var common = []cli.Flag{
	&cli.StringFlag{Name: "journal", Aliases: []string{"d", "database"}, EnvVars: []string{"FLIGHTREC_JOURNAL"}, Usage: "the journal's folder `DIR`"},
	&cli.StringFlag{Name: "verbosity", Aliases: []string{"v"}, Value: "info", Usage: "debug, info, warn, error or fatal"},
	&cli.StringFlag{Name: "log", Aliases: []string{"l"}, Usage: "log to `FILE` instead of stderr; SIGHUP reopens it"},
}

// ntpFlag names the servers to ask for the time; none is built in.
var ntpFlag = &cli.StringSliceFlag{Name: "ntp", Usage: "ask the NTP server `HOST` for the time, where the system doesn't know it; repeatable, three outvote a liar"}

// selection are the flags that say which flights to read.
var selection = []cli.Flag{
	&cli.StringSliceFlag{Name: "from", Usage: "read the dump `FILE` instead of a journal; - is stdin; repeatable"},
	&cli.StringFlag{Name: "since", Usage: "from then on: a date, a date and time, RFC 3339, or a span back from now (7d, 36h)"},
	&cli.StringFlag{Name: "until", Usage: "up to then, likewise"},
}

func flags(groups ...[]cli.Flag) []cli.Flag {
	var all []cli.Flag
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

func usage(_ *cli.Context, err error, _ bool) error { return usageError{err} }

// noArguments complains of arguments behind the flags.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return usagef("unexpected argument %q", c.Args().First())
	}
	return nil
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
