//go:build linux

package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

//go:embed icount/icount.c
var pluginSource []byte

// emulators are the programs of qemu-user, by GOARCH.
var emulators = map[string]string{"amd64": "qemu-x86_64", "arm64": "qemu-aarch64"}

// counted are the commands that are measured. The first, --version, only starts and ends,
// so its count is subtracted from the others'.
var counted = []string{"--version", "report", "report --format table", "report --json", "status", "dump --json"}

// countInstructions prints how many user instructions flightrec executes on small journals.
// Unlike processor time the number doesn't depend on the machine's load; it repeats within 3 %.
func countInstructions(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("count", flag.ContinueOnError)
	recorder := flags.String("recorder", "", "the built flightrec")
	sizes := flags.String("flights", "1,300,3650", "how many flights the synthetic journals have")
	if err := parse(flags, args, stderr); err != nil {
		return err
	}
	if err := present(*recorder); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(memory(), "flightrec-count-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	c := counter{dir: dir, recorder: *recorder}
	if err := c.build(ctx); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "| flights | command | million instructions | beyond --version | peak MB |")
	fmt.Fprintln(stdout, "|---:|---|---:|---:|---:|")
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("flights %q: not a number above 0", text)
		}
		journal := filepath.Join(dir, text)
		if err := synthesize(ctx, journal, filepath.Join(dir, text+".db"), n); err != nil {
			return fmt.Errorf("writing a journal of %d flights: %w", n, err)
		}
		var start float64
		for _, command := range counted {
			took, err := c.count(ctx, command, journal)
			if err != nil {
				return err
			}
			if command == counted[0] {
				start = took
			}
			used, err := read(ctx, c.call(command, journal), journal)
			if err != nil {
				return err
			}
			fmt.Fprintf(stdout, "| %d | `%s` | %.1f | %.1f | %.1f |\n", n, command, took, took-start, float64(used.Peak)/1e6)
		}
	}
	return nil
}

// counter counts a program's instructions by a plugin of qemu-user.
type counter struct {
	dir, recorder, emulator string
}

// build builds the plugin.
func (c *counter) build(ctx context.Context) error {
	c.emulator = emulators[runtime.GOARCH]
	if c.emulator == "" || !installed(c.emulator) || !installed("gcc") {
		return errors.New("counting needs qemu-user and gcc, on amd64 or arm64")
	}
	gcc := exec.CommandContext(ctx, "gcc", "-shared", "-fPIC", "-O2", "-x", "c", "-o", c.plugin(), "-")
	gcc.Stdin = strings.NewReader(string(pluginSource))
	if out, err := gcc.CombinedOutput(); err != nil {
		return fmt.Errorf("building the plugin: %w: %s", err, out)
	}
	return nil
}

func (c *counter) plugin() string { return filepath.Join(c.dir, "icount.so") }

// call returns the argument vector that runs a command on a journal. --version takes none.
func (c *counter) call(command, journal string) []string {
	if command == counted[0] {
		return []string{c.recorder, command}
	}
	return append(append([]string{c.recorder}, strings.Fields(command)...), "-d", journal)
}

// count returns the median of five runs, in millions of instructions: the garbage
// collector executes a different number in each run.
func (c *counter) count(ctx context.Context, command, journal string) (float64, error) {
	result := filepath.Join(c.dir, "count")
	var counts []float64
	for range 5 {
		cmd := exec.CommandContext(ctx, c.emulator, append([]string{"-plugin", c.plugin()}, c.call(command, journal)...)...)
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "ICOUNT="+result)
		var complaint strings.Builder
		cmd.Stderr = &complaint
		if err := cmd.Run(); err != nil {
			return 0, fmt.Errorf("%s: %w: %s", command, err, complaint.String())
		}
		text, err := os.ReadFile(result)
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
		if err != nil {
			return 0, err
		}
		counts = append(counts, n/1e6)
	}
	slices.Sort(counts)
	return counts[len(counts)/2], nil
}
