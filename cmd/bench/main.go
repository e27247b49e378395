//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usageText = `usage: bench flash | boot | age | wakeups | report | count | table  [flags]
       bench COMMAND -h  lists the flags of a command
`

// errUsage says that the command line was wrong; why is on stderr already.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

// exitCode says err on stderr, unless it was said already, and returns the code
// to end with: 0 done, 1 it could not, 2 usage.
func exitCode(err error, stderr io.Writer) int {
	var inner *innerError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	case errors.As(err, &inner):
		return inner.code
	}
	fmt.Fprintf(stderr, "bench: %v\n", err)
	return 1
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		io.WriteString(stderr, usageText)
		return errUsage
	}
	switch name, rest := args[0], args[1:]; name {
	case "flash":
		return flash(ctx, rest, stdout, stderr)
	case "boot":
		return boot(ctx, rest, stdout, stderr)
	case "age":
		return age(ctx, rest, stdout, stderr)
	case "wakeups":
		return wakeups(ctx, rest, stdout, stderr)
	case "table":
		return table(rest, stdout, stderr)
	case "report":
		return report(ctx, rest, stdout, stderr)
	case "count":
		return countInstructions(ctx, rest, stdout, stderr)
	case synthCommand:
		return synth(ctx, rest, stdout, stderr)
	case beatCommand:
		return beat(ctx, rest, stdout)
	case bindCommand:
		return bind(rest)
	default:
		io.WriteString(stderr, usageText)
		return errUsage
	}
}

// parse reads a command's flags, and turns what is wrong with them into errUsage.
func parse(flags *flag.FlagSet, args []string, stderr io.Writer) error {
	flags.SetOutput(stderr)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return errUsage
	}
	return nil
}
