package clock

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// verdict is what a system says of its wall clock: the last four fields of a
// Reading.
type verdict struct {
	Sync     Sync
	MaxError time.Duration
	Source   Source
	Reason   string
}

// unknown returns the verdict of a system that can't tell, and why.
func unknown(reason string) verdict { return verdict{MaxError: Unknown, Reason: reason} }

// Bits of a kernel's clock status (struct timex), the same on every system that has it.
const (
	staPLL    = 0x0001
	staUnsync = 0x0040
	staNano   = 0x2000
)

// startup reports whether a daemon has only started. ntpd, and ntpsec before 1.2.5, write
// both errors as 16 µs (16 s is meant) before any server has answered, and the kernel
// lets the maximum grow from there by 500 µs a second.
func startup(maxError, estError int64) bool { return estError == 16 && maxError%500 == 16 }

// linuxSync classifies what adjtimex(2) returns; the errors are in microseconds.
//
// STA_UNSYNC decides nothing. chrony without rtcsync leaves it set for ever on a
// clock that it keeps right, and ntpd clears it before it knows the time. The
// maximum error is what all daemons that know the time do write.
func linuxSync(status int32, maxError, estError int64) verdict {
	v := verdict{Sync: SyncUnsynced, MaxError: Unknown, Source: SourceAdjtimex}
	bound := time.Duration(maxError) * time.Microsecond
	switch {
	case bound < SyncLimit && startup(maxError, estError):
	case bound < SyncLimit:
		v.Sync, v.MaxError = SyncSynced, bound
	case status&staPLL != 0 && status&staNano == 0 && estError >= SyncLimit.Microseconds():
		// busybox ntpd steers the clock and never writes the errors; ntpd looks the
		// same from its step until it is sure. With STA_NANO it is systemd-timesyncd
		// after a step by someone else, with a small estimate an ntpd that has had no
		// answer for nine hours.
		v.Sync = SyncWeak
	}
	return v
}

// windowsSync classifies what GetSystemTimeAdjustment returns: whether a service steers
// the clock, as the time service does while it is synchronised. Others may steer it as
// well, so the evidence is weak. stepped says whether the clock was stepped since the
// steering last changed.
func windowsSync(disabled, stepped bool) verdict {
	v := verdict{Sync: SyncWeak, MaxError: Unknown, Source: SourceWindows}
	switch {
	case disabled:
		return unknown("Windows doesn't tell whether its clock is synchronised; name an NTP server to ask")
	case stepped:
		v.Sync = SyncUnsynced
	}
	return v
}

// errKilled is why adjtimex(2) isn't called where a seccomp filter would kill the
// recorder for it.
var errKilled = errors.New("a seccomp filter kills whoever calls it")

// refusal tells why adjtimex(2) failed, with the cure where there is one.
func refusal(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("adjtimex: %v: a sandbox forbids it; in a systemd unit, "+
			"remove ProtectClock= and allow adjtimex in SystemCallFilter=", err)
	case errors.Is(err, errKilled):
		return fmt.Sprintf("adjtimex: %v; allow adjtimex in it, in a systemd unit by SystemCallFilter=", err)
	case errors.Is(err, errors.ErrUnsupported):
		return fmt.Sprintf("adjtimex: %v: this kernel or container doesn't have it; name an NTP server to ask", err)
	}
	return fmt.Sprintf("adjtimex: %v", err)
}
