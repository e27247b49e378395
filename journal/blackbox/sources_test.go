package blackbox

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"flightrec/journal"
)

// root makes a file system of names and what they hold, each line "name: text".
func root(lines string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for line := range strings.Lines(lines) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			fsys[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, `\n`, "\n") + "\n"), ModTime: time.Unix(1764324000, 0)}
		}
	}
	return fsys
}

// found returns the clues of the source of that name.
func found(b *Box, name string) []string {
	return sources[slices.IndexFunc(sources, func(s source) bool { return s.name == name })].clues(b)
}

// TestClues tells of each source of evidence what it makes of what machines show.
func TestClues(t *testing.T) {
	big := func(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
	for _, tt := range []struct {
		name, source string
		root         fstest.MapFS
		want         []string
	}{
		{"under-voltage on a Pi 5", "power_reset", fstest.MapFS{chosen + "/power/power_reset": {Data: []byte(big(2))}}, []string{"0x2"}},
		{"the same by its other name", "power_reset", fstest.MapFS{chosen + "/power/reset_event": {Data: []byte(big(1))}}, []string{"0x1"}},
		{"power on", "rsts", fstest.MapFS{chosen + "/bootloader/rsts": {Data: []byte(big(0x1000))}}, []string{"0x1000"}},
		{"the same as documented", "rsts", fstest.MapFS{chosen + "/bootloader/pm_rsts": {Data: []byte(big(0x1020))}}, []string{"0x1020"}},
		{"barebox", "reset-source", fstest.MapFS{chosen + "/reset-source": {Data: []byte("WDG\x00")}}, []string{"WDG"}},
		{"a supply", "supply", fstest.MapFS{chosen + "/power/max_current": {Data: []byte(big(3000))}, chosen + "/power/usb_over_current_detected": {Data: []byte(big(0))}},
			[]string{"max_current=0xbb8 usb_over_current_detected=0x0"}},
		{"AT91", "power_on_reason", root("sys/bus/platform/devices/fffffe00.rstc/power_on_reason: watchdog timeout"), []string{"watchdog timeout"}},
		{"pscrr", "pscrr", root("sys/kernel/pscrr/reason_boot: 1"), []string{"1"}},
		{"two watchdogs", "watchdog", root("sys/class/watchdog/watchdog0/bootstatus: 32\nsys/class/watchdog/watchdog0/state: active\n" +
			"sys/class/watchdog/watchdog0/identity: i6300ESB timer\nsys/class/watchdog/watchdog1/identity: iTCO"),
			[]string{"watchdog0 bootstatus=32 state=active identity=i6300ESB timer", "watchdog1 identity=iTCO"}},
		{"panic records", "pstore", root("var/lib/systemd/pstore/dmesg-ramoops-0: x\nvar/lib/systemd/pstore/dmesg.txt: x\nsys/fs/pstore/console-ramoops-0: x\nvar/lib/systemd/pstore/1602/001/dmesg-efi-16: xyz"),
			[]string{"dmesg-efi-16 2025-11-28T10:00:00Z 4", "dmesg-ramoops-0 2025-11-28T10:00:00Z 2"}},
		{"their first lines", "panic", root(`run/flightrec-panic/dmesg-ramoops-0: Panic#1 Part1\n<0>[ 6.4] Kernel panic - not syncing: sysrq triggered crash`),
			[]string{"dmesg-ramoops-0 2025-11-28T10:00:00Z Panic#1 Part1 <0>[ 6.4] Kernel panic - not syncing: sysrq triggered crash"}},
		{"kernel", "kernel", root("proc/sys/kernel/panic: 10\nproc/sys/vm/panic_on_oom: 0\nsys/module/pstore/parameters/backend: ramoops"), []string{"panic=10 panic_on_oom=0 pstore=ramoops"}},
		{"no backend", "kernel", root("proc/sys/kernel/panic: 0\nsys/module/pstore/parameters/backend: (null)"), []string{"panic=0"}},
		{"thermal", "thermal", root("sys/class/thermal/thermal_zone0/type: cpu-thermal\nsys/class/thermal/thermal_zone0/trip_point_0_type: passive\nsys/class/thermal/thermal_zone0/trip_point_1_type: critical\n" +
			"sys/class/thermal/thermal_zone0/trip_point_1_temp: 110000\nsys/class/thermal/thermal_zone1/type: iwlwifi_1"), []string{"cpu-thermal critical=110"}},
		{"hwmon", "hwmon", root("sys/class/hwmon/hwmon1/name: rpi_volt\nsys/class/hwmon/hwmon1/in0_lcrit_alarm: 0\nsys/class/hwmon/hwmon0/name: cpu\nsys/class/hwmon/hwmon0/in0_max_alarm: 0"), []string{"rpi_volt"}},
		{"memory", "memory", root(`proc/meminfo: MemTotal:        3884360 kB\nMemAvailable:    1048576 kB`), []string{"total=3793"}},
		{"no machine at all", "rsts", root(""), nil},
	} {
		if got := found(newBox(tt.root, t.TempDir()), tt.source); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestCardIsHashed demands that a card's serial number isn't told, though another card
// gives another hash.
func TestCardIsHashed(t *testing.T) {
	told := func(cid string) string {
		return strings.Join(found(newBox(root("sys/block/mmcblk0/device/name: SC32G\nsys/block/mmcblk0/device/life_time: 0x01 0x02\nsys/block/mmcblk0/device/cid: "+cid), ""), "card"), "")
	}
	const cid = "03534453433332478012345678013700"
	if got := told(cid); !strings.HasPrefix(got, "mmcblk0 name=SC32G life_time=0x01 0x02 id=") || strings.Contains(got, "12345678") || got == told(strings.Replace(cid, "1", "2", 1)) {
		t.Errorf("told %q", got)
	}
}

// wtmpOf makes a wtmp of records: a type, a user, and seconds.
func wtmpOf(records ...any) []byte {
	size, at := wtmpRecord, wtmpSeconds
	if runtime.GOARCH == "arm64" || runtime.GOARCH == "loong64" {
		size, at = wtmpRecord8, wtmpSeconds+4
	}
	var all []byte
	for i := 0; i < len(records); i += 3 {
		r := make([]byte, size)
		binary.NativeEndian.PutUint16(r, uint16(records[i].(int)))
		copy(r[wtmpUser:], records[i+1].(string))
		if size == wtmpRecord {
			binary.NativeEndian.PutUint32(r[at:], uint32(records[i+2].(int)))
		} else {
			binary.NativeEndian.PutUint64(r[at:], uint64(records[i+2].(int)))
		}
		all = append(all, r...)
	}
	return all
}

func TestWtmp(t *testing.T) {
	for _, tt := range []struct {
		name string
		data []byte
		want []string
	}{
		{"a shutdown", wtmpOf(bootTime, "reboot", 100, 7, "pi", 150, runLevel, "runlevel", 160, runLevel, "shutdown", 200, bootTime, "reboot", 300),
			[]string{"boot@100 shutdown@200 boot@300"}},
		{"a crash", wtmpOf(bootTime, "reboot", 100, 7, "pi", 150, bootTime, "reboot", 300), []string{"boot@100 boot@300"}},
		{"the latest four", wtmpOf(bootTime, "reboot", 1, bootTime, "reboot", 2, bootTime, "reboot", 3, bootTime, "reboot", 4, bootTime, "reboot", 5),
			[]string{"boot@2 boot@3 boot@4 boot@5"}},
		{"cut in the middle of a record", wtmpOf(bootTime, "reboot", 100)[:200], nil},
		{"empty", nil, nil},
	} {
		b := newBox(fstest.MapFS{"var/log/wtmp": {Data: tt.data}}, "")
		if got := found(b, "wtmp"); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// machine is the root of a machine that measures all that can be measured.
const machine = `
	sys/class/thermal/thermal_zone0/type: cpu-thermal
	sys/class/thermal/thermal_zone0/temp: 61234
	sys/class/thermal/thermal_zone0/trip_point_0_type: critical
	sys/class/thermal/thermal_zone0/trip_point_0_temp: 110000
	sys/class/thermal/thermal_zone1/type: gpu
	sys/class/thermal/thermal_zone1/temp: 72000
	sys/class/hwmon/hwmon0/name: rpi_volt
	sys/class/hwmon/hwmon0/in0_lcrit_alarm: 1
	sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq: 600000
	sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq: 1500000
	proc/vmstat: nr_free_pages 1\noom_kill 3\nhtlb 0
	sys/kernel/oops_count: 1
	sys/kernel/warn_count: 2
	proc/sys/kernel/tainted: 512
	proc/meminfo: MemTotal: 3884360 kB\nMemAvailable: 217088 kB
	proc/loadavg: 2.91 1.0 0.5 1/100 7
	proc/pressure/memory: some avg10=9.00 avg60=0\nfull avg10=4.51 avg60=0.00
	proc/pressure/io: some avg10=9.00\nfull avg10=0.00 avg60=0.00
	proc/self/io: rchar: 1\nwrite_bytes: 2097152\ncancelled_write_bytes: 0
`

// In a bubble no source takes any time, so that all of them are in time.
func TestVitals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(root(machine), "/no such folder")
		b.Evidence()
		v := func(v journal.Vital, n int64) journal.Value { return journal.Value{Vital: v, N: n} }
		want := []journal.Value{
			v(journal.VitalTemperature, 72), v(journal.VitalUndervoltage, 1), v(journal.VitalCap, 40), v(journal.VitalMemory, 212),
			v(journal.VitalOOMKills, 3), v(journal.VitalLoad, 291), v(journal.VitalMemoryPressure, 5), v(journal.VitalIOPressure, 0),
			v(journal.VitalWritten, 2048), v(journal.VitalOopses, 1), v(journal.VitalWarnings, 2), v(journal.VitalTaint, 512), v(journal.VitalHeadroom, 20),
		}
		if got := b.Vitals(); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		if got := newBox(root(""), "/no such folder").Vitals(); got != nil {
			t.Errorf("a machine without anything tells %v", got)
		}
	})
}

// TestAlarmThatIsAlwaysOn demands that an input which is connected to nothing, as it is on
// many boards, raises no alarm, and that one does which was off before.
func TestAlarmThatIsAlwaysOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fsys := root("sys/class/hwmon/hwmon0/name: nct6775\nsys/class/hwmon/hwmon0/in0_alarm: 1\nsys/class/hwmon/hwmon0/in1_alarm: 0")
		b := newBox(fsys, "")
		b.Evidence()
		low := func() string { return fmt.Sprint(b.Vitals()) }
		if got := low(); got != "[{undervoltage 0}]" {
			t.Errorf("at first %s", got)
		}
		fsys["sys/class/hwmon/hwmon0/in1_alarm"].Data = []byte("1\n")
		if got := low(); got != "[{undervoltage 1}]" {
			t.Errorf("risen %s", got)
		}
	})
}

// hanging is a file system in which reading some files takes forever.
type hanging struct {
	fs.FS
	name string
	free chan struct{}
}

func (h hanging) Open(name string) (fs.File, error) {
	if name == h.name {
		<-h.free
	}
	return h.FS.Open(name)
}

// TestHangingSource demands that a source which hangs delays a call by no more than
// Patience, keeps the others from being told once at most, and is told again later.
func TestHangingSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := hanging{root(machine), "sys/class/thermal/thermal_zone0/temp", make(chan struct{})}
		b := newBox(h, "/no such folder")
		b.Evidence()
		tells := func(want journal.Vital) bool {
			began := time.Now()
			values := b.Vitals()
			if took := time.Since(began); took > Patience {
				t.Errorf("waited for %v", took)
			}
			return slices.ContainsFunc(values, func(v journal.Value) bool { return v.Vital == want })
		}
		b.Vitals()
		for range 3 {
			if !tells(journal.VitalLoad) || tells(journal.VitalTemperature) {
				t.Error("the load isn't told, or the temperature is")
			}
		}
		close(h.free)
		synctest.Wait()
		for range 2 {
			if !tells(journal.VitalTemperature) {
				t.Error("the temperature isn't told though its source answers again")
			}
		}
	})
}

// TestNothingForbiddenIsOpened demands that nothing is opened but what is needed: above all
// no file that answers with a warning, and no device.
func TestNothingForbiddenIsOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var opened []string
		b := newBox(recording{root(machine), &opened}, "")
		b.Evidence()
		b.Vitals()
		b.Sources()
		for _, name := range opened {
			if strings.Contains(name, "get_throttled") || strings.HasPrefix(name, "dev/") || strings.Contains(name, "kmsg") {
				t.Errorf("opened %s", name)
			}
		}
		if len(opened) < 20 {
			t.Errorf("only %d files were opened", len(opened))
		}
	})
}

type recording struct {
	fs.FS
	opened *[]string
}

func (r recording) Open(name string) (fs.File, error) {
	*r.opened = append(*r.opened, name)
	return r.FS.Open(name)
}

// TestSourcesHaveWords demands that each source says what it tells, in one line of a
// terminal.
func TestSourcesHaveWords(t *testing.T) {
	names := map[string]bool{}
	for _, s := range newBox(root(machine), "").Sources() {
		if s.About == "" || len(s.About) > 76 || names[s.Name] {
			t.Errorf("source %q: %q", s.Name, s.About)
		}
		names[s.Name] = true
	}
}
