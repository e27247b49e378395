//go:build linux && amd64

package uml_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal/clock"
	"flightrec/journal/clock/ntptest"
)

const (
	bitPLL    = 0x0001
	bitUnsync = 0x0040
	bitNano   = 0x2000

	timeError = 5                // what adjtimex returns of a clock that isn't synchronised
	worst     = 16e6             // microseconds: the error of a clock that nobody has set
	nearly    = 10 * time.Second // the daemons are wrong by an hour, the processor is shared
)

func synced(c uml.Clocks) bool { return c.Sync == clock.SyncSynced }

// distance is how far the machine's wall clock is from the host's, from which the
// time servers of these tests take their time.
func distance(c uml.Clocks) time.Duration { return time.Until(c.Wall).Abs() }

func TestNobody(t *testing.T) {
	t.Parallel()
	m := uml.Boot(t, uml.Config{})
	c := m.Clocks()
	t.Log(c)
	if c.Sync != clock.SyncUnsynced || c.Source != "adjtimex" {
		t.Errorf("%v", c)
	}
	if c.State != timeError || c.Timex.Status != bitUnsync || c.Timex.Maxerror != worst {
		t.Errorf("the kernel says %v", c)
	}
	if !c.Absolute || c.Boot > time.Hour {
		t.Errorf("boot clock %v, absolute %v", c.Boot, c.Absolute)
	}
	m.PowerOff()
}

// chronyConf makes chronyd step a wrong clock at once, and ask each second.
const chronyConf = slewingConf + "makestep 1 3\n"

// slewingConf makes it slew.
const slewingConf = "server 127.0.0.1 iburst minpoll 0 maxpoll 0\ncmdport 0\npidfile /run/chronyd.pid\n"

// endChronyd lets it have no last word after its end.
const endChronyd = "p=$(cat /run/chronyd.pid); kill $p; while kill -0 $p 2>/dev/null; do sleep 0.1; done"

// chronyd without rtcsync keeps the clock right and STA_UNSYNC set.
func TestChrony(t *testing.T) {
	for name, tt := range map[string]struct {
		option string
		state  int
		status int32
	}{
		"rtcsync": {"rtcsync\n", 0, 0},
		"plain":   {"", timeError, bitUnsync},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chronyd := uml.Program(t, "chrony", "/usr/sbin/chronyd")
			m := uml.Boot(t, uml.Config{
				Wall:  time.Now().Add(-time.Hour),
				Files: map[string]string{"/etc/chrony.conf": chronyConf + tt.option},
			})
			m.Serve(time.Now(), ntptest.Good())
			if c := m.Clocks(); c.Sync != clock.SyncUnsynced || distance(c) < 50*time.Minute {
				t.Errorf("before chronyd runs: %v", c)
			}
			m.Start(chronyd, "-d", "-f", "/etc/chrony.conf")
			c := m.Await("chronyd", func(c uml.Clocks) bool { return synced(c) && c.MaxError < time.Second })
			t.Log(c)
			if c.State != tt.state || c.Timex.Status&^bitNano != tt.status {
				t.Errorf("the kernel says %v", c)
			}
			if distance(c) > nearly {
				t.Errorf("%v from the server's time: %v", distance(c), c)
			}
		})
	}
}

const timesyncdConf = "[Time]\nNTP=127.0.0.1\n"

func TestTimesyncd(t *testing.T) {
	for name, tt := range map[string]struct {
		wrong  time.Duration
		status int32
	}{
		"slew": {100 * time.Millisecond, bitNano | bitPLL},
		"jump": {time.Hour, bitNano},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timesyncd := uml.Program(t, "systemd-timesyncd", "/lib/systemd/systemd-timesyncd")
			m := uml.Boot(t, uml.Config{Files: map[string]string{"/etc/systemd/timesyncd.conf": timesyncdConf}})
			before := m.Clocks()
			answer := ntptest.Good()
			answer.Offset = tt.wrong
			m.Serve(time.Time{}, answer)
			m.Shell("install -d -o systemd-timesync -g systemd-timesync /run/systemd/timesync /var/lib/systemd/timesync")
			m.Start(timesyncd)
			c := m.Await("timesyncd", synced)
			t.Log(c)
			if c.State != 0 || c.Timex.Status != tt.status {
				t.Errorf("the kernel says %v", c)
			}
			step := c.Offset() - before.Offset()
			if stepped := step > tt.wrong-nearly && step > 100*time.Millisecond; stepped != (tt.status&bitPLL == 0) {
				t.Errorf("stepped by %v", step)
			}
		})
	}
}

// ntpsec before 1.2.5 tells the kernel that the clock is right to within 16 µs
// when it starts, whether or not it has a server.
func TestNtpsecWithoutServer(t *testing.T) {
	t.Parallel()
	ntpd := uml.Program(t, "ntpsec", "/usr/sbin/ntpd")
	m := uml.Boot(t, uml.Config{Files: map[string]string{"/etc/ntp.conf": "server 10.9.9.9 iburst\n"}})
	m.Start(ntpd, "-n", "-c", "/etc/ntp.conf")
	c := m.Await("ntpd", func(c uml.Clocks) bool { return c.Timex.Status&bitPLL != 0 })
	t.Log(c)
	if c.Sync != clock.SyncUnsynced {
		t.Errorf("%v", c)
	}
	if c.Timex.Esterror != 16 || c.Timex.Maxerror%500 != 16 {
		t.Skipf("needs an ntpsec before 1.2.5; this one tells the kernel no lie: %v", c)
	}
}

// busybox ntpd never tells the kernel how right the clock is.
func TestBusybox(t *testing.T) {
	t.Parallel()
	busybox := uml.Program(t, "busybox", "/opt/busybox", "/bin/busybox")
	m := uml.Boot(t, uml.Config{})
	if applets := m.Run(busybox, "--list"); !slices.Contains(strings.Fields(applets), "ntpd") {
		t.Skip("needs a busybox that was built with ntpd, as /opt/busybox; Debian's isn't")
	}
	m.Serve(time.Time{}, ntptest.Good())
	m.Start(busybox, "ntpd", "-n", "-d", "-p", "127.0.0.1")
	c := m.Await("busybox ntpd", func(c uml.Clocks) bool { return c.Sync == clock.SyncWeak })
	t.Log(c)
	if c.Timex.Maxerror != worst || c.Timex.Status&bitPLL == 0 {
		t.Errorf("the kernel says %v", c)
	}
}

// elsewhere makes a network namespace, "n", that reaches the machine's server at
// 10.0.0.1. ntpd takes no server of its own machine, and wants port 123 for itself.
const elsewhere = `set -e
ip netns add n
ip link add here type veth peer name there netns n
ip addr add 10.0.0.1/24 dev here
ip link set here up
ip -n n addr add 10.0.0.2/24 dev there
ip -n n link set there up
ip -n n link set lo up
`

// ntpd steps a wrong clock as soon as it knows better, but tells the kernel that the
// clock is right only once it has found it within half a millisecond. A drift file
// spares it five minutes in which it would measure the crystal first.
func TestNtpsec(t *testing.T) {
	t.Parallel()
	ntpd := uml.Program(t, "ntpsec", "/usr/sbin/ntpd")
	uml.Program(t, "iproute2", "/sbin/ip", "/usr/sbin/ip")
	m := uml.Boot(t, uml.Config{
		Wall: time.Now().Add(-time.Hour),
		Files: map[string]string{
			"/etc/ntp.conf":  "server 10.0.0.1 iburst minpoll 0 maxpoll 0\ntos minsane 1\ndriftfile /etc/ntp.drift\n",
			"/etc/ntp.drift": "0.000\n",
		},
	})
	m.Serve(time.Now(), ntptest.Good())
	m.Load("net/veth")
	m.Shell(elsewhere)
	m.Start("ip", "netns", "exec", "n", ntpd, "-n", "-g", "-c", "/etc/ntp.conf")
	stepped := m.Await("ntpd's step", func(c uml.Clocks) bool {
		if synced(c) && distance(c) >= nearly {
			t.Fatalf("before ntpd had stepped the clock: %v", c)
		}
		return distance(c) < nearly
	})
	// A busy machine may not be looked at until ntpd has given its word as well.
	if !synced(stepped) && stepped.Timex.Maxerror != worst {
		t.Errorf("right after ntpd stepped the clock: %v", stepped)
	}
	// Its first word may be that the error is near a second, but never less than it is.
	first := m.Await("ntpd's word", synced)
	if distance(first) > nearly {
		t.Errorf("%v from the server's time: %v", distance(first), first)
	}
	steady := m.Await("ntpd's steady state", func(c uml.Clocks) bool {
		return synced(c) && c.MaxError < 100*time.Millisecond && c.Timex.Status == bitNano|bitPLL
	})
	if steady.State != 0 || distance(steady) > nearly {
		t.Errorf("%v from the server's time: %v", distance(steady), steady)
	}
	for _, c := range []uml.Clocks{stepped, first, steady} {
		t.Log(c)
	}
}
