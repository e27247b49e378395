package main

import (
	"os"
	"syscall"
)

// errPipe is what writing gives when the reader has gone: ERROR_NO_DATA.
const errPipe = syscall.Errno(232)

func keepPipes() {}

// interrupt ends the program as an interrupt would have: with STATUS_CONTROL_C_EXIT.
func interrupt() { os.Exit(0xC000013A) }
