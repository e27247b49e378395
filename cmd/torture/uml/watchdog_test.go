//go:build linux && amd64

package uml_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
)

// systemd sees a disk on which no heartbeat becomes durable, since nothing else feeds
// its watchdog, and starts the recorder anew when the disk is well again. A unit whose
// seccomp filter kills for adjtimex(2) flies, with a clock of which nothing is known.
func TestWatchdog(t *testing.T) {
	t.Parallel()
	sysusers, err := os.ReadFile("../../../cmd/flightrec/init/sysusers.conf")
	if err != nil {
		t.Fatal(err)
	}
	services := service(t)
	unit := strings.Replace(services["flightrec.service"], "--clock trust ", "", 1)
	for _, line := range []string{"SystemCallFilter=adjtimex clock_adjtime\n", "SystemCallErrorNumber=EPERM\n"} {
		if !strings.Contains(unit, line) {
			t.Fatalf("no %q in the unit", line)
		}
		unit = strings.Replace(unit, line, "", 1)
	}
	services["flightrec.service"] = unit
	m := uml.Boot(t, uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Systemd: true, Services: services,
		Files: map[string]string{"/etc/sysusers.d/flightrec.conf": string(sysusers)},
	})
	awaitBeats(t, m, 1, 8)
	if dump := m.Run("/opt/flightrec", "dump", "--json"); !strings.Contains(dump, `"sync":"unknown"`) {
		t.Errorf("a filter kills for adjtimex, and the dump says\n%s", dump)
	}
	m.Run("fsfreeze", "-f", "/var/lib/flightrec")
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
		state := m.Run("systemctl", "show", "flightrec", "-p", "Result")
		if strings.TrimSpace(state) == "Result=watchdog" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the disk is stuck, and systemd says %s", state)
		}
	}
	m.Run("fsfreeze", "-u", "/var/lib/flightrec")
	awaitBeats(t, m, 2, 1)
}
