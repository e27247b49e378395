//go:build linux && amd64

package uml_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal/clock/ntptest"
)

// TestLocalClock has an ntpd without any server serve its machine's own clock, which says
// 2006, and tell the kernel that it is synchronised. Facts disprove it: the boot lies
// between its neighbours, whose chronyd asks a server that is right.
//
// ntpd falls back on its own clock after orphanwait, five minutes unless told otherwise.
func TestLocalClock(t *testing.T) {
	t.Parallel()
	chronyd := uml.Program(t, "chrony", "/usr/sbin/chronyd")
	ntpd := uml.Program(t, "ntpsec", "/usr/sbin/ntpd")
	config := uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t),
		Files: map[string]string{
			"/etc/chrony.conf": chronyConf,
			"/etc/ntp.conf":    "refclock local minpoll 3 maxpoll 3\ntos orphanwait 1\ndriftfile /etc/ntp.drift\n",
			"/etc/ntp.drift":   "0.000\n",
		},
	}
	lying := config
	lying.Wall = time.Date(2006, 10, 16, 16, 0, 0, 0, time.UTC)

	var truth []booted
	fly := func(c uml.Config, daemon ...string) *uml.Machine {
		m := uml.Boot(t, c)
		if c.Wall.IsZero() {
			m.Serve(time.Now(), ntptest.Good())
		}
		m.Start(daemon...)
		m.Await(daemon[0], synced)
		m.Start("/opt/flightrec", "record", "--interval", "1")
		awaitBeats(t, m, len(truth)+1, 5)
		now := time.Now()
		truth = append(truth, booted{now.Add(-m.Clocks().Boot), now})
		return m
	}
	fly(config, chronyd, "-d", "-f", "/etc/chrony.conf").Cut()
	fly(lying, ntpd, "-n", "-c", "/etc/ntp.conf").Cut()
	m := fly(config, chronyd, "-d", "-f", "/etc/chrony.conf")

	wantTruth(t, m, truth)
	wantPeriods(t, m, "downtime unknown", "uptime lost", "downtime crash", "uptime lost", "downtime crash", "uptime aloft")
	report := m.Run("/opt/flightrec", "report", "--utc")
	if !strings.Contains(report, "claimed to be synchronised and said 2006-10-16") {
		t.Errorf("no note on a clock that lied:\n%s", report)
	}
}

// contained starts flightrec as LXC starts a container, $1 being its boot ID: in a mount
// namespace in which a file with that ID is bound over the kernel's.
const contained = `echo "$1" > /run/.lxc-boot-id
echo $$ > /run/contained.pid
exec unshare --mount sh -ec '
	mount --bind /run/.lxc-boot-id /proc/sys/kernel/random/boot_id
	exec /opt/flightrec record --clock trust --interval 1'
`

// endContained waits for its end.
const endContained = "p=$(cat /run/contained.pid); kill $p; while kill -0 $p 2>/dev/null; do sleep 0.1; done"

// TestContainer starts a container twice in one boot of its host, each time under a boot
// ID of its own, beside the host's own recorder. All of it is one uptime of the kernel.
func TestContainer(t *testing.T) {
	t.Parallel()
	config := uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Files: map[string]string{"/opt/contained": contained},
	}
	m := uml.Boot(t, config)
	m.Start(recording...)
	awaitBeats(t, m, 1, 2)
	for i, id := range []string{"11111111-2222-4333-8444-555555555555", "66666666-7777-4888-8999-aaaaaaaaaaaa"} {
		m.Start("/bin/sh", "/opt/contained", id)
		awaitBeats(t, m, 2+i, 2)
		m.Shell(endContained)
		dump := m.Run("/opt/flightrec", "dump", "--json")
		if !strings.Contains(dump, `"boot":"`+id+`"`) || strings.Count(dump, `"container":"lxc"`) != 1+i {
			t.Errorf("no flight of a container %s in\n%s", id, dump)
		}
	}
	awaitOutlived(t, m)
	m.Cut()

	after := uml.Boot(t, config)
	after.Start(recording...)
	awaitBeats(t, after, 4, 1)
	wantPeriods(t, after, "downtime unknown", "uptime lost landed landed", "downtime crash", "uptime aloft")
	wantBoots(t, after, m.BootID(), after.BootID())
}

// awaitOutlived waits until the oldest flight has a heartbeat behind the end of every
// other: the machine must die with it, not after it.
func awaitOutlived(t *testing.T, m *uml.Machine) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		var ends []time.Time
		dump := m.Run("/opt/flightrec", "dump", "--json")
		for line := range strings.Lines(dump) {
			var flight struct{ End time.Time }
			if err := json.Unmarshal([]byte(line), &flight); err != nil {
				t.Fatal(err)
			}
			ends = append(ends, flight.End)
		}
		if slices.MaxFunc(ends[1:], time.Time.Compare).Before(ends[0]) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the oldest flight has no heartbeat behind the others' ends:\n%s", dump)
		}
	}
}

// TestSteppedSleep wakes a machine from a sleep to a clock that is a day ahead, as one
// whose RTC jumped does, until chronyd sets it right. Nothing of that day was up.
func TestSteppedSleep(t *testing.T) {
	t.Parallel()
	chronyd := uml.Program(t, "chrony", "/usr/sbin/chronyd")
	m := uml.Boot(t, uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Files: map[string]string{"/etc/chrony.conf": chronyConf},
	})
	m.Serve(time.Now(), ntptest.Good())
	m.Start(chronyd, "-d", "-f", "/etc/chrony.conf")
	m.Await("chronyd", synced)
	m.Start("/opt/flightrec", "record", "--interval", "1")
	awaitBeats(t, m, 1, 4)
	m.Shell(endChronyd)
	n := len(legs(t, m))
	m.Suspend()
	n = awaitLeg(t, m, n, "wake")
	m.Run("date", "-u", "-s", m.Clocks().Wall.Add(24*time.Hour).UTC().Format(time.DateTime))
	n = awaitLeg(t, m, n, "step")
	server := ntptest.Good()
	server.Offset = m.Clocks().Slept() // its own clock slept as well
	m.Serve(time.Time{}, server)
	m.Start(chronyd, "-d", "-f", "/etc/chrony.conf")
	awaitLeg(t, m, n, "sync")
	until := m.Clocks().Boot + 3*time.Second
	m.Await("a few heartbeats", func(c uml.Clocks) bool { return c.Boot >= until })

	now, boot := time.Now(), m.Clocks().Boot
	wantTruth(t, m, []booted{{now.Add(-boot), now}})
	wantPeriods(t, m, "downtime unknown", "uptime aloft")
	up := time.Duration(periods(t, m)[1].Duration * 1e9)
	if least, most := boot-nearly, m.Clocks().Boot+nearly; up < least || up > most {
		t.Errorf("up for %v, in truth between %v and %v:\n%s", up, least, most, m.Run("/opt/flightrec", "report", "--utc"))
	}
}
