package journal

import (
	"bytes"
	"slices"
)

// Fold is the log of a flight while it is being folded. A run of heartbeats of
// one leg shrinks to its first one and its last one, which stands for all but the
// first:
//
//	beat(1) beat(1) beat(1) beat(1)   ->   beat(1) beat(3)
//
// Vitals are folded for themselves, and stand at the end (foldVitals). Everything else
// stays as it is, where it is. Since a run is known by its records alone, it makes no
// difference in which order neighbours are folded: the fold is associative, byte for
// byte.
//
// The log grows at one end only, either the newer or the older, and is kept in
// the order of growth. What is folded with nothing else stays as it is.
type Fold struct {
	only      []byte // the operand, as long as there is but one
	log       []Record
	vitals    []Record // as log, in the order of growth
	backwards bool     // the log grows at its older end
}

// sameLeg reports whether two neighbouring heartbeats belong to one leg.
func (b *Beat) sameLeg(c *Beat) bool {
	return b.Leg == c.Leg && b.Cause == c.Cause && b.Source == c.Source && b.Sync == c.Sync
}

// NewFold begins to fold with an operand, which it copies.
func NewFold(operand []byte) *Fold { return &Fold{only: bytes.Clone(operand)} }

// Newer adds an operand that is newer than all before.
func (f *Fold) Newer(operand []byte) {
	f.begin()
	f.newer(operand)
}

// begin makes a log of the first operand, if that isn't done yet.
func (f *Fold) begin() {
	operand := f.only
	f.only = nil
	f.newer(operand)
}

// Older adds an operand that is older than all before.
func (f *Fold) Older(operand []byte) {
	f.begin()
	if !f.backwards {
		slices.Reverse(f.log)
		slices.Reverse(f.vitals)
		f.backwards = true
	}
	for _, r := range slices.Backward(Records(operand)) {
		f.grow(r)
	}
}

// Value returns the folded log, encoded.
func (f *Fold) Value() []byte {
	if f.only != nil {
		return f.only
	}
	if f.backwards {
		slices.Reverse(f.log)
	}
	f.foldVitals()
	if f.backwards {
		slices.Reverse(f.vitals)
	}
	return AppendLog(AppendLog(nil, f.log), f.vitals)
}

func (f *Fold) newer(operand []byte) {
	for _, r := range Records(operand) {
		f.grow(r)
	}
}

// foldVitals folds the vitals that were gathered.
func (f *Fold) foldVitals() {
	if f.backwards {
		slices.Reverse(f.vitals)
	}
	f.vitals = foldVitals(f.vitals)
	if f.backwards {
		slices.Reverse(f.vitals)
	}
}

// maxUnfolded bounds the vitals that wait to be folded.
const maxUnfolded = 64

// grow puts a record at the growing end, and folds the run that it may complete.
func (f *Fold) grow(r Record) {
	if isVitals(r) {
		if f.vitals = append(f.vitals, r); len(f.vitals) >= maxUnfolded {
			f.foldVitals()
		}
		return
	}
	f.log = append(f.log, r)
	n := len(f.log)
	if n < 3 {
		return
	}
	near, mid, far := beatOf(f.log[n-1]), beatOf(f.log[n-2]), beatOf(f.log[n-3])
	if near == nil || mid == nil || far == nil || !near.sameLeg(mid) || !mid.sameLeg(far) {
		return
	}
	// Three of one leg: the middle one goes, and the newest stands for it.
	newest := near
	if f.backwards {
		newest = far
	}
	newest.Count += mid.Count
	f.log = f.log[:n-1]
	f.log[n-2] = *near
	f.log[n-3] = *far
}

// beatOf returns a copy of r if it is a heartbeat, else nil.
func beatOf(r Record) *Beat {
	if b, ok := r.(Beat); ok {
		return &b
	}
	return nil
}
