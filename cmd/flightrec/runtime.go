package main

import (
	"io/fs"
	"path/filepath"
	"runtime"
	"runtime/debug"
)

// keepSmall sets the Go runtime up for a program that does next to nothing for
// years: one processor, since a second one only brings caches and threads of its
// own, and a heap that is collected when it has grown by a fifth, instead of not
// before it holds 4 MiB.
func keepSmall() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(20)
}

// keepStill has the collector run no more than it must, once all is set up: when
// two megabytes more are taken than now, which is after a thousand heartbeats or
// so. Else the runtime would collect every two minutes, for 3 ms; twelve heartbeats
// take 6. With one megabyte there would be no room for what the store takes in
// turn, and the collector would run all the time.
func keepStill() {
	debug.FreeOSMemory()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	debug.SetMemoryLimit(int64(now.Sys-now.HeapReleased) + 2<<20)
	debug.SetGCPercent(-1)
	forgetStart()
}

// keepQuick has the collector leave a program alone that reads the journal in dir: of
// what that takes nearly all is needed until the end, so to look for what isn't would
// be in vain; and where it looks at room that is still to be filled, the system gives
// the memory twice. It looks when eight times as much is taken as the files take, which
// is more than their flights need, but not before 44 MB, and not later than 1 GB.
func keepQuick(dir string) {
	const least = 4 << 20 // what the runtime looks at with 100 percent
	taken := min(max(44<<20, 8*bytesIn(dir)), 1<<30)
	debug.SetGCPercent(int(100 * taken / least))
}

// bytesIn returns how large the files of a folder are, as far as they can be seen.
func bytesIn(dir string) (size int64) {
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}
