package clock

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLaidOver(t *testing.T) {
	const (
		proc = "25 30 0:23 / /proc rw,relatime shared:13 - proc proc rw\n"
		lxc  = "512 25 0:61 /.lxc-boot-id /proc/sys/kernel/random/boot_id ro,nosuid,nodev,noexec,relatime - tmpfs none rw,size=492k\n"
		uuid = "513 25 0:23 /sys/kernel/random/uuid /proc/sys/kernel/random/boot_id rw - proc proc rw\n"
	)
	for _, tt := range []struct {
		name, mounts string
		over         bool
		from         string
	}{
		{"the kernel's", proc, false, ""},
		{"a container's", proc + lxc, true, "/.lxc-boot-id"},
		{"another file of proc", proc + uuid, true, "/sys/kernel/random/uuid"},
		{"proc mounted anew", proc + lxc + proc, false, ""},
		{"no table", "", false, ""},
	} {
		if over, from := laidOver(tt.mounts); over != tt.over || from != tt.from {
			t.Errorf("%s: %v, %q, want %v, %q", tt.name, over, from, tt.over, tt.from)
		}
	}
}

func TestContainerKind(t *testing.T) {
	for _, tt := range []struct {
		file, text, from, want string
	}{
		{"run/systemd/container", "lxc\n", "", "lxc"},
		{"run/host/container-manager", "systemd-nspawn", "", "systemd-nspawn"},
		{"run/systemd/container", "two words", "", "other"},
		{"run/systemd/container", "\x1b[31m", "/.lxc-boot-id", "lxc"},
		{"etc/motd", "", "/.lxc-boot-id", "lxc"},
		{"etc/motd", "", "/proc-sys-kernel-random-boot-id", "systemd-nspawn"},
		{"run/.containerenv", "", "/x", "podman"},
		{".dockerenv", "", "/x", "docker"},
		{"etc/motd", "", "/x", "other"},
	} {
		root := t.TempDir() + "/"
		if err := os.MkdirAll(filepath.Dir(root+tt.file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(root+tt.file, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := containerKind(root, tt.from); got != tt.want {
			t.Errorf("%s %q, bound from %q: %q, want %q", tt.file, tt.text, tt.from, got, tt.want)
		}
	}
}

func TestCPUSerial(t *testing.T) {
	const cpuinfo = "processor\t: 0\nmodel name\t: ARMv6-compatible processor rev 7 (v6l)\n\nHardware\t: BCM2835\nSerial\t\t: 00000000c0ffee00\n"
	if got, want := cpuSerial(cpuinfo), "00000000c0ffee00"; got != want {
		t.Errorf("serial %q, want %q", got, want)
	}
	if got := cpuSerial("processor : 0\nserial_tag : 7\n"); got != "" {
		t.Errorf("serial %q where there is none", got)
	}
}
