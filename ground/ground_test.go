package ground

import (
	"fmt"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// noon is when tales begin.
var noon = journal.InstantOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

// id returns the n-th KSUID of a journal.
func id(n int) ksuid.KSUID {
	id, err := ksuid.FromParts(noon.Time().Add(time.Duration(n)*time.Second), make([]byte, 16))
	if err != nil {
		panic(err)
	}
	return id
}

// A tale makes flights, one after the other, in as few words as can be.
type tale struct{ flights []journal.Flight }

// fly adds a flight of boot, in lane-0, that took off since its boot.
func (t *tale) fly(boot string, since time.Duration, legs ...journal.Leg) *journal.Flight {
	f := journal.Flight{ID: id(len(t.flights)), Lane: "lane-0", Legs: legs}
	f.Takeoff.Boot, f.Takeoff.SinceBoot, f.Takeoff.Recorder = boot, since, "1.0.0"
	t.flights = append(t.flights, f)
	return &t.flights[len(t.flights)-1]
}

// leg is a leg of ten heartbeats, from and to in seconds, whose wall clock is
// that many seconds from noon at the flight's takeoff.
func leg(sync clock.Sync, from, to float64, wall float64) journal.Leg {
	fix := func(at float64) journal.Fix {
		f := journal.Fix{Elapsed: secs(at), Awake: secs(at), Raw: secs(at), Wall: noon.Add(secs(wall + at)), Sync: sync, MaxError: clock.Unknown}
		if sync == clock.SyncSynced {
			f.MaxError = 10 * time.Millisecond
		}
		return f
	}
	return journal.Leg{Beats: 10, First: fix(from), Last: fix(to)}
}

// told is a leg whose time a server told.
func told(from, to, wall float64) journal.Leg {
	l := leg(ok, from, to, wall)
	l.Source = "sntp"
	return l
}

// stray is a leg of one heartbeat.
func stray(sync clock.Sync, at, wall float64) journal.Leg {
	l := leg(sync, at, at, wall)
	l.Beats = 1
	return l
}

func secs(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// epoch is 1970, as leg counts.
var epoch = -noon.Sub(0).Seconds()

const (
	un = clock.SyncUnsynced
	ok = clock.SyncSynced
	wk = clock.SyncWeak
)

// a place is where a flight is expected, in seconds from noon.
type place struct {
	by         Grounding
	start, end float64
	earliest   float64 // none: unbounded
	latest     float64
	pauses     int
}

const none = -1e18

func pinned(by Grounding, start, end float64) place {
	return place{by: by, start: start, end: end, earliest: none, latest: none}
}

func within(by Grounding, start, end, earliest, latest float64) place {
	return place{by: by, start: start, end: end, earliest: earliest, latest: latest}
}

func (p place) paused(n int) place { p.pauses = n; return p }

// expect checks where the tale's flights were placed, to within what drift makes
// of lengths.
func (t *tale) expect(test *testing.T, opts Options, want ...place) []Boot {
	test.Helper()
	boots := Ground(t.flights, opts)
	got := make([]*Flight, len(t.flights))
	for _, b := range boots {
		for _, f := range b.Flights {
			for i := range t.flights {
				if t.flights[i].ID == f.ID {
					got[i] = f
				}
			}
		}
	}
	near := func(i journal.Instant, s float64) bool {
		return (i.Sub(noon) - secs(s)).Abs() <= 2*time.Second
	}
	side := func(i *journal.Instant, s float64) bool {
		if i == nil {
			return s == none
		}
		return s != none && near(*i, s)
	}
	for i, p := range want {
		f := got[i]
		if f.Grounding != p.by || !near(f.Start, p.start) || !near(f.End, p.end) || len(f.Pauses) != p.pauses ||
			!side(f.Window.Earliest, p.earliest) || !side(f.Window.Latest, p.latest) {
			test.Errorf("flight %d: grounding %d, %v .. %v, window %s, pauses %v; want %+v", i, f.Grounding,
				f.Start.Sub(noon), f.End.Sub(noon), tellWindow(f.Window), f.Pauses, p)
		}
	}
	return boots
}

func tellWindow(w Window) string {
	text := func(i *journal.Instant) string {
		if i == nil {
			return "none"
		}
		return i.Sub(noon).String()
	}
	return fmt.Sprint(text(w.Earliest), " .. ", text(w.Latest))
}

func TestAnchors(t *testing.T) {
	for _, test := range []struct {
		name string
		legs []journal.Leg
		want place
	}{
		{"synchronised all the time", []journal.Leg{leg(ok, 0, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"1970, then right", []journal.Leg{leg(un, 0, 20, epoch), leg(ok, 30, 100, 50)}, pinned(GroundingNTP, 50, 150)},
		{"right, then lost, then set forward", []journal.Leg{leg(ok, 0, 20, 0), leg(un, 30, 100, 5000)}, within(GroundingNTP, 0, 100, 0, 5100)},
		{"right, then lost, then set back", []journal.Leg{leg(ok, 0, 20, 0), leg(un, 30, 100, -5000)}, pinned(GroundingNTP, 0, 100)},
		{"a stray sample moves nothing", []journal.Leg{leg(ok, 0, 50, 0), stray(ok, 60, 7000), leg(un, 70, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"a stray sample is better than none", []journal.Leg{leg(un, 0, 50, epoch), stray(ok, 60, 7000)}, pinned(GroundingNTP, 7000, 7060)},
		{"a backward step: the later one is right", []journal.Leg{leg(ok, 0, 50, 3600), leg(ok, 60, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"a forward step: it stood still", []journal.Leg{leg(ok, 0, 50, 0), leg(ok, 60, 100, 3600)}, pinned(GroundingNTP, 0, 3700).paused(1)},
		{"two pauses", []journal.Leg{leg(ok, 0, 50, 0), leg(ok, 60, 100, 3600), leg(ok, 110, 200, 7200)}, pinned(GroundingNTP, 0, 7400).paused(2)},
		{"one wrong leg between two that agree", []journal.Leg{leg(ok, 0, 50, 0), leg(ok, 60, 100, -3600), leg(ok, 110, 200, 0)}, pinned(GroundingNTP, 0, 200)},
		{"no pause since 1970", []journal.Leg{leg(ok, 0, 50, epoch), leg(ok, 60, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"2099, then right", []journal.Leg{leg(un, 0, 50, 2.3e9), leg(ok, 60, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"a server lied into the past, the kernel knew better", []journal.Leg{told(0, 50, -3e7), leg(ok, 60, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"a server lied into the future", []journal.Leg{told(0, 50, 3e7), leg(ok, 60, 100, 0)}, pinned(GroundingNTP, 0, 100)},
		{"a server lied after the kernel knew", []journal.Leg{leg(ok, 0, 50, 0), told(60, 100, 3e7)}, pinned(GroundingNTP, 0, 100)},
		{"only a server was there to ask", []journal.Leg{leg(un, 0, 50, epoch), told(60, 100, 500)}, pinned(GroundingNTP, 500, 600)},
		{"servers agree about a pause", []journal.Leg{told(0, 50, 0), told(60, 100, 3600)}, pinned(GroundingNTP, 0, 3700).paused(1)},
		{"weak only", []journal.Leg{leg(un, 0, 50, epoch), leg(wk, 60, 100, 500)}, pinned(GroundingWeak, 500, 600)},
		{"weak is nothing beside synchronised", []journal.Leg{leg(wk, 0, 50, 500), leg(ok, 60, 100, 0)}, pinned(GroundingNTP, 0, 100)},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tale tale
			tale.fly("a", 10*time.Second, test.legs...)
			boots := tale.expect(t, Options{}, test.want)
			if got, want := boots[0].Start, boots[0].Flights[0].Start.Add(-10*time.Second); test.want.by != GroundingWeak && got != want {
				t.Errorf("the boot began at %v, want %v", got.Time(), want.Time())
			}
		})
	}
}

func TestErrors(t *testing.T) {
	var tale tale
	tale.fly("a", 0, leg(un, 0, 1000, epoch), leg(ok, 1000, 2000, 0))
	f := Ground(tale.flights, Options{})[0].Flights[0]
	if want := 10*time.Millisecond + 500*time.Millisecond; f.Error != want {
		t.Errorf("1000 s before its anchor: error %v, want %v", f.Error, want)
	}
	tale.flights[0].Legs[1].First.MaxError = clock.Unknown
	if f := Ground(tale.flights, Options{})[0].Flights[0]; f.Error != clock.Unknown {
		t.Errorf("an anchor without a maximum error: error %v", f.Error)
	}
}

func TestSlewIsTakenOut(t *testing.T) {
	slewed := leg(un, 0, 1000, 0)
	slewed.Last.Raw = 920 * time.Second // the boot clock ran 8 % fast
	synced := leg(ok, 1001, 2000, 0)
	synced.First.Raw, synced.Last.Raw = 921*time.Second, 1920*time.Second
	var tale tale
	tale.fly("a", 0, slewed, synced)
	tale.expect(t, Options{}, pinned(GroundingNTP, 80, 2000))
}

func TestSisters(t *testing.T) {
	var tale tale
	tale.fly("a", 10*time.Second, leg(un, 0, 100, epoch))
	tale.fly("a", 200*time.Second, leg(ok, 0, 100, 200))
	tale.fly("a", 400*time.Second, leg(un, 0, 100, 400))
	boots := tale.expect(t, Options{}, pinned(GroundingBoot, 10, 110), pinned(GroundingNTP, 200, 300), pinned(GroundingBoot, 400, 500))
	if len(boots) != 1 || boots[0].Span != (Span{noon, noon.Add(500 * time.Second)}) {
		t.Errorf("boots %+v", boots)
	}
	tale.expect(t, Options{Observed: true}, within(GroundingBounded, 100, 200, none, 200), pinned(GroundingNTP, 200, 300), within(GroundingWall, 400, 500, 300, none))
}

func TestWindows(t *testing.T) {
	day := 86400.0
	for _, test := range []struct {
		name string
		tell func(*tale)
		want []place
	}{
		{"between two", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 0, leg(un, 0, 500, epoch))
			t.fly("c", 0, leg(ok, 0, 100, 2900))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingBounded, 1700, 2200, 1000, 2900), pinned(GroundingNTP, 2900, 3000)}},
		{"a chain takes off each other's lengths", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 0, leg(un, 0, 500, epoch))
			t.fly("c", 0, leg(un, 0, 300, epoch))
			t.fly("d", 0, leg(ok, 0, 100, 2000))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingBounded, 1100, 1600, 1000, 1700), within(GroundingBounded, 1650, 1950, 1500, 2000), pinned(GroundingNTP, 2000, 2100)}},
		{"a wall clock that fits", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 0, leg(un, 0, 500, 1200))
			t.fly("c", 0, leg(ok, 0, 100, day))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingWall, 1200, 1700, 1000, day), pinned(GroundingNTP, day, day+100)}},
		{"an earlier leg's wall clock fits", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 0, leg(un, 0, 200, 1200), leg(un, 210, 500, 9*day))
			t.fly("c", 0, leg(ok, 0, 100, day))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingWall, 1200, 1700, 1000, day), pinned(GroundingNTP, day, day+100)}},
		{"the kernel's boot counts", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 100*time.Second, leg(un, 0, 500, epoch))
			t.fly("c", 200*time.Second, leg(ok, 0, 100, 2000))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingBounded, 1200, 1700, 1100, 1800), pinned(GroundingNTP, 2000, 2100)}},
		{"nothing after it", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 0, leg(un, 0, 500, epoch))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingBounded, 1000, 1500, 1000, none)}},
		{"nothing before it", func(t *tale) {
			t.fly("a", 0, leg(un, 0, 500, epoch))
			t.fly("b", 0, leg(ok, 0, 1000, 0))
		}, []place{within(GroundingBounded, -500, 0, none, 0), pinned(GroundingNTP, 0, 1000)}},
		{"the clock restarts at its image's time", func(t *tale) {
			for range 3 {
				t.fly("", clock.Unknown, leg(un, 0, 50, 0))
			}
		}, []place{within(GroundingWall, 0, 50, none, none), within(GroundingWall, 50, 100, none, none), within(GroundingWall, 100, 150, none, none)}},
		{"a real-time clock and no network", func(t *tale) {
			t.fly("a", 0, leg(un, 0, 50, 0))
			t.fly("b", 0, leg(un, 0, 50, 100))
		}, []place{within(GroundingWall, 0, 50, none, none), within(GroundingWall, 100, 150, none, none)}},
		{"another lane at the same time", func(t *tale) {
			t.fly("a", clock.Unknown, leg(ok, 0, 1000, 0))
			t.fly("b", clock.Unknown, leg(un, 0, 500, 200)).Lane = "lane-1"
			t.fly("c", clock.Unknown, leg(ok, 0, 100, 2000))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingWall, 200, 700, 0, none), pinned(GroundingNTP, 2000, 2100)}},
		{"a lie is not believed for its own boot", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 100, 0))
			t.fly("b", 0, leg(ok, 0, 100, 2.3e9))
			t.fly("c", 0, leg(un, 0, 100, 300))
			t.fly("d", 0, leg(ok, 0, 100, 500))
			t.fly("e", 0, leg(ok, 0, 100, 700))
		}, []place{pinned(GroundingNTP, 0, 100), within(GroundingBounded, 150, 250, 100, 400), within(GroundingWall, 300, 400, 200, 500), pinned(GroundingNTP, 500, 600), pinned(GroundingNTP, 700, 800)}},
		{"of two claims against each other, the later one is drawn by its clock", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 100, 0))
			t.fly("b", 0, leg(ok, 0, 100, 5000))
			t.fly("c", 0, leg(un, 0, 100, 300))
			t.fly("d", 0, leg(ok, 0, 100, 500))
		}, []place{pinned(GroundingNTP, 0, 100), within(GroundingNTP, 5000, 5100, 100, none), within(GroundingBounded, 5100, 5200, 200, none), within(GroundingBounded, 5200, 5300, 300, none)}},
		{"a weak place that contradicts its neighbours", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 100, 0))
			t.fly("b", 0, leg(wk, 0, 100, 5000))
			t.fly("c", 0, leg(ok, 0, 100, 500))
		}, []place{pinned(GroundingNTP, 0, 100), within(GroundingBounded, 250, 350, 100, 500), pinned(GroundingNTP, 500, 600)}},
		{"a weak place bounds nobody", func(t *tale) {
			t.fly("a", 0, leg(wk, 0, 100, 0))
			t.fly("b", 0, leg(un, 0, 100, epoch))
		}, []place{pinned(GroundingWeak, 0, 100), within(GroundingBounded, 100, 200, none, none)}},
		{"a boot ID that repeats", func(t *tale) {
			t.fly("1", 10*time.Second, leg(ok, 0, 1000, 0))
			t.fly("1", 10*time.Second, leg(un, 0, 100, epoch))
			t.fly("1", 10*time.Second, leg(ok, 0, 100, 2010))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingBounded, 1455, 1555, 1010, 2000), pinned(GroundingNTP, 2010, 2110)}},
		{"another machine bounds nobody", func(t *tale) {
			t.fly("a", 0, leg(ok, 0, 1000, 0))
			t.fly("b", 0, leg(un, 0, 500, 200)).Takeoff.Machine = "copied card"
			t.fly("c", 0, leg(ok, 0, 100, 2900))
		}, []place{pinned(GroundingNTP, 0, 1000), within(GroundingWall, 200, 700, none, none), pinned(GroundingNTP, 2900, 3000)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tale tale
			test.tell(&tale)
			tale.expect(t, Options{}, test.want...)
		})
	}
}

// TestDrawnLengths demands that a boot is drawn as long as its boot clock says, where
// its neighbours leave room for it, although it may have been shorter by drift.
func TestDrawnLengths(t *testing.T) {
	for _, test := range []struct {
		name  string
		wall  float64 // of the first of two boots of 500 s each, between 1000 s and next
		next  float64
		short bool // there is no room
	}{
		{"room for both", epoch, 2100, false},
		{"no room but for both", epoch, 2000, false},
		{"the first one's clock leaves no room for the second but what drift allows", 1500.2, 2500.1, false},
		{"too crowded", epoch, 1999.7, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var tale tale
			tale.fly("a", 0, leg(ok, 0, 1000, 0))
			tale.fly("b", 0, leg(un, 0, 500, test.wall))
			tale.fly("c", 0, leg(un, 0, 500, epoch))
			tale.fly("d", 0, leg(ok, 0, 100, test.next))
			boots := Ground(tale.flights, Options{})
			var drawn time.Duration
			end := boots[0].End
			for _, b := range boots[1:3] {
				if b.Start < end {
					t.Errorf("boot %s is drawn %v too early", b.ID, end.Sub(b.Start))
				}
				drawn, end = drawn+b.End.Sub(b.Start), b.End
			}
			if end > boots[3].Start {
				t.Errorf("boot c is drawn %v too late", end.Sub(boots[3].Start))
			}
			if (drawn < 1000*time.Second) != test.short || drawn < 999*time.Second {
				t.Errorf("two boots of 500 s are drawn for %v", drawn)
			}
		})
	}
}

// TestKernelsBootByWeak demands that a boot is told from the kernel's boot on if its
// place is known by weak time, with or without a boot ID.
func TestKernelsBootByWeak(t *testing.T) {
	for _, boot := range []string{"", "a"} {
		for observed, want := range map[bool]float64{false: 40, true: 100} {
			var tale tale
			tale.fly(boot, time.Minute, leg(wk, 0, 100, 100))
			if b := Ground(tale.flights, Options{Observed: observed})[0]; b.Start != noon.Add(secs(want)) {
				t.Errorf("boot %q, observed %v: from %v", boot, observed, b.Start.Sub(noon))
			}
		}
	}
}

// TestTimes demands that a product stops at the end of its range.
func TestTimes(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		n    int64
		want time.Duration
	}{{0, 2000, 0}, {3 * time.Second, 2000, 6000 * time.Second}, {forever / 2000, 2000, forever / 2000 * 2000}, {3 * time.Hour, 2000, 6000 * time.Hour}, {forever / 1999, 2000, forever}, {forever, 1, forever}} {
		if got := times(c.d, c.n); got != c.want {
			t.Errorf("times(%v, %d) = %v, want %v", c.d, c.n, got, c.want)
		}
	}
}

// TestDoubt demands that a takeoff which may have been before a pause or after it says
// so in its error: a clock's maximum error grows but once a second.
func TestDoubt(t *testing.T) {
	before, after := leg(ok, 0, 0.5, 0), leg(ok, 1, 100, 3600)
	before.First.MaxError, before.Last.MaxError = 0, 0
	var tale tale
	tale.fly("a", 10*time.Second, before, after)
	if f := Ground(tale.flights, Options{})[0].Flights[0]; len(f.Pauses) != 1 || f.Error < time.Hour {
		t.Errorf("pauses %v, error %v", f.Pauses, f.Error)
	}
}

func TestContinues(t *testing.T) {
	var tale tale
	first := tale.fly("", 10*time.Second, leg(un, 0, 100, epoch)).ID
	tale.fly("", 110*time.Second, leg(ok, 0, 100, 110)).Takeoff.Continues = first
	if boots := tale.expect(t, Options{}, pinned(GroundingBoot, 10, 110), pinned(GroundingNTP, 110, 210)); len(boots) != 1 {
		t.Errorf("%d boots", len(boots))
	}
}

func TestReadTwice(t *testing.T) {
	var tale tale
	tale.fly("a", 0, leg(ok, 0, 100, 0))
	longer := tale.flights[0]
	longer.Legs = []journal.Leg{leg(ok, 0, 200, 0)}
	longer.Legs[0].Beats = 20
	boots := Ground([]journal.Flight{tale.flights[0], longer}, Options{})
	if len(boots) != 1 || len(boots[0].Flights) != 1 || boots[0].End != noon.Add(200*time.Second) {
		t.Errorf("boots %+v", boots)
	}
	if boots := Ground(nil, Options{}); len(boots) != 0 {
		t.Errorf("boots from nothing: %+v", boots)
	}
}

// What a sleep may have been counted too long is no more than the sleep.
func TestSleepBeforeAnotherBoot(t *testing.T) {
	asleep := leg(ok, 61, 61, 0)
	asleep.First.Awake, asleep.First.Raw = 0, 0
	asleep.Last = asleep.First
	var tale tale
	tale.fly("a", 0, stray(ok, 0, 0), asleep)
	tale.fly("b", 0, leg(ok, 0, 8, 61), leg(ok, 600, 3600, 62))
	tale.expect(t, Options{}, pinned(GroundingNTP, 0, 61), pinned(GroundingNTP, 61, 3662).paused(1))
}

// Nothing lies after now: after what is known of that, and after what is aloft in the same
// journal by its last heartbeat and interval, or by when that was dumped.
func TestNow(t *testing.T) {
	for name, tt := range map[string]struct {
		now      float64
		interval float64
		dumped   float64
		ending   journal.Ending
		latest   float64
	}{
		"aloft":                 {0, 0, 0, journal.EndingAloft, 3630},
		"aloft by its interval": {0, 600, 0, journal.EndingAloft, 4200},
		"aloft when dumped":     {0, 600, 3900, journal.EndingAloft, 3900},
		"a clock that is right": {3610, 0, 0, journal.EndingAloft, 3610},
		"lost":                  {0, 0, 0, journal.EndingLost, none},
	} {
		t.Run(name, func(t *testing.T) {
			var tale tale
			host := tale.fly("a", 100*time.Second, leg(ok, 0, 3600, 0))
			host.Ending, host.Takeoff.Interval = tt.ending, secs(tt.interval)
			if tt.dumped > 0 {
				fix := leg(ok, tt.dumped, tt.dumped, 0).Last
				host.Dumped = &fix
			}
			tale.fly("b", 200*time.Second, leg(un, 0, 600, epoch+200)).Lane = "lane-1"
			var opts Options
			if tt.now > 0 {
				opts.Now = noon.Add(secs(tt.now))
			}
			for _, b := range Ground(tale.flights, opts) {
				w := b.Flights[0].Window
				switch {
				case b.ID == "a":
				case tt.latest == none && w.Latest != nil:
					t.Errorf("not after %v, and nothing tells that", w.Latest.Sub(noon))
				case tt.latest != none && (w.Latest == nil || (w.Latest.Sub(noon)-secs(tt.latest)).Abs() > 2*time.Second):
					t.Errorf("window %s, want none after %v", tellWindow(w), secs(tt.latest))
				}
			}
		})
	}
}
