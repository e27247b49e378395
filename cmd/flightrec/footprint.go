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
	forgetStart()
}

// keepQuick has the collector leave a program alone that reads a journal: of what that
// takes nearly all is needed until the end, so to look for what isn't would be in vain.
// It looks when 44 MB are taken, and again when there is twelve times as much as was
// needed then.
func keepQuick() { debug.SetGCPercent(1100) }

// keepBounded has the collector keep a program that has read this many flights, and
// is about to ground them, to about a kilobyte for each, and to what the program itself
// takes.
func keepBounded(flights int) { debug.SetMemoryLimit(perGrounder + perFlight*int64(flights)) }

// giveBack collects what grounding took, and has the collector see to it that what
// then is written finds room there.
func giveBack(flights int) {
	runtime.GC()
	debug.SetMemoryLimit(perWriter + perFlight*int64(flights))
}

const (
	perGrounder = 14 << 20
	perWriter   = 8 << 20
	perFlight   = 1000
)
