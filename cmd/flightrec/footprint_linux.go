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
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	var from, to uintptr
	ours := false
	for line := range strings.Lines(string(maps)) {
		var begin, end uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &begin, &end); n == 2 {
			from, to = begin, end
			ours = strings.HasSuffix(strings.TrimSpace(line), " "+program)
			continue
		}
		// What was written isn't in the file; a linker that moves the program writes
		// into parts that are read-only by now.
		if written, ok := strings.CutPrefix(line, "Anonymous:"); ok && ours && strings.TrimSpace(written) == "0 kB" {
			syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}
