//go:build linux && amd64

package uml_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal/clock/ntptest"
)

// keptUnit puts what a machine keeps from boot to boot onto its disk, whose root is
// mounted where flightrec's journal will be.
const keptUnit = `[Unit]
DefaultDependencies=no
Before=systemd-journald.service systemd-journal-flush.service systemd-update-utmp.service timesyncd.service sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -ec 'cd /var/lib/flightrec; \
	for d in log spool/uptimed lib/tuptime lib/downtimed lib/systemd lib/flightrec; do \
		mkdir -p $$d /var/$$d; mount --bind $$d /var/$$d; \
	done; \
	chown daemon:daemon /var/spool/uptimed; \
	touch /var/log/wtmp; mkdir -p /var/log/journal'
`

// inParts turns the paths of a package's unit into those of the unpacked package in
// a machine.
var inParts = strings.NewReplacer(
	"=/usr/", "=/opt/parts/usr/",
	"!!/lib/", "!!/opt/parts/lib/",
	"[Service]\n", "[Service]\nEnvironment="+libraries+"\n",
)

const libraries = "LD_LIBRARY_PATH=/opt/parts/usr/lib/x86_64-linux-gnu"

// board is a machine without a real-time clock that runs flightrec, and its peers as
// Debian sets them up.
func board(t *testing.T) uml.Config {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skipf("needs python3, for tuptime: %v", err)
	}
	unpacked := func(pkg, path string) string {
		t.Helper()
		text, err := os.ReadFile(uml.Unpacked(t, pkg, path))
		if err != nil {
			t.Fatal(err)
		}
		return inParts.Replace(string(text))
	}
	sysusers, err := os.ReadFile("../../../cmd/flightrec/init/sysusers.conf")
	if err != nil {
		t.Fatal(err)
	}
	const units = "/lib/systemd/system/"
	return uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Systemd: true, Wall: time.Unix(60, 0),
		Keep: []string{"systemd-update-utmp.service", "systemd-journal-flush.service"},
		Services: map[string]string{
			"kept.service":       keptUnit,
			"flightrec.service":  strings.Replace(service(t)["flightrec.service"], " --clock trust --interval 1", "", 1),
			"timesyncd.service":  unpacked("systemd-timesyncd", units+"systemd-timesyncd.service"),
			"tuptime.service":    unpacked("tuptime", units+"tuptime.service"),
			"tuptime-sync.timer": unpacked("tuptime", units+"tuptime-sync.timer"),
			"uptimed.service":    unpacked("uptimed", units+"uptimed.service"),
			"downtimed.service":  unpacked("downtimed", units+"downtimed.service"),
		},
		Files: map[string]string{
			"/etc/systemd/system/tuptime-sync.service": unpacked("tuptime", units+"tuptime-sync.service"),
			"/etc/systemd/timesyncd.conf":              timesyncdConf,
			"/etc/sysusers.d/flightrec.conf":           string(sysusers),
			"/etc/tmpfiles.d/uptimed.conf":             unpacked("uptimed", "/usr/lib/tmpfiles.d/uptimed.conf"),
			"/etc/uptimed.conf":                        unpacked("uptimed", "/etc/uptimed.conf"),
			"/etc/default/downtimed":                   unpacked("downtimed", "/etc/default/downtimed"),
		},
	}
}

// booted is what truly was: when a kernel began and ended, by the host's clock.
type booted struct{ from, to time.Time }

// fly waits until all services have started, lets network time come in, if it is to,
// and returns what truly was once the machine has gone on for so long.
func fly(m *uml.Machine, network bool, long time.Duration) booted {
	m.Run("systemctl", "is-system-running", "--wait")
	if network {
		m.Serve(time.Now(), ntptest.Good())
		m.Run("systemctl", "restart", "timesyncd")
		m.Await("timesyncd", synced)
	}
	until := m.Clocks().Boot + long
	c := m.Await("time to pass", func(c uml.Clocks) bool { return c.Boot >= until })
	now := time.Now()
	return booted{now.Add(-c.Boot), now}
}

// TestPeers compares what flightrec and others tell of one board's boots: a reboot,
// and two power cuts, with network time in the first boot and in the last. What
// flightrec says is held against the truth; what the others say is only shown.
func TestPeers(t *testing.T) {
	t.Parallel()
	up, off := 90*time.Second, 30*time.Second
	if testing.Short() {
		up, off = 15*time.Second, 5*time.Second
	}
	config := board(t)
	var truth [4]booted

	m := uml.Boot(t, config)
	truth[0] = fly(m, true, up)
	m.Reboot()
	truth[1] = fly(m, false, up)
	m.Cut()
	time.Sleep(off)

	m = uml.Boot(t, config)
	truth[2] = fly(m, false, up)
	m.Cut()
	time.Sleep(off)

	m = uml.Boot(t, config)
	truth[3] = fly(m, true, up/2)

	for i, b := range truth {
		t.Logf("boot %d: %s to %s", i+1, b.from.UTC().Format(time.DateTime), b.to.UTC().Format(time.DateTime))
	}
	for _, command := range []string{
		"tuptime", "tuptime --list", "uprecords", "downtimes", "last -x", "journalctl --list-boots", "flightrec report",
	} {
		screen, _ := m.Try("/bin/sh", "-c", "PATH=/opt:/opt/parts/usr/bin:$PATH "+libraries+" "+command)
		t.Logf("$ %s\n%s", command, screen)
	}
	wantPeriods(t, m, "downtime unknown", "uptime landed", "downtime shutdown", "uptime lost", "downtime crash",
		"uptime lost", "downtime crash", "uptime aloft")
	wantTruth(t, m, truth[:])
}

// wantTruth compares the flights, one in each boot, with when the boots truly were. In
// the first boot and the last the clock was right, so their takeoffs must be within
// nearly of the truth. The flights between must have windows that hold the true takeoff
// and the true end.
func wantTruth(t *testing.T, m *uml.Machine, truth []booted) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(m.Run("/opt/flightrec", "dump", "--json")), "\n")
	if len(lines) != len(truth) {
		t.Fatalf("%d flights, want %d", len(lines), len(truth))
	}
	for i, line := range lines {
		var f struct {
			SinceBoot        time.Duration `json:"since_boot_ns"`
			Start            time.Time
			Earliest, Latest *time.Time
			Legs             []struct {
				Last struct {
					Elapsed time.Duration `json:"elapsed_ns"`
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		takeoff := truth[i].from.Add(f.SinceBoot)
		end := takeoff.Add(f.Legs[len(f.Legs)-1].Last.Elapsed)
		switch timed := i == 0 || i == len(truth)-1; {
		case timed && (f.Earliest != nil || f.Start.Sub(takeoff).Abs() > nearly):
			t.Errorf("flight %d took off at %v, in truth at %v: %s", i+1, f.Start, takeoff, line)
		case !timed && (f.Earliest == nil || f.Latest == nil):
			t.Errorf("flight %d has no window: %s", i+1, line)
		case !timed && (takeoff.Before(f.Earliest.Add(-time.Second)) || end.After(f.Latest.Add(time.Second))):
			t.Errorf("flight %d was between %v and %v, in truth from %v to %v", i+1, f.Earliest, f.Latest, takeoff, end)
		}
	}
}
