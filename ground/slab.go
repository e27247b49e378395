package ground

// A slab hands out slices of one that is allocated for many. A machine has thousands of
// boots, most of them with one flight, one stage and one claim: to allocate each by itself
// took a sixth of the instructions of a report on a year.
type slab[T any] struct{ rest []T }

// slabSize is for how many elements room is made at once.
const slabSize = 128

// take returns an empty slice with room for n elements. What outgrows it is allocated
// elsewhere.
func (s *slab[T]) take(n int) []T {
	if n > len(s.rest) {
		s.rest = make([]T, max(n, slabSize))
	}
	taken := s.rest[:0:n]
	s.rest = s.rest[n:]
	return taken
}

// one returns an element, which is zero.
func (s *slab[T]) one() *T { return &s.take(1)[:1][0] }

// slabs hold what a machine's boots are made of.
type slabs struct {
	boots    slab[bootState]
	stages   slab[stage]
	ends     slab[end]
	marks    slab[boundPoint]
	claims   slab[claim]
	segments slab[segment]
	pins     slab[anchorPoint]
	spans    slab[Span]
	placed   slab[*Flight]
	inBoots  slab[*flightState]
	inStages slab[*bootState]
	ofBoots  slab[*stage]
}
