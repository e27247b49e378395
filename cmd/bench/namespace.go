//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	isolatedEnv = "FLIGHTREC_BENCH_ISOLATED" // set in the copy that has a mount namespace of its own
	bindCommand = "bind"
)

// An innerError carries the exit code of the isolated copy, which has said why.
type innerError struct{ code int }

func (e *innerError) Error() string { return fmt.Sprintf("isolated bench: exit status %d", e.code) }

// isolated reports whether this process may mount what it likes, unseen by the
// rest of the machine. If it may not yet, isolated runs the command args again in
// a copy that may, and returns what became of that.
func isolated(ctx context.Context, args []string, stdout, stderr io.Writer) (bool, error) {
	if os.Getenv(isolatedEnv) != "" {
		return true, nil
	}
	if os.Geteuid() != 0 {
		return false, errors.New("needs root: it makes file systems on loop devices and mounts them")
	}
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), isolatedEnv+"=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return false, &innerError{max(exit.ExitCode(), 1)}
	}
	return false, err
}

// bound returns the command args for a program whose directory is compiled in:
// it sees dir in the place of fixed, and nobody else does.
func bound(ctx context.Context, dir, fixed string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", append([]string{bindCommand, dir, fixed}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	return cmd
}

// bind is the inner half of [bound]: it mounts, and becomes the program.
func bind(args []string) error {
	if len(args) < 3 {
		return errUsage
	}
	if err := syscall.Mount(args[0], args[1], "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("binding %s to %s: %w", args[0], args[1], err)
	}
	return fmt.Errorf("becoming %s: %w", args[2], syscall.Exec(args[2], args[2:], os.Environ()))
}
