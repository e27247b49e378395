//go:build !linux

package disk

// prewrites reports whether a log is best written with zeros beforehand: that was
// measured on Linux only.
func prewrites(string) bool { return false }
