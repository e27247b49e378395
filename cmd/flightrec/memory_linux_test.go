package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// TestFreeMemory demands that the narrowest of the limits is found.
func TestFreeMemory(t *testing.T) {
	const meminfo = "MemTotal: 500000 kB\nMemAvailable:  300000 kB\nSwapFree: 1000 kB\n"
	for name, tt := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"the machine's": {map[string]string{"proc/meminfo": meminfo}, 301000 << 10},
		"a group's": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/system.slice/x.service\n",
			"sys/fs/cgroup/system.slice/x.service/memory.max":  "67108864\n",
			"sys/fs/cgroup/system.slice/x.service/memory.stat": "anon 7108864\nfile 60000000\n",
		}, 60000000},
		"a group without a limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "1:memory:/old\n0::/\n",
			"sys/fs/cgroup/memory.max": "max\n", "sys/fs/cgroup/memory.stat": "anon 7108864\n",
		}, 301000 << 10},
	} {
		root := fstest.MapFS{}
		for file, text := range tt.files {
			root[file] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := freeMemory(root); got != tt.want {
			t.Errorf("%s: %d bytes are free, want %d", name, got, tt.want)
		}
	}
}

// TestForesee demands that a journal is refused only where it certainly has no room.
func TestForesee(t *testing.T) {
	dir := t.TempDir()
	lane := filepath.Join(dir, "lane-0")
	if err := os.Mkdir(lane, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(lane, "000004.sst"), make([]byte, 2<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	is := func(free int64) func() int64 { return func() int64 { return free } }
	if err := foresee(dir, is(32<<20)); err != nil {
		t.Error(err)
	}
	if err := foresee(dir, is(32<<20-1)); err == nil || !strings.HasSuffix(err.Error(), "takes 32 MB of memory at least, and 31 MB are free") {
		t.Error(err)
	}
}
