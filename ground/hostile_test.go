package ground

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// drawHostile draws flights that no recorder would write.
func drawHostile(t *rapid.T) []journal.Flight {
	numbers := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3),
		rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, math.MaxInt64 - 1, int64(noon)}))
	number := func(name string) int64 { return numbers.Draw(t, name) }
	fix := func() journal.Fix {
		return journal.Fix{
			Elapsed: time.Duration(number("elapsed")), Awake: time.Duration(number("awake")), Raw: time.Duration(number("raw")),
			Wall: journal.Instant(number("wall")), Sync: clock.Sync(rapid.IntRange(0, 5).Draw(t, "sync")),
			MaxError: time.Duration(number("max error")),
		}
	}
	var flights []journal.Flight
	for range rapid.IntRange(0, 6).Draw(t, "flights") {
		f := journal.Flight{ID: id(rapid.IntRange(0, 9).Draw(t, "id"))}
		if rapid.IntRange(0, 9).Draw(t, "nil") == 0 {
			f.ID = ksuid.Nil
		}
		f.Lane = fmt.Sprint("lane-", rapid.IntRange(0, 1).Draw(t, "lane"))
		f.Takeoff.Machine = rapid.SampledFrom([]string{"", "m", "m"}).Draw(t, "machine")
		f.Takeoff.Boot = rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "boot")
		f.Takeoff.SinceBoot = time.Duration(number("since boot"))
		f.Takeoff.Continues = id(rapid.IntRange(0, 9).Draw(t, "continues"))
		for range rapid.IntRange(0, 3).Draw(t, "legs") {
			f.Legs = append(f.Legs, journal.Leg{Beats: uint64(rapid.IntRange(0, 3).Draw(t, "beats")), First: fix(), Last: fix()})
		}
		flights = append(flights, f)
	}
	return flights
}

func TestHostile(t *testing.T) {
	worlds(t, 20000)
	rapid.Check(t, func(t *rapid.T) {
		flights := drawHostile(t)
		before := slices.Clone(flights)
		for i := range before {
			before[i].Legs = slices.Clone(before[i].Legs)
		}
		opts := Options{Observed: rapid.Bool().Draw(t, "observed")}
		boots := Ground(flights, opts)
		if !reflect.DeepEqual(before, flights) {
			t.Fatal("the input was changed")
		}
		for _, b := range boots {
			for _, f := range b.Flights {
				if f.Start > f.End || f.Start < b.Start || f.End > b.End {
					t.Fatalf("flight %v .. %v in boot %v .. %v", f.Start, f.End, b.Start, b.End)
				}
				if lo, hi := f.Window.Earliest, f.Window.Latest; lo != nil && f.Start < *lo || hi != nil && f.End > *hi {
					t.Fatalf("flight %v .. %v outside of its window", f.Start, f.End)
				}
				if f.Error < clock.Unknown {
					t.Fatalf("error %v", f.Error)
				}
			}
		}
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 0))
		shuffled := slices.Clone(flights)
		rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := Ground(shuffled, opts); !reflect.DeepEqual(boots, again) {
			t.Fatal("the order of the input changes the answer")
		}
	})
}

func TestMillion(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	flights := make([]journal.Flight, n)
	for i := range flights {
		f := &flights[i]
		f.ID, f.Lane = id(i), "lane-0"
		f.Takeoff.Machine = "machine"
		f.Takeoff.Boot = fmt.Sprint(i / 3)
		f.Takeoff.SinceBoot = time.Duration(i%3) * time.Minute
		sync := clock.SyncUnsynced
		if i%10 == 0 {
			sync = clock.SyncSynced
		}
		first := journal.Fix{Wall: noon.Add(time.Duration(i) * time.Minute), Raw: clock.Unknown, Sync: sync}
		last := first
		last.Elapsed, last.Awake, last.Wall = 30*time.Second, 30*time.Second, first.Wall.Add(30*time.Second)
		f.Legs = []journal.Leg{{Beats: 4, First: first, Last: last}}
	}
	boots := Ground(flights, Options{})
	if want := (len(flights) + 2) / 3; len(boots) != want {
		t.Errorf("%d boots, want %d", len(boots), want)
	}
}
