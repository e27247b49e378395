package clock

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	absolute    = true
	freeRunning = true
)

var (
	kernelbase                  = windows.NewLazySystemDLL("kernelbase.dll")
	queryInterruptTime          = kernelbase.NewProc("QueryInterruptTime")
	queryUnbiasedInterruptTime  = kernelbase.NewProc("QueryUnbiasedInterruptTime")
	procGetSystemTimeAdjustment = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemTimeAdjustment")
)

// Nobody disciplines either clock, so the awake clock is the raw clock.
func boot() time.Duration  { return interruptTime(queryInterruptTime) }
func awake() time.Duration { return interruptTime(queryUnbiasedInterruptTime) }
func raw() time.Duration   { return awake() }

// interruptTime calls a function that stores a count of 100 ns.
func interruptTime(query *windows.LazyProc) time.Duration {
	if query.Find() != nil {
		return Unknown
	}
	var count uint64
	query.Call(uintptr(unsafe.Pointer(&count)))
	return time.Duration(count) * 100
}

// adjustment is what GetSystemTimeAdjustment tells: by how much the wall clock is
// moved each increment, both in 100 ns, and whether nobody steers it.
type adjustment struct {
	by, increment uint32
	disabled      bool
}

func readAdjustment() (adjustment, error) {
	var a adjustment
	var disabled uint32
	ok, _, err := procGetSystemTimeAdjustment.Call(uintptr(unsafe.Pointer(&a.by)),
		uintptr(unsafe.Pointer(&a.increment)), uintptr(unsafe.Pointer(&disabled)))
	if ok == 0 {
		return a, fmt.Errorf("GetSystemTimeAdjustment: %w", err)
	}
	a.disabled = disabled != 0
	return a, nil
}

func judge(r Reading, stepped *steps) verdict {
	a, err := readAdjustment()
	if err != nil {
		return unknown(err.Error())
	}
	return windowsSync(a.disabled, stepped.since(r, word{freq: int64(a.by)}))
}

// facts returns what the system tells of its wall clock, and its count of boots.
func facts() []Fact {
	boots := Fact{"boots", nil, "the system's own count"}
	if n := bootCount(); n != 0 {
		boots.Value = int64(n)
	}
	a, err := readAdjustment()
	if err != nil {
		return []Fact{boots, {"time adjustment", nil, err.Error()}}
	}
	return []Fact{
		boots,
		{"time adjustment disabled", a.disabled, "true: no service steers the wall clock"},
		{"time adjustment", time.Duration(a.by) * 100, "what the wall clock is moved by each increment"},
		{"time increment", time.Duration(a.increment) * 100, ""},
	}
}

func identify() Identity {
	v := windows.RtlGetVersion()
	id := Identity{Kernel: fmt.Sprintf("%d.%d.%d", v.MajorVersion, v.MinorVersion, v.BuildNumber)}
	if machine, ok := parseUUID(machineGUID()); ok {
		id.Machine = appID(machine, "")
		if n := bootCount(); n != 0 {
			id.Boot = appID(machine, "boot "+strconv.FormatUint(uint64(n), 10))
		}
	}
	return id
}

func machineGUID() string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SOFTWARE\Microsoft\Cryptography`,
		registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return ""
	}
	defer key.Close()
	guid, _, _ := key.GetStringValue("MachineGuid")
	return guid
}

// bootCount returns how often this Windows has booted, 0 where it doesn't say. It
// is the kernel's own count, BootId of the page that it shows to every process
// (KUSER_SHARED_DATA): the registry's copy lags behind it early in a boot.
func bootCount() uint32 {
	const address = 0x7ffe0000 + 0x2c4
	var b [4]byte
	err := windows.ReadProcessMemory(windows.CurrentProcess(), address, &b[0], uintptr(len(b)), nil)
	if err != nil {
		return 0
	}
	return binary.NativeEndian.Uint32(b[:])
}
