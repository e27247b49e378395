//go:build !windows

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// errPipe is what writing gives when the reader has gone.
const errPipe = syscall.EPIPE

// keepPipes makes writing to a closed pipe, or to a file that may not grow, an error
// instead of the program's end.
func keepPipes() { signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ) }

// interrupt ends the program as an interrupt would have: a shell asks how it ended.
func interrupt() {
	signal.Reset(os.Interrupt)
	syscall.Kill(os.Getpid(), syscall.SIGINT)
	select {}
}
