package main

import (
	"bufio"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// freeMemory returns how many bytes this process can still take: of the machine's, of its
// control group's, and of its own address space. What isn't known doesn't count.
func freeMemory(root fs.FS) int64 {
	free := int64(math.MaxInt64)
	if available, ok := field(root, "proc/meminfo", "MemAvailable:"); ok {
		swap, _ := field(root, "proc/meminfo", "SwapFree:")
		free = (available + swap) << 10
	}
	// Of a control group's memory only what is anonymous stays taken
	// (https://docs.kernel.org/admin-guide/cgroup-v2.html).
	if text, err := fs.ReadFile(root, "proc/self/cgroup"); err == nil {
		for line := range strings.Lines(string(text)) {
			group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::/")
			if !ok {
				continue
			}
			group = path.Join("sys/fs/cgroup", group)
			most, err := fs.ReadFile(root, group+"/memory.max")
			limit, bad := strconv.ParseInt(strings.TrimSpace(string(most)), 10, 64)
			anonymous, known := field(root, group+"/memory.stat", "anon")
			if err == nil && bad == nil && known {
				free = min(free, limit-anonymous)
			}
		}
	}
	var space unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &space) == nil && space.Cur < math.MaxInt64 {
		if used, ok := field(root, "proc/self/status", "VmSize:"); ok {
			free = min(free, int64(space.Cur)-used<<10)
		}
	}
	return free
}

// field returns the number behind a word that begins a line of a file.
func field(root fs.FS, name, word string) (n int64, ok bool) {
	f, err := root.Open(name)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if w := strings.Fields(lines.Text()); len(w) > 1 && w[0] == word {
			n, err := strconv.ParseInt(w[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
