package clock

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// The states that time daemons were seen to leave in the kernel.
func TestLinuxSync(t *testing.T) {
	const limit = 16_000_000
	tests := []struct {
		name               string
		status             int32
		maxError, estError int64
		want               Sync
	}{
		{"nobody since boot", 0x40, limit, limit, SyncUnsynced},
		{"date -s after timesyncd", 0x2040, limit, limit, SyncUnsynced},
		{"date -s after timesyncd slewed", 0x2041, limit, limit, SyncUnsynced},
		{"timesyncd, slewing", 0x2001, 0, 0, SyncSynced},
		{"timesyncd, slewing, 34 min after", 0x2001, 1_024_000, 0, SyncSynced},
		{"timesyncd, jumped", 0x2000, 0, 0, SyncSynced},
		{"chrony with rtcsync", 0x0, 1577, 4, SyncSynced},
		{"chrony without rtcsync", 0x40, 1571, 20, SyncSynced},
		{"chrony just started, or slewing far", 0x40, limit, limit, SyncUnsynced},
		{"ntpd synchronised", 0x2001, 23_412, 1_031, SyncSynced},
		{"ntpd before any answer", 0x1, 16, 16, SyncUnsynced},
		{"ntpd before any answer, a minute on", 0x1, 16 + 60*500, 16, SyncUnsynced},
		{"ntpd without an answer for nine hours", 0x41, limit, 16, SyncUnsynced},
		{"ntpd, just stepped the clock", 0x41, limit, limit, SyncWeak},
		{"ntpd, its first word", 0x6001, 938_725, 17, SyncSynced},
		{"ntpd by chance at that error", 0x2001, 16, 17, SyncSynced},
		{"busybox ntpd, just polled", 0x81, limit, limit, SyncWeak},
		{"busybox ntpd, PLL", 0x1, limit, limit, SyncWeak},
		{"busybox ntpd, between polls", 0xc1, limit, limit, SyncWeak},
		{"busybox ntpd, PLL, between polls", 0x41, limit, limit, SyncWeak},
		{"openntpd from 6.9p1", 0x0, 0, 0, SyncSynced},
		{"openntpd 6.2p3", 0x40, limit, limit, SyncUnsynced},
		{"phc2sys", 0x10, 0, 0, SyncSynced},
		{"network lost, 8 h 53 min", 0x0, limit - 500, 4, SyncSynced},
		{"network lost, nine hours", 0x40, limit, 4, SyncUnsynced},
		{"ntpd, network lost for nine hours", 0x2041, limit, 1_031, SyncUnsynced},
		{"htpdate, a second after it set the clock", 0x40, limit, limit, SyncUnsynced},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := linuxSync(tt.status, tt.maxError, tt.estError)
			want := verdict{Sync: tt.want, MaxError: Unknown, Source: "adjtimex"}
			if tt.want == SyncSynced {
				want.MaxError = time.Duration(tt.maxError) * time.Microsecond
			}
			if got != want {
				t.Errorf("linuxSync(%#x, %d, %d) = %+v, want %+v", tt.status, tt.maxError, tt.estError, got, want)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	for errno, cure := range map[syscall.Errno]string{
		syscall.EPERM:  "remove ProtectClock=",
		syscall.EACCES: "SystemCallFilter=",
		syscall.ENOSYS: "name an NTP server",
		syscall.EFAULT: "",
	} {
		v := unknown(refusal(errno))
		if v.Sync != SyncUnknown || v.MaxError != Unknown || v.Source != "" {
			t.Errorf("%v: verdict %+v isn't unknown", errno, v)
		}
		if !strings.HasPrefix(v.Reason, "adjtimex: "+errno.Error()) || !strings.Contains(v.Reason, cure) {
			t.Errorf("%v: reason %q, want cure %q", errno, v.Reason, cure)
		}
	}
}

func TestWindowsSync(t *testing.T) {
	for _, tt := range []struct {
		disabled, stepped bool
		want              Sync
	}{
		{true, false, SyncUnknown}, // nobody steers it: also what Wine says
		{true, true, SyncUnknown},
		{false, false, SyncWeak},
		{false, true, SyncUnsynced},
	} {
		v := windowsSync(tt.disabled, tt.stepped)
		if v.Sync != tt.want || v.MaxError != Unknown || (v.Source == "") != (v.Sync == SyncUnknown) || (v.Reason == "") == (v.Source == "") {
			t.Errorf("disabled %v, stepped %v: %+v", tt.disabled, tt.stepped, v)
		}
	}
}

func TestNTPTime(t *testing.T) {
	const limit = 16_000_000
	tests := []struct {
		name    string
		t       ntptime
		stepped bool
		want    Sync
	}{
		{"FreeBSD at boot", ntptime{500_000, 500_000, true}, false, SyncUnsynced},
		{"ntpd synchronised", ntptime{23_412, 1_031, false}, false, SyncSynced},
		{"ntpd before any answer", ntptime{516, 16, false}, false, SyncUnsynced},
		{"set by hand", ntptime{23_412, 1_031, false}, true, SyncUnsynced},
		{"network lost for nine hours", ntptime{limit + 200_000, 1_031, false}, false, SyncUnsynced},
		{"lost for eight", ntptime{limit - 1, 1_031, false}, false, SyncSynced},
	}
	for _, tt := range tests {
		v := tt.t.classify("ntp_gettime", tt.stepped)
		want := verdict{Sync: tt.want, MaxError: Unknown, Source: "ntp_gettime"}
		if tt.want == SyncSynced {
			want.MaxError = time.Duration(tt.t.maxError) * time.Microsecond
		}
		if v != want {
			t.Errorf("%s: %+v, want %+v", tt.name, v, want)
		}
	}
}
