package ground

import (
	"testing"
	"time"

	"flightrec/journal"

	"pgregory.net/rapid"
)

// TestJudge tries all sets of the claims of small histories, a claim a boot: whether one is
// heavier, and in how many rivals of the heaviest each claim is.
func TestJudge(t *testing.T) {
	worlds(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		var row []item
		for boot := range rapid.IntRange(1, 8).Draw(t, "boots") {
			at := journal.Instant(rapid.IntRange(0, 9).Draw(t, "at"))
			row = append(row, item{group: boot, from: at, to: at, counts: true, held: time.Second})
		}
		judge(row)
		for _, knot := range knotsOf(row) {
			best := 0
			for i, it := range knot {
				if it.best {
					best |= 1 << i
				}
			}
			want, heaviest := judgeNaively(knot, best)
			if !heaviest {
				t.Fatalf("another set is heavier\n%+v", row)
			}
			for i, it := range knot {
				if it.member != want[i] {
					t.Fatalf("claim %d is in %d, by all sets in %d\n%+v", it.group, it.member, want[i], row)
				}
			}
		}
	})
}

// TestJudgeIsQuick counts comparisons: they must not grow faster than n log n.
func TestJudgeIsQuick(t *testing.T) {
	count := func(n int) int {
		row := make([]item, n)
		for i := range row {
			at := journal.Instant(n - i) // each contradicts all others
			row[i] = item{group: i, from: at, to: at, counts: true}
		}
		counted := 0
		ranks(row, func(it item) weight { counted++; return weight{boots: 1} })
		return counted
	}
	if few, many := count(1000), count(10000); many > 11*few {
		t.Errorf("%d weighings for 1000 claims, %d for 10000", few, many)
	}
}

// knotsOf returns the claims of a row that contradict each other, directly or through
// others.
func knotsOf(row []item) (knots [][]item) {
	knot := make([]int, len(row)) // the first claim of each one's knot
	for i := range row {
		knot[i] = i
	}
	for changed := true; changed; {
		changed = false
		for i := range row {
			for j := i + 1; j < len(row); j++ {
				if row[i].to > row[j].from && knot[i] != knot[j] {
					knot[i], knot[j], changed = min(knot[i], knot[j]), min(knot[i], knot[j]), true
				}
			}
		}
	}
	for first := range row {
		var members []item
		for i := range row {
			if knot[i] == first {
				members = append(members, row[i])
			}
		}
		if members != nil {
			knots = append(knots, members)
		}
	}
	return knots
}

// judgeNaively is judge by trying all sets that agree with themselves, and reports whether
// none of them has more boots than best.
func judgeNaively(row []item, best int) (result []membership, heaviest bool) {
	boots := func(set int) map[int]bool {
		all := make(map[int]bool)
		for i := range row {
			if set>>i&1 == 1 {
				all[row[i].group] = true
			}
		}
		return all
	}
	var sets []int // the maximal ones that agree
	agrees := func(set int) bool {
		for i := range row {
			for j := i + 1; j < len(row); j++ {
				if set>>i&1 == 1 && set>>j&1 == 1 && row[i].to > row[j].from {
					return false
				}
			}
		}
		return true
	}
	for set := range 1 << len(row) {
		if !agrees(set) {
			continue
		}
		maximal := true
		for i := range row {
			maximal = maximal && (set>>i&1 == 1 || !agrees(set|1<<i))
		}
		if maximal {
			sets = append(sets, set)
		}
	}
	ours, found := boots(best), false
	in, out := make([]bool, len(row)), make([]bool, len(row))
	for _, rival := range sets {
		found = found || rival == best
		lost, gained := len(ours), 0
		for b := range boots(rival) {
			if ours[b] {
				lost--
			} else {
				gained++
			}
		}
		if len(boots(rival)) > len(ours) {
			return nil, false
		}
		if lost > 0 && 2*gained <= lost {
			continue
		}
		for i := range row {
			if rival>>i&1 == 1 {
				in[i] = true
			} else {
				out[i] = true
			}
		}
	}
	result = make([]membership, len(row))
	for i := range row {
		switch {
		case in[i] && !out[i]:
			result[i] = inAll
		case in[i]:
			result[i] = inSome
		}
	}
	return result, found
}
