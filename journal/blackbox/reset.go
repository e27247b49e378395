package blackbox

// powerOnReason is what drivers of some boards say (sysfs-platform-power-on-reason).
func powerOnReason(b *Box) (all []string) {
	for _, name := range b.glob("sys/bus/platform/devices/*/power_on_reason") {
		all = append(all, one(b.text(name))...)
	}
	return all
}

// pscrr is what the kernel before noted in memory that outlives a reset.
func pscrr(b *Box) []string {
	for _, name := range []string{"reason_boot", "reason"} {
		if text := b.text("sys/kernel/pscrr/" + name); text != "" {
			return []string{text}
		}
	}
	return nil
}
