package main

import (
	"runtime"
	"runtime/debug"
)

// tuneReader sets the Go runtime up for what is made of so many flights. It needs nearly
// all of its memory until it ends, so that collecting finds little: without, a report on
// 3,650 flights takes 144 million instructions instead of 174, one on 36,500 1,359 instead
// of 1,763, and 145 MB instead of 124. That many take 90 MB at most at one time; above,
// memory counts for more.
func tuneReader(flights int) {
	if flights > 40_000 {
		debug.SetGCPercent(100)
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(160 << 20)
}

// tuneDaemon sets the Go runtime up for a program that does next to nothing for years.
// It is called when all that stays is set up.
//
// One processor is enough: with two, threads switch 11 times a heartbeat instead of 8.
// Memory is collected when two megabytes more are taken than now, which is after some
// thousand heartbeats: 16 MB stay resident instead of 22, and the collections that the
// runtime makes every two minutes otherwise, of 3 ms each, stay away. With a limit of
// one megabyte the store's own buffers would keep the collector busy.
func tuneDaemon() {
	runtime.GOMAXPROCS(1)
	debug.FreeOSMemory()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	debug.SetMemoryLimit(int64(now.Sys-now.HeapReleased) + 2<<20)
	debug.SetGCPercent(-1)
}
