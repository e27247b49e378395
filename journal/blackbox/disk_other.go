//go:build !linux

package blackbox

// deviceOf knows of no device.
func deviceOf(string) string { return "" }

// spaceOf doesn't know.
func spaceOf(string) (free, readOnly int64, ok bool) { return 0, 0, false }
