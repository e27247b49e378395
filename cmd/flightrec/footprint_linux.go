package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// forgetStart gives back the pages of the program's file that only its start took,
// which are nearly all: they are resident until the machine is short of memory.
// Those that a heartbeat takes come back with the next one, from the page cache.
func forgetStart() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		var from, to uintptr
		var rights string
		fmt.Sscanf(line, "%x-%x %s", &from, &to, &rights)
		// What is writable may have been written, and isn't in the file then.
		if strings.HasSuffix(strings.TrimSpace(line), " "+program) && rights[1] == '-' {
			syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}
