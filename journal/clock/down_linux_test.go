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
	}{
		{"poweroff", jobsPoweroff, true},
		{"reboot", jobsReboot, true},
		{"with a head and a foot", "JOB UNIT TYPE STATE\n" + jobsReboot + "\n3 jobs listed.\n", true},
		{"restart of the service", jobsRestart, false},
		{"soft reboot", jobsSoft, false},
		{"nothing", "", false},
		{"No jobs running.", "No jobs running.\n", false},
		{"a shutdown that is called off", jobsCancelled, false},
		{"a unit with a name like it", "127 not-shutdown.target start waiting\n", false},
	} {
		if got := endsMachine(tt.jobs); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// machine makes a folder that looks like the root of a machine, and a systemctl that
// is this script.
func machine(t *testing.T, systemctl string, files ...string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, name := range files {
		if err := os.MkdirAll(filepath.Join(root, name), 0o755); err != nil {
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
	const (
		systemd = "run/systemd/system"
		nologin = "run/nologin"
		refused = "echo 'Failed to connect to bus: %s' >&2; exit 1"
	)
	says := func(why string) string { return strings.Replace(refused, "%s", why, 1) }
	for _, tt := range []struct {
		name, systemctl string
		files           []string
		down, known     bool
		asked           int
	}{
		{"poweroff", "echo '" + jobsPoweroff + "'", []string{systemd, nologin}, true, true, 1},
		{"restart", "echo '" + jobsRestart + "'", []string{systemd}, false, true, 1},
		{"restart shortly before a shutdown ordered for later", "echo", []string{systemd, nologin}, false, true, 1},
		{"the bus goes", says("Broken pipe"), []string{systemd}, true, true, 1},
		{"the bus is going", says("D-Bus is shutting down"), []string{systemd}, true, true, 1},
		{"there is no bus", says("No such file or directory"), []string{systemd}, false, false, 1},
		{"there is no bus, but nologin", says("No such file or directory"), []string{systemd, nologin}, true, true, 1},
		{"no systemctl", "", []string{systemd}, false, false, 0},
		{"killed once", "test -e once || { : >once; kill -TERM $$; }; echo '" + jobsReboot + "'", []string{systemd}, true, true, 2},
		{"killed each time", "kill -TERM $$", []string{systemd}, false, false, 2},
		{"another init", "echo '" + jobsPoweroff + "'", nil, false, false, 0},
		{"another init, with nologin", "", []string{nologin}, true, true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := machine(t, tt.systemctl, tt.files...)
			down, known := goingDown(t.Context(), root)
			if down != tt.down || known != tt.known {
				t.Errorf("down %v, known %v; want %v, %v", down, known, tt.down, tt.known)
			}
			if n := asked(t); n != tt.asked {
				t.Errorf("systemctl ran %d times, want %d", n, tt.asked)
			}
		})
	}
}

// TestGoingDownEndsWithContext demands that a systemctl that hangs is left when the
// time is up, with what else is known.
func TestGoingDownEndsWithContext(t *testing.T) {
	root := machine(t, "exec /bin/sleep 60", "run/systemd/system", "run/nologin")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if down, known := goingDown(ctx, root); !down || !known {
		t.Errorf("down %v, known %v", down, known)
	}
}
