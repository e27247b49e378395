package store

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"flightrec/journal/store/pebblefile"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// TestSplit demands that each key that is claimed stands in one part: a table's own
// where no other claim has it, else one of the store's.
func TestSplit(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for range 5000 {
		var claims []keyRange
		for range random.IntN(6) {
			from := byte(random.IntN(20))
			c := keyRange{from: []byte{from}, to: pebblefile.AppendNextKey(nil, []byte{from + byte(random.IntN(6))}), table: vfs.NewMemFile(nil)}
			if random.IntN(5) == 0 {
				c.table = nil
			}
			if random.IntN(5) == 0 {
				c.to = nil
			}
			claims = append(claims, c)
		}
		parts := splitRanges(claims)
		if !slices.IsSortedFunc(parts, func(p, q keyRange) int { return bytes.Compare(p.from, q.from) }) {
			t.Fatalf("%s: not in order: %s", show(claims), show(parts))
		}
		for k := byte(0); k < 30; k++ {
			having := func(all []keyRange) []keyRange {
				return slices.DeleteFunc(slices.Clone(all), func(p keyRange) bool {
					return bytes.Compare(p.from, []byte{k}) > 0 || p.to != nil && bytes.Compare([]byte{k}, p.to) >= 0
				})
			}
			claimed, found := having(claims), having(parts)
			switch {
			case len(found) != min(len(claimed), 1):
				t.Fatalf("%s: key %d in %d parts: %s", show(claims), k, len(found), show(parts))
			case len(claimed) == 1 && found[0].table != claimed[0].table:
				t.Fatalf("%s: key %d is not read where it stands: %s", show(claims), k, show(parts))
			case len(claimed) > 1 && found[0].table != nil:
				t.Fatalf("%s: key %d is read in one table only: %s", show(claims), k, show(parts))
			}
		}
	}
}

func show(parts []keyRange) (text string) {
	for _, p := range parts {
		text += fmt.Sprintf("[%x %x) %p ", p.from, p.to, p.table)
	}
	return text
}
