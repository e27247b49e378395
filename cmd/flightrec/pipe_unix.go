//go:build !windows

package main

import (
	"os/signal"
	"syscall"
)

// errPipe is what writing gives when the reader has gone.
const errPipe = syscall.EPIPE

// keepPipes makes writing to a closed pipe, or to a file that may not grow, an error
// instead of the program's end.
func keepPipes() { signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ) }
