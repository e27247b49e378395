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
