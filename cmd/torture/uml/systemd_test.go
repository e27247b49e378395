//go:build linux && amd64

package uml_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal/clock"
	"flightrec/journal/clock/ntptest"
)

// installTimesyncd gives systemd the package's own unit, with the program where it
// is here, and doesn't start it.
func installTimesyncd(m *uml.Machine, program string) {
	m.Shell("mkdir -p /run/systemd/system && sed 's,/lib/systemd/systemd-timesyncd," + program + ",' " +
		filepath.Dir(program) + "/system/systemd-timesyncd.service > /run/systemd/system/timesyncd.service && " +
		"systemctl daemon-reload")
}

// A board without a real-time clock comes up in 1970; systemd, then the time that
// timesyncd saved, then the network put its clock forward, each by a step.
func TestBootWithoutRTC(t *testing.T) {
	t.Parallel()
	var (
		saved = time.Date(2035, 1, 1, 12, 0, 0, 0, time.UTC)
		truth = saved.Add(20 * time.Hour)
	)
	timesyncd := uml.Program(t, "systemd-timesyncd", "/lib/systemd/systemd-timesyncd")
	m := uml.Boot(t, uml.Config{
		Systemd: true,
		Wall:    time.Unix(60, 0),
		Files:   map[string]string{"/etc/systemd/timesyncd.conf": timesyncdConf},
	})
	build := m.Clocks()
	if !strings.Contains(m.Run("dmesg"), "System time before build time, advancing clock.") {
		t.Errorf("systemd found the time right that a board without a clock comes up with; now it is %v", build)
	}
	if build.Sync != clock.SyncUnsynced || build.Wall.Year() < 2020 || !build.Wall.Before(saved) {
		t.Errorf("after systemd put the clock to the date of its own build: %v", build)
	}

	m.Shell("mkdir -p /var/lib/systemd/timesync && touch -d 2035-01-01T12:00:00Z /var/lib/systemd/timesync/clock")
	m.Serve(truth, ntptest.Good())
	// As systemd-networkd would say it. timesyncd takes it that there is a network if
	// the file is lacking, or a line of it, and looks at it when a link has changed.
	network := func(carrier, address string) {
		m.Shell("mkdir -p /run/systemd/netif/links && cd /run/systemd/netif && " +
			"printf 'CARRIER_STATE=" + carrier + "\\nADDRESS_STATE=" + address + "\\n' > state && : > link && mv link links/1")
	}
	network("no-carrier", "off")
	installTimesyncd(m, timesyncd)
	m.Run("systemctl", "start", "timesyncd")
	time.Sleep(8 * time.Second)
	restored := m.Clocks()
	if restored.Sync != clock.SyncUnsynced || restored.Wall.Before(saved) || restored.Wall.After(saved.Add(time.Hour)) {
		t.Errorf("after timesyncd put the clock to the time that it saved: %v", restored)
	}

	network("carrier", "routable")
	right := m.Await("timesyncd", synced)
	if right.Wall.Before(truth) || right.Wall.After(truth.Add(time.Hour)) {
		t.Errorf("after network time came in: %v", right)
	}

	// timesyncd asks anew when the clock is set.
	m.Serve(truth, ntptest.Answer{Silent: true})
	m.Run("date", "-u", "-s", "2035-01-01 00:00:00")
	stepped := m.Clocks()
	if stepped.Sync != clock.SyncUnsynced {
		t.Errorf("after the clock was set by hand: %v", stepped)
	}
	// What timesyncd leaves in /run is no proof.
	m.Run("test", "-e", "/run/systemd/timesync/synchronized")
	for _, c := range []uml.Clocks{build, restored, right, stepped} {
		t.Log(c)
	}
}
