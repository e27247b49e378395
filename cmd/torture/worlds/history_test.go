package worlds

import (
	"fmt"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"pgregory.net/rapid"
)

// A history is a small one: boots one after the other by their takeoffs, each of which
// claims to know the time, by one line. It need not be true.
type history struct {
	flights []journal.Flight
	boot    []int // of each flight
	lanes   int
	kernels bool // the boot IDs are known to be the kernels' own
}

// drawHistory draws a history in multiples of a minute, so that errors and drift, which
// are below a second, decide nothing.
func drawHistory(t *rapid.T) *history {
	h := &history{lanes: rapid.IntRange(1, 2).Draw(t, "lanes"), kernels: rapid.Bool().Draw(t, "kernels' own")}
	unit := func(name string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(t, name)) * time.Minute
	}
	// No two boots are on one line: that would make them one kernel's.
	origins := rapid.SliceOfNDistinct(rapid.IntRange(0, 60), 1, 6, rapid.ID[int]).Draw(t, "said to begin at")
	n := 0
	for b, minute := range origins {
		origin := noon.Add(time.Duration(minute) * time.Minute)
		since := time.Duration(0)
		for range rapid.IntRange(1, 2).Draw(t, "flights") {
			since += unit("later", 0, 3)
			length := unit("for", 1, 6)
			f := journaltest.Flight(n, fmt.Sprint("boot-", b), since, journaltest.Leg(clock.SyncSynced, 0, length, origin.Add(since)))
			f.Lane = fmt.Sprint("lane-", rapid.IntRange(0, h.lanes-1).Draw(t, "lane"))
			if rapid.IntRange(0, 4).Draw(t, "synchronised") == 0 {
				f.Legs = []journal.Leg{journaltest.Leg(clock.SyncUnsynced, 0, length, 0)}
			}
			if i := slices.IndexFunc(h.flights, func(g journal.Flight) bool {
				return g.Lane == f.Lane && g.Takeoff.Boot == f.Takeoff.Boot && ended(&g) > since
			}); i >= 0 {
				continue // one lane has one recorder at a time
			}
			h.add(f, b)
			n++
		}
	}
	return h
}

// add adds a flight of boot b.
func (h *history) add(f journal.Flight, b int) {
	if h.kernels {
		f.Takeoff.BootOrigin = clock.BootOriginKernel
	}
	h.flights, h.boot = append(h.flights, f), append(h.boot, b)
}

// ended returns the boot clock at the end of a flight.
func ended(f *journal.Flight) time.Duration {
	return f.Takeoff.SinceBoot + f.Legs[len(f.Legs)-1].Last.Elapsed
}

// A law says that true time passes from one point to another by at least so much.
type law struct {
	from, to int
	least    time.Duration
}

// Points are the takeoff of each flight, its end, and then each boot's kernel's start.
func (h *history) takeoff(i int) int { return i }
func (h *history) end(i int) int     { return len(h.flights) + i }
func (h *history) kernel(b int) int  { return 2*len(h.flights) + b }
func (h *history) points() int       { return 2*len(h.flights) + 6 }

// laws tells what the facts of h are.
func (h *history) laws() (all []law) {
	must := func(from, to int, least time.Duration) { all = append(all, law{from, to, least}) }
	for i := range h.flights {
		f := &h.flights[i]
		// One boot clock: time passes at least as it does, but for drift.
		must(h.kernel(h.boot[i]), h.takeoff(i), slower(f.Takeoff.SinceBoot))
		must(h.takeoff(i), h.end(i), slower(ended(f)-f.Takeoff.SinceBoot))
		for j := range h.flights {
			g := &h.flights[j]
			if h.boot[i] == h.boot[j] {
				for _, p := range []struct {
					at    time.Duration
					point int
				}{{f.Takeoff.SinceBoot, h.takeoff(i)}, {ended(f), h.end(i)}} {
					for _, q := range []struct {
						at    time.Duration
						point int
					}{{g.Takeoff.SinceBoot, h.takeoff(j)}, {ended(g), h.end(j)}} {
						if q.at >= p.at && p.point != q.point {
							must(p.point, q.point, slower(q.at-p.at))
						}
					}
				}
			}
			if i >= j {
				continue
			}
			must(h.takeoff(i), h.takeoff(j), 0) // the order of takeoff
			if h.boot[i] != h.boot[j] {
				// The boot clock went on, or began anew after the other's was over.
				must(h.takeoff(i), h.takeoff(j), slower(max(0, g.Takeoff.SinceBoot-f.Takeoff.SinceBoot)))
				if passed := g.Takeoff.SinceBoot - ended(f); passed > 0 && f.Lane == g.Lane {
					must(h.end(i), h.takeoff(j), slower(passed))
				}
			}
			if f.Lane == g.Lane {
				must(h.end(i), h.takeoff(j), 0) // the order in a lane
			}
			if h.boot[i] != h.boot[j] && h.anew(j, h.boot[i]) {
				// The kernel's boot was over, in every lane.
				for k := range j {
					if h.boot[k] == h.boot[i] {
						must(h.end(k), h.kernel(h.boot[j]), 0)
					}
				}
			}
		}
	}
	return all
}

// anew reports whether the boot clock of flight j is known to have begun anew, against
// the kernel of boot b.
func (h *history) anew(j, b int) bool {
	g := &h.flights[j]
	for i := range j {
		f := &h.flights[i]
		if h.boot[i] == b && (h.kernels || g.Takeoff.SinceBoot < f.Takeoff.SinceBoot-atOnce || f.Lane == g.Lane && g.Takeoff.SinceBoot < ended(f)) {
			return true
		}
	}
	return false
}

// atOnce is how far recorders that start at the same time may take off in another order
// than that of their readings of the boot clock.
const atOnce = time.Minute

func slower(d time.Duration) time.Duration { return d - d/1e6*drift }

// least returns what passes at least from each point to each other; never where nothing
// tells.
func (h *history) least() [][]time.Duration {
	const never = -1 << 60
	d := make([][]time.Duration, h.points())
	for i := range d {
		d[i] = slices.Repeat([]time.Duration{never}, len(d))
		d[i][i] = 0
	}
	for _, l := range h.laws() {
		d[l.from][l.to] = max(d[l.from][l.to], l.least)
	}
	for k := range d {
		for i := range d {
			for j := range d {
				if d[i][k] != never && d[k][j] != never {
					d[i][j] = max(d[i][j], d[i][k]+d[k][j])
				}
			}
		}
	}
	return d
}

// contradictions returns for each boot the set of boots whose claims contradict its own,
// as bits.
func (h *history) contradictions() []uint {
	d := h.least()
	type told struct {
		boot, point int
		wall        journal.Instant
	}
	var all []told
	for i := range h.flights {
		if leg := &h.flights[i].Legs[0]; leg.First.Sync == clock.SyncSynced {
			all = append(all, told{h.boot[i], h.takeoff(i), leg.First.Wall}, told{h.boot[i], h.end(i), leg.Last.Wall})
		}
	}
	against := make([]uint, 6)
	for _, p := range all {
		for _, q := range all {
			if p.boot != q.boot && q.wall.Sub(p.wall) < d[p.point][q.point]-10*time.Second {
				against[p.boot] |= 1 << q.boot
				against[q.boot] |= 1 << p.boot
			}
		}
	}
	return against
}

// claimed returns the set of boots that have a claim, and how long each held.
func (h *history) claimed() (set uint, held []time.Duration) {
	held = make([]time.Duration, 6)
	for i := range h.flights {
		if leg := &h.flights[i].Legs[0]; leg.First.Sync == clock.SyncSynced {
			set |= 1 << h.boot[i]
			held[h.boot[i]] += leg.Last.Elapsed - leg.First.Elapsed
		}
	}
	return set, held
}
