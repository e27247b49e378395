//go:build linux && amd64

package uml_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal/clock/ntptest"
)

// flightrec builds the program, once, and returns its path.
var flightrec = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "flightrec")
	build := exec.Command("go", "build", "-o", path, "flightrec/cmd/flightrec")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	return path, build.Run()
})

// programs are what a machine that flies needs, beside a disk.
func programs(t *testing.T) map[string]string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("needs the go command, to build flightrec: %v", err)
	}
	path, err := flightrec()
	if err != nil {
		t.Fatalf("building flightrec: %v", err)
	}
	return map[string]string{"flightrec": path}
}

// recording is how a machine without any time server records.
var recording = []string{"/opt/flightrec", "record", "--clock", "trust", "--interval", "1", "--log", "/run/flightrec.log"}

// period is what these tests want to know of a period in report --json.
type period struct {
	Kind, Cause, Boot string
	Duration          float64 `json:"duration_seconds"`
	Aloft             bool
	Flights           []struct{ Ending, Grounding string }
	Gaps              []struct {
		Duration float64 `json:"duration_seconds"`
	}
}

// String tells a period in a line: "uptime landed lost", "downtime crash".
func (p period) String() string {
	words := []string{p.Kind}
	for _, f := range p.Flights {
		words = append(words, f.Ending)
	}
	if p.Kind == "downtime" {
		words = append(words, p.Cause)
	}
	return strings.Join(words, " ")
}

// periods returns what the machine's report says, in order of time.
func periods(t *testing.T, m *uml.Machine) []period {
	t.Helper()
	var report struct{ Machines []struct{ Periods []period } }
	text := m.Run("/opt/flightrec", "report", "--json")
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(report.Machines) != 1 {
		t.Fatalf("%d machines, want 1, in\n%s", len(report.Machines), text)
	}
	return report.Machines[0].Periods
}

func wantPeriods(t *testing.T, m *uml.Machine, want ...string) {
	t.Helper()
	var got []string
	for _, p := range periods(t, m) {
		got = append(got, p.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the report says\n\t%s\nwant\n\t%s\n%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"),
			m.Run("/opt/flightrec", "report"))
	}
}

// wantBoots demands that the report's uptimes are of these boots.
func wantBoots(t *testing.T, m *uml.Machine, want ...string) {
	t.Helper()
	var got []string
	for _, p := range periods(t, m) {
		if p.Kind == "uptime" {
			got = append(got, p.Boot)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("boots %q, want %q", got, want)
	}
}

// awaitBeats waits until the journal's n-th flight is aloft and has so many
// heartbeats.
func awaitBeats(t *testing.T, m *uml.Machine, n, beats int) {
	t.Helper()
	var dump string
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		dump, _ = m.Try("/opt/flightrec", "dump", "--json")
		lines := strings.Split(strings.TrimSpace(dump), "\n")
		var newest struct {
			Beats  int
			Ending string
		}
		err := json.Unmarshal([]byte(lines[len(lines)-1]), &newest)
		if err == nil && len(lines) == n && newest.Ending == "aloft" && newest.Beats >= beats {
			return
		}
	}
	t.Fatalf("no flight %d aloft with %d heartbeats in\n%s", n, beats, dump)
}

// A panic and a power cut leave a lost flight each, and are crashes.
func TestCrashes(t *testing.T) {
	t.Parallel()
	config := uml.Config{Disk: uml.NewDisk(t), Programs: programs(t)}
	first := uml.Boot(t, config)
	first.Start(recording...)
	awaitBeats(t, first, 1, 3)
	first.Panic()

	second := uml.Boot(t, config)
	second.Start(recording...)
	awaitBeats(t, second, 2, 3)
	second.Cut()

	third := uml.Boot(t, config)
	third.Start(recording...)
	awaitBeats(t, third, 3, 2)
	wantPeriods(t, third, "downtime unknown",
		"uptime lost", "downtime crash", "uptime lost", "downtime crash", "uptime aloft")
	wantBoots(t, third, first.BootID(), second.BootID(), third.BootID())
}

// service is flightrec's own unit, in which it records as these tests need it.
func service(t *testing.T) map[string]string {
	t.Helper()
	unit, err := os.ReadFile("../../../cmd/flightrec/init/flightrec.service")
	if err != nil {
		t.Fatal(err)
	}
	const command = "@PREFIX@/bin/flightrec record"
	if !strings.Contains(string(unit), command) {
		t.Fatalf("no %q in the unit", command)
	}
	text := strings.Replace(string(unit), command, "/opt/flightrec record --clock trust --interval 1", 1)
	return map[string]string{"flightrec.service": text}
}

// Restarting the service is a gap; rebooting and powering off are shutdowns, even if
// nobody can ask systemd, since the bus has gone before.
func TestSystemdEndings(t *testing.T) {
	t.Parallel()
	sysusers, err := os.ReadFile("../../../cmd/flightrec/init/sysusers.conf")
	if err != nil {
		t.Fatal(err)
	}
	config := uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Systemd: true, Services: service(t),
		Files: map[string]string{"/etc/sysusers.d/flightrec.conf": string(sysusers)},
	}
	m := uml.Boot(t, config)
	awaitBeats(t, m, 1, 2)
	wantNotified(t, m)
	m.Run("systemctl", "restart", "flightrec")
	awaitBeats(t, m, 2, 2)
	m.Reboot()
	awaitBeats(t, m, 3, 2)
	m.Run("systemctl", "stop", "dbus.socket", "dbus.service")
	m.PowerOff()

	after := uml.Boot(t, uml.Config{Disk: config.Disk, Programs: config.Programs})
	after.Start(recording...)
	awaitBeats(t, after, 4, 1)
	wantPeriods(t, after, "downtime unknown",
		"uptime landed landed", "downtime shutdown", "uptime landed", "downtime shutdown", "uptime aloft")
	var down, to []any
	for line := range strings.Lines(after.Run("/opt/flightrec", "dump", "--json")) {
		var flight struct{ Landing map[string]any }
		if err := json.Unmarshal([]byte(line), &flight); err != nil {
			t.Fatal(err)
		}
		down, to = append(down, flight.Landing["shutdown"]), append(to, flight.Landing["to"])
	}
	if want := []any{false, true, true, nil}; !slices.Equal(down, want) {
		t.Errorf("landings knew of a shutdown: %v, want %v", down, want)
	}
	// What the machine goes to is known by systemd alone, which nobody could ask at last.
	if want := []any{nil, "reboot", nil, nil}; !slices.Equal(to, want) {
		t.Errorf("landings knew what the machine goes to: %v, want %v", to, want)
	}
}

// wantNotified demands that systemd knows of the recorder what its heartbeats tell.
func wantNotified(t *testing.T, m *uml.Machine) {
	t.Helper()
	state := m.Run("systemctl", "show", "flightrec", "-p", "Type,ActiveState,StatusText,WatchdogUSec,WatchdogTimestamp")
	for _, want := range []string{"Type=notify\n", "ActiveState=active\n", "StatusText=aloft since 2", "clock synced, lane-0\n", "WatchdogUSec=30s\n", "WatchdogTimestamp="} {
		if !strings.Contains(state, want) {
			t.Errorf("no %q in\n%s", want, state)
		}
	}
}

// legs returns why each leg of the newest flight began.
func legs(t *testing.T, m *uml.Machine) []string {
	t.Helper()
	dump := strings.Split(strings.TrimSpace(m.Run("/opt/flightrec", "dump", "--json")), "\n")
	var flight struct{ Legs []struct{ Cause string } }
	if err := json.Unmarshal([]byte(dump[len(dump)-1]), &flight); err != nil {
		t.Fatal(err)
	}
	var causes []string
	for _, l := range flight.Legs {
		causes = append(causes, l.Cause)
	}
	return causes
}

// awaitLeg waits until the newest flight has a leg of that cause behind its first n, and
// returns how many legs there are up to it. Others may stand between: chronyd steps a
// clock that ran wrong while the machine was busy.
func awaitLeg(t *testing.T, m *uml.Machine, n int, cause string) int {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		causes := legs(t, m)
		if i := slices.Index(causes[n:], cause); i >= 0 {
			return n + i + 1
		}
		if time.Now().After(deadline) {
			t.Fatalf("no leg %s behind the first %d of %q", cause, n, causes)
		}
	}
}

// What happens to the clocks in mid-flight is in the flight's legs.
func TestLegs(t *testing.T) {
	t.Parallel()
	chronyd := uml.Program(t, "chrony", "/usr/sbin/chronyd")
	m := uml.Boot(t, uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Files: map[string]string{"/etc/chrony.conf": chronyConf},
	})
	m.Start("/opt/flightrec", "record", "--interval", "1")
	awaitBeats(t, m, 1, 2)
	m.Serve(time.Time{}, ntptest.Good()) // chronyd must not step: that would be the leg's cause
	m.Start(chronyd, "-d", "-f", "/etc/chrony.conf")
	n := awaitLeg(t, m, 0, "sync")
	m.Suspend()
	awaitLeg(t, m, n, "wake")
	m.Shell(endChronyd)
	n = len(legs(t, m))
	m.Run("date", "-u", "-s", "2035-01-01 12:00:00")
	awaitLeg(t, m, n, "step")
	t.Log(legs(t, m))
}

// chronyd without makestep slews a wrong clock right, and the boot clock with it, at
// once calling it synchronised, with an error that covers what is still wrong. So
// does a flight's, and the records tell by the clock that nobody slews.
func TestSlew(t *testing.T) {
	t.Parallel()
	const (
		wrong = time.Second
		noise = 100 * time.Millisecond
	)
	chronyd := uml.Program(t, "chrony", "/usr/sbin/chronyd")
	m := uml.Boot(t, uml.Config{
		Disk: uml.NewDisk(t), Programs: programs(t), Files: map[string]string{"/etc/chrony.conf": slewingConf},
	})
	m.Start("/opt/flightrec", "record", "--interval", "1")
	awaitBeats(t, m, 1, 2)
	server := ntptest.Good()
	server.Offset = wrong
	m.Serve(time.Time{}, server)
	before := m.Clocks()
	m.Start(chronyd, "-d", "-f", "/etc/chrony.conf")
	after := m.Await("chronyd", func(c uml.Clocks) bool {
		truth := before.Wall.Add(wrong + c.Raw - before.Raw)
		if off := truth.Sub(c.Wall); synced(c) && off.Abs() > c.MaxError+noise {
			t.Errorf("the wall clock is %v behind: %v", off, c)
		}
		return synced(c) && c.MaxError < noise
	})
	slewed := func(raw, awake time.Duration) bool { return (awake - raw - wrong).Abs() < noise }
	if !slewed(after.Raw-before.Raw, after.Awake-before.Awake) || (after.Offset()-before.Offset()).Abs() > noise {
		t.Errorf("not slewed by %v:\n%v\n%v", wrong, before, after)
	}

	type fix struct {
		Raw      time.Duration `json:"raw_ns"`
		Awake    time.Duration `json:"awake_ns"`
		MaxError time.Duration `json:"max_error_ns"`
		Wall     time.Time
		Sync     string
	}
	var f struct {
		Legs       []struct{ First, Last fix }
		Start, End time.Time
		Error      float64 `json:"error_seconds"`
		Grounding  string
	}
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		f.Legs = nil
		if err := json.Unmarshal([]byte(m.Run("/opt/flightrec", "dump", "--json")), &f); err != nil {
			t.Fatal(err)
		}
		if last := f.Legs[len(f.Legs)-1].Last; last.Sync == "synced" && last.MaxError < noise {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the flight never heard of it: %+v", f)
		}
	}
	if last := f.Legs[len(f.Legs)-1].Last; !slewed(last.Raw, last.Awake) {
		t.Errorf("the records know nothing of the slew: %+v", f)
	}
	truth := f.Legs[0].First.Wall.Add(wrong)
	if off := f.Start.Sub(truth); off.Abs() > time.Duration(f.Error*1e9)+noise || f.Grounding != "ntp" {
		t.Errorf("the takeoff is %v late, by %q: %+v", off, f.Grounding, f)
	}
	t.Logf("the takeoff is %v late, its error %v s", f.Start.Sub(truth), f.Error)
}
