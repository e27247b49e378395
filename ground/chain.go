package ground

import (
	"slices"
	"time"

	"flightrec/journal"
)

// An item is a claim in a row of claims whose order is known. It can stand after another
// if that one's to is not later than its from.
type item struct {
	*claim       // nil where something else than a claim stands in the row
	group    int // of the boot, whose items stand together
	from, to journal.Instant
	counts   bool          // the group gains a boot by it
	held     time.Duration // how long the claim held, of an hour for each line of a boot
	member   membership
	best     bool // in the heaviest set
}

// membership says in how many of the sets that may be right an item is.
type membership uint8

const (
	inNone membership = iota
	inSome
	inAll
)

// A weight is what makes one set of items heavier than another: boots first.
type weight struct {
	boots int
	held  time.Duration
}

func (v weight) less(w weight) bool {
	if v.boots != w.boots {
		return v.boots < w.boots
	}
	return v.held < w.held
}

func (v weight) plus(w weight) weight { return weight{v.boots + w.boots, add(v.held, w.held)} }

// judge sets for each item of a row whether it is in the heaviest set, and in how many
// of the sets that may be right. It takes n log n comparisons.
func judge(row []item) {
	// A knot ends where everything before can stand before everything after.
	after := make([]journal.Instant, len(row)+1) // the least from of the items from there on
	after[len(row)] = always
	for i, it := range slices.Backward(row) {
		after[i] = min(after[i+1], it.from)
		row[i].member = inNone
	}
	var knots [][]item
	first, to := 0, never
	for i, it := range row {
		if to = max(to, it.to); to > after[i+1] {
			continue
		}
		if i == first {
			row[i].member, row[i].best = inAll, true
		} else {
			knots = append(knots, row[first:i+1])
		}
		first, to = i+1, never
	}
	if len(knots) == 0 {
		return
	}
	sure := make(map[int]int) // of each boot with a claim in all sets, the knot of that claim, -1 for several or none
	for _, it := range row {
		if it.member == inAll {
			sure[it.group] = -1
		}
	}
	// A boot that is in every set anyhow weighs nothing elsewhere. The first look finds
	// those that others don't contradict, the second those that no knot leaves out.
	counts := make([]bool, len(row))
	for i := range row {
		counts[i] = row[i].counts
	}
	for range 2 {
		for k, knot := range knots {
			for i := range knot {
				in, known := sure[knot[i].group]
				knot[i].counts = knot[i].counts && (!known || in == k)
				knot[i].best = false
			}
			judgeKnot(knot)
		}
		for k, knot := range knots {
			for _, it := range knot {
				if it.member != inAll || !it.counts {
					continue
				}
				if in, known := sure[it.group]; known && in != k {
					sure[it.group] = -1
				} else {
					sure[it.group] = k
				}
			}
		}
	}
	for i := range row {
		row[i].counts = counts[i]
	}
}

// judgeKnot is judge for a knot: items that contradict each other, directly or through
// others. A rival of the heaviest set
// has all boots that this one has, or gains more than half of those that it loses.
func judgeKnot(row []item) {
	for _, i := range heaviest(row) {
		row[i].best = true
	}
	ours := make(map[int]bool) // the boots of the heaviest set
	for _, it := range row {
		if it.best && it.counts {
			ours[it.group] = true
		}
	}
	// Counting 2 for a boot that is gained and 1 for one that isn't lost, a rival that
	// gains more than half of what it loses has more than there are boots in the best.
	gain := bootsThrough(row, func(it item) int {
		if ours[it.group] {
			return 1
		}
		return 2
	})
	all := bootsThrough(row, func(it item) int {
		if ours[it.group] {
			return 1
		}
		return 0
	})
	for i := range row {
		row[i].member = inNone
		if row[i].best || gain[i] > len(ours) || all[i] >= len(ours) {
			row[i].member = inAll
		}
	}
	// An item is missing in a rival if another one that it contradicts is in it.
	to := never
	for i := range row {
		if row[i].member != inNone {
			if row[i].from < to {
				row[i].member = inSome
			}
			to = max(to, row[i].to)
		}
	}
	from := always
	for i := range slices.Backward(row) {
		if row[i].member != inNone {
			if row[i].to > from {
				row[i].member = inSome
			}
			from = min(from, row[i].from)
		}
	}
}

// bootsThrough returns for each item the greatest number of boots, counted as count says, of
// the sets that hold it.
func bootsThrough(row []item, count func(item) int) []int {
	weigh := func(it item) weight {
		if !it.counts {
			return weight{}
		}
		return weight{boots: count(it)}
	}
	up, _ := ranks(row, weigh)
	down, _ := ranks(mirror(row), weigh)
	slices.Reverse(down)
	sums := make([]int, len(row))
	for i, it := range row {
		sums[i] = up[i].boots + down[i].boots - weigh(it).boots
	}
	return sums
}

// heaviest returns the indices of the heaviest set: of equal ones, that whose latest
// items are later.
func heaviest(row []item) []int {
	rank, before := ranks(row, func(it item) weight {
		w := weight{held: it.held}
		if it.counts {
			w.boots = 1
		}
		return w
	})
	last := -1
	for i := range row {
		if last < 0 || !rank[i].less(rank[last]) && (rank[last].less(rank[i]) || row[i].from > row[last].from) {
			last = i
		}
	}
	var set []int
	for i := last; i >= 0; i = before[i] {
		set = append(set, i)
	}
	slices.Reverse(set)
	return set
}

// ranks returns for each item how heavy the heaviest set is that ends with it, in which
// each item can stand after the one before it, and which item is before it there, -1 for
// none. A boot counts once, however many of its items are in the set.
func ranks(row []item, weigh func(item) weight) (rank []weight, before []int) {
	ends := make([]journal.Instant, len(row))
	for i, it := range row {
		ends[i] = it.to
	}
	slices.Sort(ends)
	ends = slices.Compact(ends)
	type node struct {
		weight
		item int
	}
	rank, before = make([]weight, len(row)), make([]int, len(row))
	tree := make([]node, len(ends)+1) // a Fenwick tree: the heaviest set by to
	for i := range tree {
		tree[i].item = -1
	}
	heavier := func(a, b node) bool {
		return a.item >= 0 && (b.item < 0 || b.less(a.weight) || b.weight == a.weight && row[a.item].from > row[b.item].from)
	}
	put := func(n node) {
		at, _ := slices.BinarySearch(ends, row[n.item].to)
		for at++; at < len(tree); at += at & -at {
			if heavier(n, tree[at]) {
				tree[at] = n
			}
		}
	}
	for i := 0; i < len(row); {
		first := i
		for ; i < len(row) && row[i].group == row[first].group; i++ {
			best := node{item: -1}
			at, found := slices.BinarySearch(ends, row[i].from)
			if found {
				at++
			}
			for ; at > 0; at -= at & -at {
				if heavier(tree[at], best) {
					best = tree[at]
				}
			}
			own := weigh(row[i])
			rank[i], before[i] = best.plus(own), best.item
			// The boot's own items may follow without counting it once more.
			put(node{weight{rank[i].boots - own.boots, rank[i].held}, i})
		}
		for j := first; j < i; j++ {
			put(node{rank[j], j})
		}
	}
	return rank, before
}

// mirror turns time and order around.
func mirror(row []item) []item {
	mirrored := make([]item, len(row))
	for i, it := range row {
		// ^x is -1-x: unlike -x it has no exception.
		it.from, it.to = ^it.to, ^it.from
		mirrored[len(row)-1-i] = it
	}
	return mirrored
}
