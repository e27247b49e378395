package clock

import (
	"strings"
	"testing"
	"time"
)

func TestStatusNames(t *testing.T) {
	for _, tt := range []struct {
		status int32
		want   string
	}{
		{0, ""},
		{0x40, "UNSYNC"},
		{0x2001, "PLL NANO"},
		{0x2041, "PLL UNSYNC NANO"},
		{0xffff, "PLL PPSFREQ PPSTIME FLL INS DEL UNSYNC FREQHOLD PPSSIGNAL PPSJITTER PPSWANDER PPSERROR CLOCKERR NANO MODE CLK"},
	} {
		if got := strings.Join(statusNames(tt.status), " "); got != tt.want {
			t.Errorf("%#x: %q, want %q", tt.status, got, tt.want)
		}
	}
}

func TestStateName(t *testing.T) {
	for state, want := range map[int]string{0: "TIME_OK", 4: "TIME_WAIT", 6: "", -1: ""} {
		if got := stateName(state); got != want {
			t.Errorf("%d: %q, want %q", state, got, want)
		}
	}
}

// TestDescribe demands that the facts are what the reading was made of, and that
// every value is of a kind that a Fact may have.
func TestDescribe(t *testing.T) {
	r, all := Describe()
	byName := make(map[string]any)
	for _, f := range all {
		if _, twice := byName[f.Name]; twice {
			t.Errorf("%s is told twice", f.Name)
		}
		byName[f.Name] = f.Value
		switch f.Value.(type) {
		case nil, string, bool, int64, float64, time.Time, time.Duration:
		default:
			t.Errorf("%s is a %T", f.Name, f.Value)
		}
	}
	if byName["boot clock"] != r.Boot || !byName["wall clock"].(time.Time).Equal(r.Wall) {
		t.Errorf("reading %+v, facts %v", r, byName)
	}
	if maxError, ok := byName["adjtimex max error"].(time.Duration); ok && r.Source == "adjtimex" {
		if (maxError < SyncLimit) != (r.Sync == SyncSynced) && byName["adjtimex est error"] != 16*time.Microsecond {
			t.Errorf("maximum error %v, but %v", maxError, r.Sync)
		}
	}
}
