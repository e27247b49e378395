//go:build linux

// Command torture breaks flightrec on purpose and counts what was lost. It is a
// tool for those who work on flightrec; it is never installed.
//
//	torture powercut [-recorder PATH] [-cuts N] [-fs ext4|xfs[,OPTION...]] [-short]
//
// powercut records onto a disk that logs every write and flush, rebuilds that disk
// as power cuts at many instants would have left it, and reads each of them. It
// needs root, /dev/fuse, loop devices and the file system's mkfs, and exits 1 if
// anything that the recorder had acknowledged is missing.
//
// It runs in a mount namespace of its own, and serves the disk in another, so that
// even if it is killed nothing stays mounted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// roleEnv names the part that this process plays; without it, it is the command.
const roleEnv = "FLIGHTREC_TORTURE_ROLE"

// roles are the parts that must be processes of their own: what serves the disk,
// and what records onto it.
var roles = map[string]func(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error{
	"drive":          serveDrive,
	"standin":        standIn{sync: true}.run,
	"standin-nosync": standIn{sync: false}.run,
	"sqlite":         runSQLite,
}

func main() { os.Exit(play()) }

// play plays the process's role and returns its exit code.
func play() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	role, ok := roles[os.Getenv(roleEnv)]
	if !ok {
		role = command
	}
	if err := role(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "torture: %v\n", err)
		return 1
	}
	return 0
}

func command(ctx context.Context, args []string, _ io.Reader, stdout io.Writer) error {
	if len(args) == 0 || args[0] != "powercut" {
		return errors.New("usage: torture powercut [flags]")
	}
	if err := ownNamespace(); err != nil {
		return err
	}
	return powercut(ctx, args[1:], stdout)
}

// ownNamespace begins the program anew in a mount namespace of its own, unless it
// is there already. What is mounted there vanishes with the last process in it.
func ownNamespace() error {
	const there = "FLIGHTREC_TORTURE_NAMESPACE"
	if os.Getenv(there) != "" {
		return nil
	}
	runtime.LockOSThread() // the namespace is the thread's until exec makes it the process's
	defer runtime.UnlockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("making a mount namespace (needs root): %w", err)
	}
	if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making mounts private: %w", err)
	}
	err := unix.Exec("/proc/self/exe", os.Args, append(os.Environ(), there+"=1"))
	return fmt.Errorf("starting anew in a mount namespace: %w", err)
}

// self returns this program as the command that plays role.
func self(ctx context.Context, role string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), roleEnv+"="+role)
	ownGroup(cmd)
	return cmd
}

// ownGroup makes cmd the leader of a process group, so that an interrupt from the
// terminal reaches torture alone, and killing cmd kills what it started as well. It
// dies with torture, however that ends.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
