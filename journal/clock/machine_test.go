package clock

import (
	"runtime"
	"testing"
)

func TestIdentify(t *testing.T) {
	a, b := Identify(), Identify()
	if a != b {
		t.Errorf("two answers: %+v and %+v", a, b)
	}
	if want := runtime.GOOS + "/" + runtime.GOARCH; a.OS != want {
		t.Errorf("OS %q, want %q", a.OS, want)
	}
}

// The value is what `systemd-id128 machine-id -a` prints for this machine ID and
// flightrec's app ID.
func TestAppID(t *testing.T) {
	machine, ok := parseUUID("3d1219c7c4c5404aaa1f6d2a48adfda4\n")
	if !ok {
		t.Fatal("machine ID refused")
	}
	const want = "abd658b7-c6ca-4686-bcc8-d751ee95d7b1"
	if got := appID(machine, ""); got != want {
		t.Errorf("appID = %s, want %s", got, want)
	}
	if got := appID(machine, "10000000c0ffee00"); got == want {
		t.Error("the serial number changes nothing")
	}
}

func TestParseUUID(t *testing.T) {
	const canon = "3d1219c7-c4c5-404a-aa1f-6d2a48adfda4"
	for _, text := range []string{canon, "3d1219c7c4c5404aaa1f6d2a48adfda4\n", " 3D1219C7-C4C5-404A-AA1F-6D2A48ADFDA4"} {
		if u, ok := parseUUID(text); !ok || u.String() != canon {
			t.Errorf("parseUUID(%q) = %v, %v", text, u, ok)
		}
	}
	for _, text := range []string{"", "uninitialized", "00000000-0000-0000-0000-000000000000", canon + "00", canon[:35], "g" + canon[1:]} {
		if u, ok := parseUUID(text); ok {
			t.Errorf("parseUUID(%q) = %v, want refusal", text, u)
		}
	}
}

func TestHardwareID(t *testing.T) {
	pi := hardwareID("10000000c0ffee00")
	if id, ok := parseUUID(pi); !ok || id.String() != pi || pi == hardwareID("10000000c0ffee01") || pi != hardwareID("10000000c0ffee00") {
		t.Errorf("hardware ID %q", pi)
	}
	for _, serial := range []string{"", "0000000000000000", "0x00000000", "None", "To Be Filled By O.E.M.", "ffffffff"} {
		if id := hardwareID(serial); id != "" {
			t.Errorf("serial number %q made %q", serial, id)
		}
	}
}
