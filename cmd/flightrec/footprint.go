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

// keepBounded has the collector keep a program that reads this many flights, and then
// ends, to about a kilobyte for each, and to what the program itself takes. Of the
// flights that it reads nearly all is needed until the end, so to look for what isn't
// before the memory is used up would be in vain.
func keepBounded(flights int) { debug.SetMemoryLimit(perReader + perFlight*int64(flights)) }

const (
	perReader = 10 << 20
	perFlight = 1000
)
