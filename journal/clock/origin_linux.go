package clock

import (
	"os"
	"strings"
)

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// origin says whose boot the boot ID names, and what kind of container laid it over
// the kernel's. A container with a time namespace of its own has a boot clock of its
// own as well, so its boot ID and its boot clock belong together as a kernel's do.
func origin() (BootOrigin, string) {
	over, from := laidOver(content("/proc/self/mountinfo"))
	switch {
	case !exists(bootIDFile):
		return BootOriginUnknown, ""
	case !over, parseTimens(content("/proc/self/timens_offsets")).boottime != 0:
		return BootOriginKernel, ""
	}
	return BootOriginContainer, containerKind("/", from)
}

// laidOver reports whether a table of mounts, as proc_pid_mountinfo(5) describes it,
// has one on the boot ID, and what was bound there:
//
//	36 35 0:5 /.lxc-boot-id /proc/sys/kernel/random/boot_id ro,nosuid - tmpfs none rw
//	          from          on
func laidOver(mounts string) (over bool, from string) {
	for line := range strings.Lines(mounts) {
		f := strings.Fields(line)
		switch {
		case len(f) < 5:
		case f[4] == bootIDFile:
			over, from = true, f[3]
		case f[4] == "/proc": // hides what was mounted below it
			over, from = false, ""
		}
	}
	return over, from
}

// containerKind names the kind of container whose files are below root: as systemd
// notes it (https://systemd.io/CONTAINER_INTERFACE), else by the file that was bound
// over the boot ID (lxc: conf.c; systemd: nspawn.c), else by the files that engines
// leave; "other" if nothing tells.
func containerKind(root, from string) string {
	for _, name := range []string{"run/systemd/container", "run/host/container-manager"} {
		if kind := content(root + name); isWord(kind) {
			return kind
		}
	}
	switch {
	case strings.Contains(from, "lxc-boot-id"):
		return "lxc"
	case strings.Contains(from, "proc-sys-kernel-random-boot-id"):
		return "systemd-nspawn"
	case exists(root + "run/.containerenv"):
		return "podman"
	case exists(root + ".dockerenv"):
		return "docker"
	}
	return "other"
}

// isWord reports whether text is a word of lower-case letters, digits and hyphens.
func isWord(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	return text != "" && len(text) <= 32 && !strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune(letters, r) })
}

// serial returns the board's serial number, from the first source that has one. Only
// sources that every user may read count, so that the number doesn't change with who
// records: not those of DMI, which are root's.
func serial() string {
	for _, text := range []string{
		content("/proc/device-tree/serial-number"),
		content("/sys/devices/soc0/serial_number"),
		cpuSerial(content("/proc/cpuinfo")),
	} {
		if isSerial(text) {
			return text
		}
	}
	return ""
}

// cpuSerial returns the serial number in /proc/cpuinfo, where 32-bit ARM kernels have
// it:
//
//	Serial		: 00000000c0ffee00
func cpuSerial(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "Serial" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// content returns a small file's text, without the blanks and NULs around it; empty
// if it can't be read.
func content(name string) string {
	b, _ := os.ReadFile(name)
	return strings.Trim(string(b), "\x00 \t\r\n")
}
