package disk

// Type returns the type of the file system that dir lies on, as /proc/mounts has it; ""
// where that isn't known.
func Type(dir string) string {
	if mount := mountOf(dir); mount != nil {
		return mount.FSType
	}
	return ""
}
