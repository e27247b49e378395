package blackbox

import (
	"encoding/binary"
	"fmt"
	"path"
	"strings"
)

// chosen is where firmware leaves what it has to tell, in the device tree as the kernel
// shows it (/proc/device-tree is a link to it).
const chosen = "sys/firmware/devicetree/base/chosen"

// property returns the first of some properties that there is: one of four bytes is a
// number, big-endian as the device tree has it.
func (b *Box) property(dir string, names ...string) string {
	for _, name := range names {
		raw := b.raw(path.Join(chosen, dir, name))
		switch {
		case len(raw) == 4:
			return fmt.Sprintf("0x%x", binary.BigEndian.Uint32(raw))
		case len(raw) > 0:
			return strings.Trim(string(raw), "\x00 \n")
		}
	}
	return ""
}

// powerReset is what the power chip of a Raspberry Pi 5 says. Some firmware calls it
// reset_event.
func powerReset(b *Box) []string { return one(b.property("power", "power_reset", "reset_event")) }

// resetStatus is the register as the firmware found it. Its documentation spells it
// pm_rsts, programs that read it rsts.
func resetStatus(b *Box) []string { return one(b.property("bootloader", "rsts", "pm_rsts")) }

// resetSource is what barebox leaves: POR, RST, WDG, THERM, EXT, BROWNOUT and others.
func resetSource(b *Box) []string { return one(b.text(path.Join(chosen, "reset-source"))) }

// supply is what a Raspberry Pi 5 was told by its power supply.
func supply(b *Box) []string {
	var all []string
	for _, name := range []string{"max_current", "usb_over_current_detected", "sd_overcurrent"} {
		if text := b.property("power", name); text != "" {
			all = append(all, name+"="+text)
		}
	}
	return one(strings.Join(all, " "))
}
