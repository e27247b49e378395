package main

import (
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
}
