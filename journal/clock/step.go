package clock

import "sync"

// word is what a time daemon leaves in the kernel, zero where a system doesn't
// show it. The unit of each number is the kernel's own.
type word struct{ maxError, offset, freq, constant int64 }

// follows reports whether a daemon spoke between p and w. By itself a kernel only
// lets the maximum error grow and the offset shrink.
func (w word) follows(p word) bool {
	return w.maxError < p.maxError || w.freq != p.freq || w.constant != p.constant ||
		max(w.offset, -w.offset) > max(p.offset, -p.offset)
}

// steps notices, from one reading to the next, that the wall clock was stepped,
// and remembers it until a time daemon has spoken again. The Linux kernel does so
// for what it calls synchronised; for weak evidence, and on the other systems, a
// clock that was set by hand would go on being believed. A step before the
// process began is not seen.
type steps struct {
	mu      sync.Mutex
	seen    bool
	last    Reading
	word    word
	stepped bool
}

// since reports whether the clock was stepped since a daemon last spoke, given a
// reading and the daemon's word in it. A word that comes with the very reading
// that shows the step may be older than the step, so it takes a later one.
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
