package main

import (
	"fmt"

	"flightrec/journal/store"
)

// What a report takes at least: the program, and so many bytes of memory for each that the
// journal takes on disk (36,500 flights of 5.4 MB took 94 MB).
const (
	leastMemory   = 12 << 20
	memoryPerByte = 10
)

// smallJournal is the size of a journal, in bytes, that any machine can read: ten years of
// a machine that is up for days.
const smallJournal = 1 << 20

// foresee returns an error if less memory is free than reading a journal takes: the kernel
// would end the program without a word, or Go's runtime with many.
func foresee(dir string, freeMemory func() int64) error {
	size := store.Size(dir)
	if size < smallJournal {
		return nil
	}
	need, free := leastMemory+memoryPerByte*size, freeMemory()
	if need <= free {
		return nil
	}
	return hintError{
		fmt.Errorf("reading journal %s: takes %d MB of memory at least, and %d MB are free", dir, need>>20, max(free, 0)>>20),
		"Copy the folder to a larger machine, and read it there.",
	}
}
