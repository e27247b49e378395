package blocklog

import (
	"fmt"
	"sort"
)

// Mode says what a power cut leaves of the writes that no flush has covered.
type Mode int

const (
	Covered Mode = iota // nothing: only what a completed flush covers
	Half                // of each sector of each write, with probability 1/2
	Issued              // everything that had been issued
	Modes               // how many modes there are
)

var modeNames = [Modes]string{"covered", "half", "issued"}

// String returns the mode's name in one word.
func (m Mode) String() string { return modeNames[m] }

// Disk is a log and the disk that it began on.
type Disk struct {
	Log    []Entry
	base   *Image
	sector int

	durable *Image // base and the first done entries
	done    int
}

// NewDisk returns the disk that was base before the first entry of log, and that
// writes each sector, of so many bytes, wholly or not at all.
func NewDisk(base *Image, log []Entry, sector int) *Disk {
	return &Disk{Log: log, base: base, sector: sector, durable: base.Clone()}
}

// At returns what the disk holds after a power cut at the instant t (on the clock
// of [Now]). For the mode Half, coin says of each sector of each write that no
// flush has covered, in the order of the log, whether it was still written. It is
// fastest when the instants of successive calls go forward.
func (d *Disk) At(t int64, mode Mode, coin func() bool) (*Image, error) {
	issued := sort.Search(len(d.Log), func(i int) bool { return d.Log[i].Time > t })
	covered := coveredBy(d.Log[:issued])
	if covered < d.done {
		d.durable, d.done = d.base.Clone(), 0
	}
	for ; d.done < covered; d.done++ {
		if err := d.apply(d.durable, d.Log[d.done], always); err != nil {
			return nil, fmt.Errorf("rebuilding disk, entry %d: %w", d.done, err)
		}
	}
	m := d.durable.Clone()
	if mode == Covered {
		return m, nil
	}
	if mode == Issued {
		coin = always
	}
	for i, e := range d.Log[covered:issued] {
		if err := d.apply(m, e, coin); err != nil {
			return nil, fmt.Errorf("rebuilding disk, entry %d: %w", covered+i, err)
		}
	}
	return m, nil
}

// coveredBy returns how many of the first entries a completed flush covers.
// Flushes may overlap, so the last to end isn't always the one that covers most.
func coveredBy(log []Entry) int {
	var n int64
	for _, e := range log {
		n = max(n, e.Covers)
	}
	return int(n)
}

func always() bool { return true }

// apply writes the sectors of e that coin lets through to m.
func (d *Disk) apply(m *Image, e Entry, coin func() bool) error {
	for off := 0; off < len(e.Data); off += d.sector {
		if !coin() {
			continue
		}
		end := min(off+d.sector, len(e.Data))
		if err := m.WriteAt(e.Data[off:end], e.Off+int64(off)); err != nil {
			return err
		}
	}
	return nil
}
