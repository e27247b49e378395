package worlds

import (
	"cmp"
	"flag"
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"pgregory.net/rapid"
)

// verdict says what is made of a claim.
type verdict int

const (
	believed verdict = iota
	disputed
	aLie
	eitherWay // the weights of the sets don't decide
)

func (v verdict) String() string { return [...]string{"believed", "disputed", "a lie", "either"}[v] }

// search tries all sets of claims, and returns what is to be made of each boot's.
func (h *history) search() []verdict {
	against := h.contradictions()
	set, held := h.claimed()
	result := make([]verdict, 6)
	for rest := set; rest != 0; {
		knot := uint(1) << bits.TrailingZeros(rest)
		for grown := uint(0); grown != knot; {
			grown = knot
			for b := range against {
				if knot&(1<<b) != 0 {
					knot |= against[b]
				}
			}
		}
		rest &^= knot
		for b, v := range decide(knot, against, held) {
			if knot&(1<<b) != 0 {
				result[b] = v
			}
		}
	}
	return result
}

// decide decides a knot.
func decide(knot uint, against []uint, held []time.Duration) []verdict {
	var sets []uint // the maximal ones
	for s := uint(1); s <= knot; s++ {
		if s&^knot == 0 && agrees(s, against) && !slices.ContainsFunc(oneMore(s, knot), func(more uint) bool { return agrees(more, against) }) {
			sets = append(sets, s)
		}
	}
	weight := func(s uint) (sum time.Duration) {
		for b := range held {
			if s&(1<<b) != 0 {
				sum += min(held[b], time.Hour)
			}
		}
		return sum
	}
	heavier := func(s, t uint) int {
		return cmp.Or(cmp.Compare(bits.OnesCount(s), bits.OnesCount(t)), cmp.Compare(weight(s), weight(t)))
	}
	best := slices.MaxFunc(sets, heavier)
	var result []verdict
	for _, s := range sets {
		if heavier(s, best) != 0 {
			continue
		}
		v := verdicts(s, sets)
		if result == nil {
			result = v
		}
		for b := range v {
			if v[b] != result[b] {
				result[b] = eitherWay
			}
		}
	}
	return result
}

// verdicts returns what is to be made of claims if best is the heaviest set.
func verdicts(best uint, sets []uint) []verdict {
	in, out := make([]bool, 6), make([]bool, 6) // some rival has it, or hasn't
	for _, s := range sets {
		gains, loses := bits.OnesCount(s&^best), bits.OnesCount(best&^s)
		if loses > 0 && 2*gains <= loses {
			continue
		}
		for b := range in {
			in[b] = in[b] || s&(1<<b) != 0
			out[b] = out[b] || s&(1<<b) == 0
		}
	}
	v := make([]verdict, 6)
	for b := range v {
		switch {
		case !in[b]:
			v[b] = aLie
		case out[b]:
			v[b] = disputed
		}
	}
	return v
}

func agrees(s uint, against []uint) bool {
	for b := range against {
		if s&(1<<b) != 0 && against[b]&s != 0 {
			return false
		}
	}
	return true
}

// oneMore returns s with each one more of those in knot.
func oneMore(s, knot uint) (all []uint) {
	for rest := knot &^ s; rest != 0; rest &= rest - 1 {
		all = append(all, s|rest&-rest)
	}
	return all
}

// TestClaims holds what grounding makes of claims against a search of all sets of them.
func TestClaims(t *testing.T) {
	set(t, "rapid.checks", fmt.Sprint(tries(t)))
	seed := flag.Lookup("rapid.seed").Value.String()
	if seed == "0" {
		seed = "1"
	}
	check(t, seed, func(t *rapid.T) {
		if h := drawHistory(t); len(h.flights) > 0 {
			h.check(t)
		}
	})
}

// TestEverySmallHistory does so for each history of up to five boots of a minute, in one
// lane or two, that claim to have begun in different minutes.
func TestEverySmallHistory(t *testing.T) {
	most := 5
	if testing.Short() {
		most = 4
	}
	tried := 0
	var extend func(h history, said uint)
	extend = func(h history, said uint) {
		n := len(h.flights)
		if n > 0 {
			h.check(t)
			tried++
		}
		if n == most {
			return
		}
		for minute := range most + 1 {
			for lane := range h.lanes {
				f := journaltest.Flight(n, fmt.Sprint("boot-", n), 0, journaltest.Leg(clock.SyncSynced, 0, time.Minute, noon.Add(time.Duration(minute)*time.Minute)))
				f.Lane = fmt.Sprint("lane-", lane)
				if more := h; said&(1<<minute) == 0 {
					more.flights, more.boot = slices.Clip(h.flights), slices.Clip(h.boot)
					more.add(f, n)
					extend(more, said|1<<minute)
				}
			}
		}
	}
	for _, kernels := range []bool{false, true} {
		extend(history{lanes: 1, kernels: kernels}, 0)
		extend(history{lanes: 2, kernels: kernels}, 0)
	}
	t.Logf("%d histories", tried)
}

// check demands that grounding makes of each claim what the search does. Where lanes
// make it no chain, grounding may dispute what the search decides.
func (h *history) check(t interface{ Fatalf(string, ...any) }) {
	all := h.search()
	boots := ground.Ground(h.flights, ground.Options{})
	for _, b := range boots {
		for _, f := range b.Flights {
			if f.Legs[0].First.Sync != clock.SyncSynced {
				continue
			}
			i := slices.IndexFunc(h.flights, func(g journal.Flight) bool { return g.ID == f.ID })
			got, want := beliefIn(f), all[h.boot[i]]
			if got != want && want != eitherWay && !(h.lanes > 1 && got == disputed) {
				t.Fatalf("flight %d of %s is %v, by the search of all sets %v\n%s", i, b.ID, got, want, h.tell(boots))
			}
		}
	}
}

// beliefIn returns what grounding makes of a flight's claim.
func beliefIn(f *ground.Flight) verdict {
	switch {
	case len(f.Doubts) == 0:
		return believed
	case f.Doubts[0].Disputed:
		return disputed
	}
	return aLie
}

// tell tells a history and what is made of it for people, in minutes from noon.
func (h *history) tell(boots []ground.Boot) (text string) {
	minutes := func(d time.Duration) int { return int(d / time.Minute) }
	for i := range h.flights {
		f := &h.flights[i]
		text += fmt.Sprintf("flight %d %s boot %d: boot clock %d..%d", i, f.Lane, h.boot[i], minutes(f.Takeoff.SinceBoot), minutes(ended(f)))
		if f.Legs[0].First.Sync == clock.SyncSynced {
			text += fmt.Sprintf(", says that it took off at %d", minutes(f.Legs[0].First.Wall.Sub(noon)))
			for _, b := range boots {
				for _, g := range b.Flights {
					if g.ID == f.ID {
						text += fmt.Sprint(", ", beliefIn(g))
					}
				}
			}
		}
		text += "\n"
	}
	return text
}
