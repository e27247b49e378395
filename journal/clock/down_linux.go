package clock

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// GoingDown reports whether the machine is going down, whether that is known, and what
// it goes down to: "reboot", "poweroff", "halt" or "kexec", empty where that isn't
// known. It asks the service manager, until ctx is done, and is meant for a program
// that was just told to stop.
func GoingDown(ctx context.Context) (down, known bool, to string) {
	return goingDown(ctx, "/", nologinWait)
}

// goingDown is GoingDown for a machine whose files are below root, with a wait of its
// own.
//
// What systemd says goes first. That logins are forbidden is the weaker evidence:
// it comes five minutes before a shutdown that was ordered for later, in which a
// service may well be restarted. But it needs neither a bus nor another program. Where
// systemd can't be asked it may come a little later than the order to stop, since
// services are stopped side by side.
func goingDown(ctx context.Context, root string, wait time.Duration) (down, known bool, to string) {
	nologin := filepath.Join(root, "run/nologin")
	if exists(filepath.Join(root, "run/systemd/system")) {
		if down, known, to = askSystemd(ctx); known {
			return down, true, to
		}
		for late := time.Now().Add(wait); !loginsEnd(nologin) && ctx.Err() == nil && time.Now().Before(late); {
			time.Sleep(wait / 20)
		}
	}
	down = loginsEnd(nologin)
	return down, down, ""
}

// nologinWait is how long systemd, when it ends the machine, may take from one service's
// stop to that of systemd-user-sessions.service, which forbids logins.
const nologinWait = 4 * time.Second

// loginsEnd reports whether nologin forbids logins because the machine goes down.
// The same file is there while it comes up, with another text in it: systemd's
// "System is booting up", sysvinit's "System bootup in progress".
func loginsEnd(nologin string) bool {
	text, err := os.ReadFile(nologin)
	return err == nil && !strings.Contains(string(text), "booting up") && !strings.Contains(string(text), "bootup")
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// askSystemd asks for the jobs that are under way. The unit's own stop signal may
// hit systemctl as well, which is its child, so it gets a second chance.
func askSystemd(ctx context.Context) (down, known bool, to string) {
	for range 2 {
		cmd := exec.CommandContext(ctx, "systemctl", "--no-pager", "--no-legend", "--full", "list-jobs")
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		cmd.WaitDelay = 100 * time.Millisecond // for who keeps its pipes open
		out, err := cmd.Output()
		if err == nil {
			down, to = endsMachine(string(out))
			return down, true, to
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() >= 0 {
			return busGone(exit), busGone(exit), ""
		}
	}
	return false, false, ""
}

// endsMachine reports whether a list of systemd's jobs has one that ends this run
// of the kernel, and what to (systemd.special(7)):
//
//	JOB UNIT            TYPE  STATE
//	127 shutdown.target start waiting
//
// A soft reboot isn't one, though it starts shutdown.target as well: the kernel
// stays, and its boot goes on.
func endsMachine(jobs string) (ends bool, to string) {
	var started []string
	for line := range strings.Lines(jobs) {
		if f := strings.Fields(line); len(f) >= 3 && f[2] == "start" {
			started = append(started, f[1])
		}
	}
	if !slices.Contains(started, "shutdown.target") || slices.Contains(started, "soft-reboot.target") {
		return false, ""
	}
	for _, to := range []string{"reboot", "poweroff", "halt", "kexec"} {
		if slices.Contains(started, to+".target") {
			return true, to
		}
	}
	return true, ""
}

// busGone reports whether systemctl failed as it does while the machine goes down:
// the bus that an unprivileged user asks by is stopped among the first.
func busGone(exit *exec.ExitError) bool {
	if exit == nil {
		return false
	}
	text := string(exit.Stderr)
	return strings.Contains(text, "Broken pipe") || strings.Contains(text, "D-Bus is shutting down")
}
