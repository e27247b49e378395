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

// Neither clock is disciplined, so the awake one is the raw one too.
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

var stepped steps

// judge has weak evidence at best: that a service steers the clock, which the
// time service does while it is synchronised, and others may.
func judge(r Reading) verdict {
	var adjustment, increment, disabled uint32
	ok, _, err := procGetSystemTimeAdjustment.Call(uintptr(unsafe.Pointer(&adjustment)),
		uintptr(unsafe.Pointer(&increment)), uintptr(unsafe.Pointer(&disabled)))
	if ok == 0 {
		return unknown("GetSystemTimeAdjustment: " + err.Error())
	}
	set := stepped.since(r, word{freq: int64(adjustment)})
	switch {
	case disabled != 0:
		return unknown("Windows doesn't tell whether its clock is synchronised; name an NTP server to ask")
	case set:
		return verdict{Sync: Unsynced, MaxError: Unknown, Source: "GetSystemTimeAdjustment"}
	}
	return verdict{Sync: Weak, MaxError: Unknown, Source: "GetSystemTimeAdjustment"}
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
