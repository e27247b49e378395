package reports

import (
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// What inOrder yields comes in order on any number of processors, and no more is made
// ahead than there are processors.
func TestInOrder(t *testing.T) {
	for processors := 1; processors <= 4; processors++ {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		for n := range 20 {
			var made atomic.Int64
			var got []int
			for i := range inOrder(n, func(i int) int {
				time.Sleep(time.Duration(i%3) * time.Microsecond) // so that later ones end first
				made.Add(1)
				return i
			}) {
				if ahead := int(made.Load()) - len(got); ahead > processors+1 {
					t.Fatalf("%d processors: %d are made ahead", processors, ahead)
				}
				got = append(got, i)
			}
			if want := sequence(n); !slices.Equal(got, want) {
				t.Fatalf("%d processors: got %v, want %v", processors, got, want)
			}
		}
	}
}

// Who has seen enough ends the making.
func TestInOrderEnds(t *testing.T) {
	for processors := 1; processors <= 4; processors++ {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		var made atomic.Int64
		for i := range inOrder(1000, func(i int) int { made.Add(1); return i }) {
			if i == 5 {
				break
			}
		}
		if n := made.Load(); n > int64(6+processors+1) {
			t.Errorf("%d processors: %d were made for six", processors, n)
		}
	}
}

func sequence(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}
