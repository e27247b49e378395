package fleet

import (
	"bufio"
	"fmt"
	"os"
)

// spill holds bytes by number, in memory up to a limit and in a temporary file beyond it.
type spill struct {
	limit   int
	held    int // how much is in memory
	shelves []shelf
	file    *os.File // nil while memory is enough
	size    int64
}

// shelf holds what was added under one number.
type shelf struct {
	pieces []piece // in the file, in order
	memory []byte  // added after them
}

// piece is a stretch of the file.
type piece struct {
	at   int64
	size int
}

// add appends text to what is held under a number.
func (s *spill) add(n int, text []byte) error {
	for n >= len(s.shelves) {
		s.shelves = append(s.shelves, shelf{})
	}
	s.shelves[n].memory = append(s.shelves[n].memory, text...)
	if s.held += len(text); s.held <= s.limit {
		return nil
	}
	return s.empty()
}

// empty writes all that is in memory to the file.
func (s *spill) empty() (err error) {
	if s.file == nil {
		if s.file, err = createTemporary(); err != nil {
			return fmt.Errorf("making a temporary file: %w", err)
		}
	}
	out := bufio.NewWriterSize(s.file, 1<<20)
	for i := range s.shelves {
		sh := &s.shelves[i]
		if len(sh.memory) == 0 {
			continue
		}
		out.Write(sh.memory) // an error comes again with Flush
		if n := len(sh.pieces); n > 0 && sh.pieces[n-1].at+int64(sh.pieces[n-1].size) == s.size {
			sh.pieces[n-1].size += len(sh.memory)
		} else {
			sh.pieces = append(sh.pieces, piece{s.size, len(sh.memory)})
		}
		s.size += int64(len(sh.memory))
		sh.memory = nil
	}
	s.held = 0
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing a temporary file: %w", err)
	}
	return nil
}

// read returns what is held under a number. Several may read at the same time.
func (s *spill) read(n int) ([]byte, error) {
	if n >= len(s.shelves) {
		return nil, nil
	}
	sh := &s.shelves[n]
	size := len(sh.memory)
	for _, p := range sh.pieces {
		size += p.size
	}
	text := make([]byte, 0, size)
	for _, p := range sh.pieces {
		if _, err := s.file.ReadAt(text[len(text):len(text)+p.size], p.at); err != nil {
			return nil, fmt.Errorf("reading a temporary file: %w", err)
		}
		text = text[:len(text)+p.size]
	}
	return append(text, sh.memory...), nil
}

// close gives the file back.
func (s *spill) close() {
	if s.file != nil {
		s.file.Close()
	}
}
