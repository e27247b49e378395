package clock

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What systemd 252 printed.
const (
	jobsPoweroff = `127 shutdown.target            start waiting
128 final.target               start waiting
125 poweroff.target            start waiting
126 systemd-poweroff.service   start waiting
201 flightrec.service          stop  running
`
	jobsReboot = `127 shutdown.target          start waiting
125 reboot.target            start waiting
126 systemd-reboot.service   start waiting
`
	jobsRestart = "812 flightrec.service restart running\n"
	jobsSoft    = `127 shutdown.target            start waiting
125 soft-reboot.target         start waiting
`
	jobsCancelled = "127 shutdown.target stop running\n"
)

func TestEndsMachine(t *testing.T) {
	for _, tt := range []struct {
		name, jobs string
		want       bool
		to         string
	}{
		{"poweroff", jobsPoweroff, true, "poweroff"},
		{"reboot", jobsReboot, true, "reboot"},
		{"kexec", strings.ReplaceAll(jobsReboot, "reboot", "kexec"), true, "kexec"},
		{"halt", strings.ReplaceAll(jobsReboot, "reboot", "halt"), true, "halt"},
		{"a target of somebody's own", strings.ReplaceAll(jobsReboot, "reboot", "rescue"), true, ""},
		{"with a head and a foot", "JOB UNIT TYPE STATE\n" + jobsReboot + "\n3 jobs listed.\n", true, "reboot"},
		{"restart of the service", jobsRestart, false, ""},
		{"soft reboot", jobsSoft, false, ""},
		{"nothing", "", false, ""},
		{"No jobs running.", "No jobs running.\n", false, ""},
		{"a shutdown that is called off", jobsCancelled, false, ""},
		{"a unit with a name like it", "127 not-shutdown.target start waiting\n", false, ""},
	} {
		if got, to := endsMachine(tt.jobs); got != tt.want || to != tt.to {
			t.Errorf("%s: %v, to %q", tt.name, got, to)
		}
	}
}

// What /run/nologin says while systemd 252 takes a machine down, and while systemd
// or sysvinit brings it up.
const (
	noMore    = "System is going down. Unprivileged users are not permitted to log in anymore. For technical details, see pam_nologin(8).\n"
	notYet    = "System is booting up. Unprivileged users are not permitted to log in yet. Please come back later. For technical details, see pam_nologin(8).\n"
	notYetSys = "System bootup in progress - please wait\n"
)

// machine makes a folder that looks like the root of a machine, where systemd runs
// or not, with nologin if that isn't empty, and a systemctl that is this script.
func machine(t *testing.T, systemd bool, systemctl, nologin string) (root string) {
	t.Helper()
	root = t.TempDir()
	run := filepath.Join(root, "run")
	if err := os.MkdirAll(run, 0o755); err != nil {
		t.Fatal(err)
	}
	if systemd {
		if err := os.MkdirAll(filepath.Join(run, "systemd/system"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if nologin != "" {
		if err := os.WriteFile(filepath.Join(run, "nologin"), []byte(nologin), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	bin := t.TempDir()
	if systemctl != "" {
		script := "#!/bin/sh\ncd " + bin + "\necho asked >>asked\n" + systemctl + "\n"
		if err := os.WriteFile(filepath.Join(bin, "systemctl"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("BIN", bin)
	t.Setenv("PATH", bin)
	return root
}

// asked counts how often systemctl was run.
func asked(t *testing.T) int {
	text, _ := os.ReadFile(filepath.Join(os.Getenv("BIN"), "asked"))
	return strings.Count(string(text), "\n")
}

func TestGoingDown(t *testing.T) {
	const refused = "echo 'Failed to connect to bus: %s' >&2; exit 1"
	says := func(why string) string { return strings.Replace(refused, "%s", why, 1) }
	for _, tt := range []struct {
		name, systemctl, nologin string
		down, known              bool
		asked                    int
	}{
		{"poweroff", "echo '" + jobsPoweroff + "'", noMore, true, true, 1},
		{"restart", "echo '" + jobsRestart + "'", "", false, true, 1},
		{"restart shortly before a shutdown ordered for later", "echo", noMore, false, true, 1},
		{"the bus goes", says("Broken pipe"), "", true, true, 1},
		{"the bus is going", says("D-Bus is shutting down"), "", true, true, 1},
		{"there is no bus", says("No such file or directory"), "", false, false, 1},
		{"there is no bus, nor login any more", says("No such file or directory"), noMore, true, true, 1},
		{"there is no bus, nor login yet", says("No such file or directory"), notYet, false, false, 1},
		{"no systemctl", "", "", false, false, 0},
		{"killed once", "test -e once || { : >once; kill -TERM $$; }; echo '" + jobsReboot + "'", "", true, true, 2},
		{"killed each time", "kill -TERM $$", "", false, false, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := machine(t, true, tt.systemctl, tt.nologin)
			down, known, _ := goingDown(t.Context(), root, 100*time.Millisecond)
			if down != tt.down || known != tt.known {
				t.Errorf("down %v, known %v; want %v, %v", down, known, tt.down, tt.known)
			}
			if n := asked(t); n != tt.asked {
				t.Errorf("systemctl ran %d times, want %d", n, tt.asked)
			}
		})
	}
}

// TestGoingDownWithAnotherInit demands that systemctl isn't asked where systemd
// doesn't run.
func TestGoingDownWithAnotherInit(t *testing.T) {
	for nologin, down := range map[string]bool{"": false, noMore: true, notYetSys: false} {
		root := machine(t, false, "echo '"+jobsPoweroff+"'", nologin)
		if got, known, _ := goingDown(t.Context(), root, 100*time.Millisecond); got != down || known != down || asked(t) != 0 {
			t.Errorf("with %q: down %v, known %v, systemctl asked %d times", nologin, got, known, asked(t))
		}
	}
}

// TestGoingDownEndsWithContext demands that a systemctl that hangs is left when the
// time is up, with what else is known.
func TestGoingDownEndsWithContext(t *testing.T) {
	root := machine(t, true, "exec /bin/sleep 60", noMore)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if down, known, _ := goingDown(ctx, root, 100*time.Millisecond); !down || !known {
		t.Errorf("down %v, known %v", down, known)
	}
}
