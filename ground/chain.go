package ground

import (
	"slices"

	"flightrec/journal"
)

// An item is something whose place in the order of takeoff is known, and whose
// place in time is claimed: it stands after another if that one's to is not
// later than its from.
type item struct{ from, to journal.Instant }

// ranks returns for each item how many items make the longest row, in which each
// stands after the one before it, that ends with it.
func ranks(items []item) []int {
	ends := make([]journal.Instant, len(items))
	for i, it := range items {
		ends[i] = it.to
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	var (
		best = make([]int, len(ends)+1) // a Fenwick tree: the greatest rank by to
		rank = make([]int, len(items))
	)
	for i, it := range items {
		n, found := slices.BinarySearch(ends, it.from)
		if found {
			n++
		}
		for ; n > 0; n -= n & -n {
			rank[i] = max(rank[i], best[n])
		}
		rank[i]++
		at, _ := slices.BinarySearch(ends, it.to)
		for at++; at < len(best); at += at & -at {
			best[at] = max(best[at], rank[i])
		}
	}
	return rank
}

// mirror turns time and order around.
func mirror(items []item) []item {
	mirrored := make([]item, len(items))
	for i, it := range items {
		// ^x is -1-x: unlike -x it has no exception.
		mirrored[len(items)-1-i] = item{from: ^it.to, to: ^it.from}
	}
	return mirrored
}

// undisputed reports which items belong to every longest row.
func undisputed(items []item) []bool {
	var (
		up      = ranks(items)
		down    = ranks(mirror(items))
		longest = 0
		count   = make([]int, len(items)+1)
		result  = make([]bool, len(items))
	)
	slices.Reverse(down)
	for _, r := range up {
		longest = max(longest, r)
	}
	for i := range items {
		if up[i]+down[i]-1 == longest {
			count[up[i]]++
		}
	}
	for i := range items {
		result[i] = up[i]+down[i]-1 == longest && count[up[i]] == 1
	}
	return result
}

// longestRow reports which items make one longest row: of several, that of the
// latest ones, since clocks that were not synchronised are rather slow than fast.
func longestRow(items []item) []bool {
	rank := ranks(items)
	levels := make([][]int, len(items)+1)
	for i, r := range rank {
		levels[r] = append(levels[r], i)
	}
	chosen := make([]bool, len(items))
	next := -1
	for _, level := range slices.Backward(levels) {
		best := -1
		for _, i := range level {
			follows := next < 0 || i < next && items[i].to <= items[next].from
			if follows && (best < 0 || items[i].from > items[best].from) {
				best = i
			}
		}
		if best >= 0 {
			chosen[best], next = true, best
		}
	}
	return chosen
}
