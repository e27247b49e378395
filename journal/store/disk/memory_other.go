//go:build !linux

package disk

// InMemory returns "": this system isn't asked whether a folder survives a reboot.
func InMemory(string) string { return "" }
