package reports

import (
	"iter"
	"runtime"
)

// inOrder yields make(0) to make(n-1) in this order. Where there are several
// processors it makes the next ones meanwhile, one on each.
func inOrder[T any](n int, make func(int) T) iter.Seq[T] {
	processors := runtime.GOMAXPROCS(0)
	if n == 1 || processors == 1 {
		return func(yield func(T) bool) {
			for i := range n {
				if !yield(make(i)) {
					return
				}
			}
		}
	}
	return func(yield func(T) bool) { beside(n, processors, make, yield) }
}

// beside is inOrder on several processors.
func beside[T any](n, processors int, work func(int) T, yield func(T) bool) {
	// What is made and waits to be yielded: one less than there are processors, since
	// the one that waits for room is made as well.
	waiting := make(chan chan T, processors-1)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		defer close(waiting)
		for i := range n {
			made := make(chan T, 1)
			select {
			case waiting <- made:
				go func() { made <- work(i) }()
			case <-stop:
				return
			}
		}
	}()
	for made := range waiting {
		if !yield(<-made) {
			return
		}
	}
}
