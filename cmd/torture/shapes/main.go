// Command shapes makes a report on so many flights that are hard by their shape, such as
// boots of one ID or clocks that contradict each other. Built with -cover it leaves in
// $GOCOVERDIR how often each statement of ground and reports ran meanwhile: a measure of
// work that no other load on the machine changes. Its test holds that work to be linear.
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
	"flightrec/reports"

	"github.com/segmentio/ksuid"
)

const (
	synced   = clock.SyncSynced
	unsynced = clock.SyncUnsynced
	second   = time.Second
)

// epoch is where the walls of shapes are counted from.
var epoch = journal.InstantOf(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))

// A shape makes the i-th of n flights. Times are in seconds.
type shape func(i, n int) journal.Flight

// one returns a flight with one leg of so long, which began with the wall clock at wall.
func one(i int, boot string, since, wall, long float64, sync clock.Sync) journal.Flight {
	return journaltest.Flight(i, boot, seconds(since), journaltest.Leg(sync, 0, seconds(long), at(wall)))
}

// many returns a flight with as many legs of 5 s, 10 s apart, the k-th with its wall clock
// at wall(k).
func many(i int, boot string, since float64, legs int, wall func(k int) float64) journal.Flight {
	f := journaltest.Flight(i, boot, seconds(since))
	for k := range legs {
		l := journaltest.Leg(synced, time.Duration(k)*10*second, time.Duration(k)*10*second+5*second, at(wall(k)))
		l.Cause = journal.CauseStep
		f.Legs = append(f.Legs, l)
	}
	f.Legs[0].Cause = journal.CauseTakeoff
	return f
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(second)) }
func at(s float64) journal.Instant    { return epoch.Add(seconds(s)) }
func boot(i int) string               { return fmt.Sprintf("%08d-0000-4000-8000-000000000000", i) }

// alternately is synced for each third flight.
func alternately(i int) clock.Sync {
	if i%3 == 0 {
		return synced
	}
	return unsynced
}

// legs is how many legs flights have whose shape is in their legs.
const legs = 64

var shapes = map[string]shape{
	"unanchored":           func(i, n int) journal.Flight { return one(i, boot(i), 1, 5, 60, unsynced) },
	"unanchored backwards": func(i, n int) journal.Flight { return one(i, boot(i), 1, 1e8-100*float64(i), 60, unsynced) },
	"between two anchors": func(i, n int) journal.Flight {
		if i == 0 || i == n-1 {
			return one(i, boot(i), 1, 100*float64(i), 60, synced)
		}
		return one(i, boot(i), 1, 5, 60, unsynced)
	},
	"contradicting": func(i, n int) journal.Flight {
		if i%2 == 1 {
			return one(i, boot(i), 1, 5, 60, unsynced)
		}
		return one(i, boot(i), 1, 100*float64(n-i), 60, synced)
	},
	"reversed": func(i, n int) journal.Flight { return one(i, boot(i), 1, 100*float64(n-i), 60, synced) },
	"one boot": func(i, n int) journal.Flight { return one(i, boot(7), 1+100*float64(i), 100*float64(i), 60, unsynced) },
	"overlapping": func(i, n int) journal.Flight {
		return one(i, boot(7), 1+float64(i), float64(i), 1e6, unsynced)
	},
	"overlapping synchronised": func(i, n int) journal.Flight {
		return one(i, boot(7), 1+float64(i), float64(i), 1e6, synced)
	},
	"in two lanes": func(i, n int) journal.Flight {
		f := one(i, boot(i/2), 1, 100*float64(i), 60, alternately(i))
		f.Lane = fmt.Sprint("lane-", i%2)
		return f
	},
	"in many lanes": func(i, n int) journal.Flight {
		f := one(i, boot(i/10), 1+100*float64(i%10), 100*float64(i), 60, alternately(i))
		f.Lane = fmt.Sprint("lane-", i%int(math.Sqrt(float64(n))))
		return f
	},
	"many machines": func(i, n int) journal.Flight {
		f := one(i, boot(i), 1, float64(i), 60, unsynced)
		f.Takeoff.Machine, f.Takeoff.Host = boot(i), fmt.Sprint("h", i)
		return f
	},
	"a machine ID a boot": func(i, n int) journal.Flight {
		f := one(i, boot(i), 1, 100*float64(i), 60, alternately(i))
		f.Takeoff.Machine = boot(i)
		return f
	},
	"two boots by turns": func(i, n int) journal.Flight {
		return one(i, boot(i%2), 1+100*float64(i), 100*float64(i), 60, unsynced)
	},
	"many boots by turns": func(i, n int) journal.Flight {
		return one(i, boot(i%int(math.Sqrt(float64(n)))), 1+100*float64(i), 100*float64(i), 60, alternately(i))
	},
	"a chain": func(i, n int) journal.Flight {
		f := one(i, boot(i), 1, 100*float64(i), 60, unsynced)
		if i > 0 {
			f.Takeoff.Continues = journaltest.ID(i - 1)
		}
		return f
	},
	"a ring": func(i, n int) journal.Flight {
		f := one(i, boot(i), 1, 100*float64(i), 60, unsynced)
		f.Takeoff.Continues = journaltest.ID((i*7 + 1) % n)
		return f
	},
	"no boot ID": func(i, n int) journal.Flight { return one(i, "", 1, 5, 60, unsynced) },
	"random": func(i, n int) journal.Flight {
		r := rand.New(rand.NewPCG(1, uint64(i)))
		sync := []clock.Sync{synced, clock.SyncWeak, unsynced, clock.SyncUnknown}[r.IntN(4)]
		return one(i, boot(r.IntN(n/3)), r.Float64()*1e8, r.Float64()*1e9, math.Pow(10, 8*r.Float64()), sync)
	},
	"legs to and fro": func(i, n int) journal.Flight {
		return many(i, boot(i), 1, legs, func(k int) float64 { return 5000*float64(i) + 10*float64(k) + 3000*float64(k%2) })
	},
	"legs to and fro in one boot": func(i, n int) journal.Flight {
		return many(i, boot(7), 1+5000*float64(i), legs, func(k int) float64 { return 5000*float64(i) + 10*float64(k) + 3000*float64(k%2) })
	},
	"legs forward in one boot": func(i, n int) journal.Flight {
		return many(i, boot(7), 1+5000*float64(i), legs, func(k int) float64 { return float64(i*legs+k) * 1000 })
	},
	"legs backward in one boot": func(i, n int) journal.Flight {
		return many(i, boot(7), 1+5000*float64(i), legs, func(k int) float64 { return 9e8 - 3*float64(i*legs+k) })
	},
}

func main() {
	n, err := strconv.Atoi(os.Args[2])
	make := shapes[os.Args[1]]
	if err != nil || make == nil {
		fmt.Fprintln(os.Stderr, "usage: shapes NAME FLIGHTS")
		os.Exit(2)
	}
	var flights []journal.Flight
	for i := range n {
		flights = append(flights, make(i, n))
	}
	slices.SortFunc(flights, func(a, b journal.Flight) int { return ksuid.Compare(a.ID, b.ID) })
	r := reports.New(flights, reports.Options{Run: reports.Run{Now: at(2e9)}})
	for m := range r.Machines {
		fmt.Println(m.Host, m.Summary.Boots)
	}
}
