package ground

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// A small is a small true history in whole seconds: kernels one after the other, on the
// clock of each of them one or two boot IDs, as containers have them, some of them with
// an exact anchor in each flight.
type small struct {
	flights []journal.Flight
	boot    []int  // of each flight
	anchor  []bool // of each boot
	zero    []int  // when each boot's clock began
	at      []Span // of each flight, in truth
	named   bool
}

func drawSmall(t *rapid.T) *small {
	s := &small{named: rapid.Bool().Draw(t, "named")}
	second := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(t, name) }
	type flight struct{ boot, from, to int }
	var all []flight
	over := 0
	for range second("kernels", 1, 4) {
		zero := over + second("zero", 0, 40)
		over = zero
		for range second("boots", 1, 2) {
			s.zero = append(s.zero, zero)
			s.anchor = append(s.anchor, rapid.Bool().Draw(t, "anchored"))
			for range second("flights", 1, 2) {
				from := zero + second("from", 0, 20)
				all = append(all, flight{len(s.zero) - 1, from, from + second("for", 0, 20)})
				over = max(over, all[len(all)-1].to)
			}
		}
	}
	slices.SortStableFunc(all, func(f, g flight) int { return cmp.Compare(f.from, g.from) })
	all = slices.CompactFunc(all, func(f, g flight) bool { return f.from == g.from })
	var free []int // of each lane: since when
	for i, f := range all {
		lane := 0
		for lane < len(free) && free[lane] > f.from {
			lane++
		}
		if lane == len(free) {
			free = append(free, 0)
		}
		free[lane] = f.to
		s.boot = append(s.boot, f.boot)
		s.at = append(s.at, Span{at(f.from), at(f.to)})
		s.flights = append(s.flights, s.fly(i, f.boot, lane, f.from, f.to))
	}
	return s
}

// tell lists the flights.
func (s *small) tell() (text string) {
	for i, f := range s.flights {
		text += fmt.Sprintf("%d: %s boot %d zero %d anchor %v, %v .. %v\n", i, f.Lane, s.boot[i], s.zero[s.boot[i]], s.anchor[s.boot[i]], s.at[i].Start.Sub(noon), s.at[i].End.Sub(noon))
	}
	return text
}

// at returns the n-th second.
func at(n int) journal.Instant { return noon.Add(seconds(n)) }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func (s *small) fly(i, boot, lane, from, to int) journal.Flight {
	f := journal.Flight{ID: id(i), Lane: fmt.Sprint("lane-", lane)}
	f.Takeoff.SinceBoot = clock.Unknown
	if s.named {
		f.Takeoff.Boot, f.Takeoff.SinceBoot = fmt.Sprint("boot-", boot), seconds(from-s.zero[boot])
	}
	first := journal.Fix{Wall: at(from), Raw: clock.Unknown, Sync: clock.SyncUnsynced, MaxError: clock.Unknown}
	if s.anchor[boot] {
		first.Sync, first.MaxError = clock.SyncSynced, 0
	}
	last := first
	last.Elapsed, last.Awake, last.Wall = seconds(to-from), seconds(to-from), at(to)
	f.Legs = []journal.Leg{{Beats: 2, First: first, Last: last}}
	return f
}

// A relation says that one point lies at least by after another.
type relation struct {
	from, to int
	by       time.Duration
}

// relations lists all that takeoff order, lanes and boot clocks tell of s. Points
// are takeoff and end of each flight, and each boot's zero.
func (s *small) relations() (all []relation) {
	n := len(s.flights)
	start, end := func(i int) int { return i }, func(i int) int { return n + i }
	zero := func(b int) int { return 2*n + b }
	ran := func(from, to int, by time.Duration) {
		if by >= 0 {
			all = append(all, relation{from, to, by - ppm(by, clock.DriftPPM)})
		}
	}
	for i, f := range s.flights {
		length := f.Legs[0].Last.Elapsed
		if s.named {
			ran(zero(s.boot[i]), start(i), f.Takeoff.SinceBoot)
		}
		ran(start(i), end(i), length)
		ran(end(i), start(i), -length) // where both are one heartbeat
		for j, g := range s.flights {
			switch same := s.named && s.boot[i] == s.boot[j]; {
			case i == j:
			case same:
				apart := g.Takeoff.SinceBoot - f.Takeoff.SinceBoot
				ran(start(i), start(j), apart)
				ran(start(i), end(j), apart+g.Legs[0].Last.Elapsed)
				ran(end(i), start(j), apart-length)
				ran(end(i), end(j), apart+g.Legs[0].Last.Elapsed-length)
			case i < j && f.Lane == g.Lane:
				all = append(all, relation{end(i), start(j), 0})
				if s.named {
					ran(end(i), start(j), g.Takeoff.SinceBoot-f.Takeoff.SinceBoot-length)
				}
				fallthrough
			case i < j:
				all = append(all, relation{start(i), start(j), 0})
				if s.named {
					// Its boot clock went on, or began anew after the other's was over.
					ran(start(i), start(j), g.Takeoff.SinceBoot-f.Takeoff.SinceBoot)
				}
			}
		}
	}
	for c := range s.flights {
		last := s.overBefore(c)
		for i := range s.flights {
			if first := slices.Index(s.boot, s.boot[i]); first > last {
				continue
			}
			for k := c; k < n; k++ {
				all = append(all, relation{end(i), start(k), 0})
				if slices.Index(s.boot, s.boot[k]) >= c {
					all = append(all, relation{end(i), zero(s.boot[k]), 0})
				}
			}
		}
	}
	return all
}

// overBefore returns the last flight whose boot clock is known to have ended before that
// of flight c began, -1 for none: c is its boot's first, and the clock of the flight before
// one of that boot in its lane showed more.
func (s *small) overBefore(c int) (last int) {
	last = -1
	if !s.named || slices.Index(s.boot, s.boot[c]) != c {
		return last
	}
	for k := c; k < len(s.flights); k++ {
		if s.boot[k] != s.boot[c] {
			continue
		}
		for i := k - 1; i >= 0; i-- {
			f := &s.flights[i]
			if f.Lane != s.flights[k].Lane {
				continue
			}
			if i < c && s.flights[k].Takeoff.SinceBoot < f.Takeoff.SinceBoot+f.Legs[0].Last.Elapsed-time.Second {
				last = max(last, i)
			}
			break
		}
	}
	return last
}

// reaches works out by brute force where each point can lie.
func (s *small) reaches() []bounds {
	n := len(s.flights)
	points := slices.Repeat([]bounds{anywhere}, 2*n+len(s.zero))
	for i, f := range s.flights {
		if b := s.boot[i]; s.anchor[b] {
			points[i], points[n+i] = around(s.at[i].Start, 0), around(s.at[i].End, 0)
			zero := &points[2*n+b]
			if s.named && *zero == anywhere {
				*zero = around(at(s.zero[b]), ppm(f.Takeoff.SinceBoot, clock.DriftPPM))
			}
		}
	}
	relations := s.relations()
	for changed := true; changed; {
		changed = false
		for _, r := range relations {
			changed = points[r.to].raise(later(points[r.from].lo, r.by)) || changed
			changed = points[r.from].lower(sooner(points[r.to].hi, r.by)) || changed
		}
	}
	return points
}

// worlds sets how many worlds the rapid checks of t try.
func worlds(t *testing.T, n int) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() != checks.DefValue {
		return // the user wants another number
	}
	if testing.Short() {
		n /= 100
	}
	if err := checks.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { checks.Value.Set(checks.DefValue) })
}

func TestWindowsAreTight(t *testing.T) {
	worlds(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSmall(t)
		want := s.reaches()
		for _, b := range Ground(s.flights, Options{}) {
			for _, f := range b.Flights {
				i := slices.IndexFunc(s.flights, func(g journal.Flight) bool { return g.ID == f.ID })
				if s.anchor[s.boot[i]] {
					if f.Grounding != GroundingNTP || f.Span != s.at[i] || f.Error != 0 {
						t.Fatalf("flight %d with an anchor: %+v, in truth %v\n%s", i, *f, s.at[i], s.tell())
					}
					continue
				}
				got := bounds{never, always}
				if f.Window.Earliest != nil {
					got.lo = *f.Window.Earliest
				}
				if f.Window.Latest != nil {
					got.hi = *f.Window.Latest
				}
				if want := (bounds{want[i].lo, want[len(s.flights)+i].hi}); got != want {
					t.Fatalf("flight %d: window %v .. %v, brute force %v .. %v\n%s", i,
						got.lo.Sub(noon), got.hi.Sub(noon), want.lo.Sub(noon), want.hi.Sub(noon), s.tell())
				}
			}
		}
	})
}
