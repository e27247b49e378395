//go:build linux && amd64

package uml

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// setupVariable names the file that tells the guest what it is to be.
	setupVariable = "FLIGHTREC_UML_SETUP"
	setupFile     = "setup.json"
	// agentUnit starts the agent where systemd is the init. It must outlive what it
	// is asked to stop.
	agentUnit = `[Unit]
Description=agent of the test bed
DefaultDependencies=no
[Service]
ExecStart=/opt/agent
Environment=` + setupVariable + `=/etc/` + setupFile + `
KillMode=process
StandardError=tty
TTYPath=/dev/console
`
	searchPath = "/usr/sbin:/usr/bin:/sbin:/bin"
	systemd    = "/usr/lib/systemd/systemd"
	unitsDir   = "/etc/systemd/system/"
)

// Guest makes this process the guest's init, or its agent, if that is what it was
// started as, and then never returns. TestMain calls it first.
func Guest() {
	path := os.Getenv(setupVariable)
	if path == "" {
		return
	}
	if err := guest(path); err != nil {
		fmt.Fprintf(os.Stderr, "guest: %v\n", err)
	}
	// An init that ends makes the kernel panic; and nobody needs a machine without
	// its agent.
	syscall.Sync()
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	select {}
}

func guest(path string) error {
	// Linux gives its first process no PATH.
	if err := os.Setenv("PATH", searchPath); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s setup
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if os.Getpid() != 1 {
		return serve(s)
	}
	if err := s.build(text); err != nil {
		return err
	}
	if !s.Wall.IsZero() {
		tv := unix.NsecToTimeval(s.Wall.UnixNano())
		if err := unix.Settimeofday(&tv); err != nil {
			return fmt.Errorf("setting the clock: %w", err)
		}
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	if s.Systemd {
		return unix.Exec(systemd, []string{"/sbin/init"}, os.Environ())
	}
	return serve(s)
}

// loopbackUp brings up the loopback interface, with a second address: on a machine
// that has none but 127.0.0.1, timesyncd takes it that there is no network.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bringing up loopback: %w", err)
	}
	defer unix.Close(fd)
	lo, _ := unix.NewIfreq("lo") // the name is short enough
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	alias, _ := unix.NewIfreq("lo:1")
	_ = alias.SetInet4Addr([]byte{192, 0, 2, 1})
	if err := cmp.Or(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo), unix.IoctlIfreq(fd, unix.SIOCSIFADDR, alias)); err != nil {
		return fmt.Errorf("bringing up loopback: %w", err)
	}
	return nil
}
