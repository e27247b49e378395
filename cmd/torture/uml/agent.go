//go:build linux && amd64

package uml

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"flightrec/journal/clock/ntptest"

	"golang.org/x/sys/unix"
)

// agent does in the guest what the host asks for.
type agent struct {
	systemd bool
	server  *ntptest.Server
}

// serve answers requests until the host closes the line.
func serve(s setup) error {
	tty, err := openRaw("/dev/ttyS0")
	if err != nil {
		return err
	}
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return err
	}
	// What the line before was, a reboot may have cut short.
	if _, err := tty.WriteString("\n"); err != nil {
		return err
	}
	out := json.NewEncoder(tty)
	if err := out.Encode(reply{Hello: strings.TrimSpace(string(id))}); err != nil {
		return err
	}
	a := agent{systemd: s.Systemd}
	lines := bufio.NewScanner(tty)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("request %q: %w", lines.Bytes(), err)
		}
		answer := a.do(r)
		answer.ID = r.ID
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	return lines.Err()
}

// openRaw opens a terminal as a plain line for bytes.
func openRaw(path string) (*os.File, error) {
	tty, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	fd := int(tty.Fd())
	modes, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	modes.Iflag, modes.Oflag, modes.Lflag = 0, 0, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, modes); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tty, nil
}

func (a *agent) do(r request) (answer reply) {
	var err error
	switch r.Op {
	case "run":
		answer.Output, err = run(r)
	case "start":
		err = start(r.Args)
	case "load":
		err = load(r.Args[0])
	case "clocks":
		answer.Clocks, err = look()
	case "serve":
		err = a.serveTime(r)
	case "poweroff":
		err = a.end("poweroff", unix.LINUX_REBOOT_CMD_POWER_OFF)
	case "reboot":
		err = a.end("reboot", unix.LINUX_REBOOT_CMD_RESTART)
	case "panic":
		err = os.WriteFile("/proc/sysrq-trigger", []byte("c"), 0)
	default:
		err = errors.ErrUnsupported
	}
	if err != nil {
		answer.Err = err.Error()
	}
	return answer
}

func run(r request) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, r.Args[0], r.Args[1:]...).CombinedOutput()
	return string(out), err
}

func start(argv []string) error {
	console, err := os.OpenFile("/dev/console", os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer console.Close()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdout, cmd.Stderr = console, console
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		err := cmd.Wait()
		fmt.Fprintf(os.Stderr, "%s ended: %v\n", argv[0], err)
	}()
	return nil
}

// serveTime starts the time server, or changes what it answers.
func (a *agent) serveTime(r request) error {
	if a.server != nil {
		a.server.Set(*r.Answer)
		return nil
	}
	if r.Wall.IsZero() {
		r.Wall = time.Now()
	}
	server, err := ntptest.Listen("0.0.0.0:123", ntptest.Steady(r.Wall), *r.Answer)
	if err == nil {
		a.server = server
	}
	return err
}

// end leaves it to systemd to end the machine, where that is its init.
func (a *agent) end(verb string, op int) error {
	if a.systemd {
		return exec.Command("systemctl", "--no-block", verb).Run()
	}
	syscall.Sync()
	return unix.Reboot(op)
}
