package journal

import (
	"testing"

	"pgregory.net/rapid"
)

// TestSub subtracts as the standard library does, which stops at the ends of what a
// Duration holds.
func TestSub(t *testing.T) {
	check := func(i, j Instant) bool { return i.Sub(j) == i.Time().Sub(j.Time()) }
	ends := []Instant{earliest, earliest + 1, -1, 0, 1, latest - 1, latest}
	for _, i := range ends {
		for _, j := range ends {
			if !check(i, j) {
				t.Errorf("%d.Sub(%d) = %d", i, j, i.Sub(j))
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		i, j := Instant(rapid.Int64().Draw(t, "i")), Instant(rapid.Int64().Draw(t, "j"))
		if !check(i, j) {
			t.Fatalf("%d.Sub(%d) = %d", i, j, i.Sub(j))
		}
	})
}
