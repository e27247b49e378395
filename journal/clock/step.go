package clock

import "sync"

// word holds what a time daemon last wrote into the kernel, in the kernel's units; zero
// where a system doesn't show it.
type word struct{ maxError, offset, freq, constant int64 }

// follows reports whether a daemon wrote between p and w. Without a daemon the maximum
// error only grows and the offset only shrinks.
func (w word) follows(p word) bool {
	return w.maxError < p.maxError || w.freq != p.freq || w.constant != p.constant ||
		max(w.offset, -w.offset) > max(p.offset, -p.offset)
}

// steps notices from one reading to the next that the wall clock was stepped, and
// remembers it until a time daemon has written again. The Linux kernel does this itself
// for synchronised clocks; for weak evidence, and on other systems, a clock that was set
// by hand would still be believed. A step before the first reading isn't seen.
type steps struct {
	mu      sync.Mutex
	seen    bool
	last    Reading
	word    word
	stepped bool
}

// since reports whether the clock was stepped since a daemon last wrote. A word that
// comes with the reading that shows the step may be older than the step, so only a later
// word ends the doubt.
func (s *steps) since(r Reading, w word) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.seen:
		s.seen = true
	case stepBetween(s.last, r):
		s.stepped = true
	case w.follows(s.word):
		s.stepped = false
	}
	s.last, s.word = r, w
	return s.stepped
}

// stepBetween reports whether the wall clock was stepped between two readings.
func stepBetween(a, b Reading) bool {
	passed := b.Boot - a.Boot
	moved := b.Wall.Sub(a.Wall) - passed
	return moved.Abs() > StepLimit(passed)
}
