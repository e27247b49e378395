package worlds

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
	"flightrec/reports/render"

	"pgregory.net/rapid"
)

// TestWorlds tries FLIGHTREC_WORLDS worlds, or as many as CI has time for, half of
// them at a time. The seeds are 1 and 2 unless FLIGHTREC_WORLDS is given.
func TestWorlds(t *testing.T) {
	n, random := 4000, false
	if given := os.Getenv("FLIGHTREC_WORLDS"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil {
			t.Fatal(err)
		}
		random = true
	}
	if testing.Short() {
		n /= 8 // and rapid itself takes a fifth of it
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // stores come and go, and are small
	const halves = 2
	set(t, "rapid.checks", fmt.Sprint(n/halves))
	var judged tally
	t.Run("of", func(t *testing.T) {
		for i := range halves {
			seed := flag.Lookup("rapid.seed").Value.String()
			switch {
			case seed != "0":
			case random:
				seed = fmt.Sprint(rand.Uint64())
			default:
				seed = fmt.Sprint(i + 1)
			}
			t.Run(fmt.Sprint("half ", i+1), func(t *testing.T) {
				t.Parallel()
				dir := room(t)
				check(t, seed, func(rt *rapid.T) { judge(t, rt, dir, &judged) })
			})
		}
	})
	t.Logf("%d boards in %d worlds, %d of which can be told by their evidence", judged.boards, judged.worlds, judged.clear)
	if judged.clear < judged.boards/2 {
		t.Error("too many of them can't")
	}
}

// A tally counts what was judged.
type tally struct {
	mu                    sync.Mutex
	worlds, boards, clear int
}

// set sets a flag, if the user hasn't, until t has ended.
func set(t *testing.T, name, value string) {
	f := flag.Lookup(name)
	if f.Value.String() != f.DefValue {
		return
	}
	if err := f.Value.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Value.Set(f.DefValue) })
}

// seeding is held while a check takes its seed, which is a flag.
var seeding sync.Mutex

// check is rapid.Check with a seed of its own.
func check(t *testing.T, seed string, prop func(*rapid.T)) {
	t.Log("-rapid.seed=" + seed)
	seeding.Lock()
	f := flag.Lookup("rapid.seed")
	before := f.Value.String()
	f.Value.Set(seed)
	seeded := sync.OnceFunc(func() {
		f.Value.Set(before)
		seeding.Unlock()
	})
	defer seeded()
	rapid.Check(t, func(rt *rapid.T) {
		seeded()
		prop(rt)
	})
}

// room is where journals take no time: in memory, if the system has a folder there.
func room(t *testing.T) string {
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "flightrec-worlds-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// dumped returns the flights of boots as they are read from two dumps, whose lines
// come in any order.
func dumped(t *testing.T, rt *rapid.T, all []journal.Flight) (flights []journal.Flight) {
	var dump bytes.Buffer
	if err := render.Dump(&dump, reports.Flights(all, reports.Selection{})); err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(dump.String()))
	rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 0))
	rnd.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	half := rnd.IntN(len(lines) + 1)
	for _, file := range [][]string{lines[half:], lines[:half]} {
		err := journal.ReadDump(t.Context(), "dump", strings.NewReader(strings.Join(file, "")),
			func(f journal.Flight) { flights = append(flights, f) }, func(err error) { t.Error(err) })
		if err != nil {
			t.Fatal(err)
		}
	}
	return flights
}

// jsonOf returns all that a report and its clock log say.
func jsonOf(t *testing.T, flights []journal.Flight) string {
	var text bytes.Buffer
	for _, opts := range []reports.Options{{}, {Show: reports.Show{Clock: true}}} {
		if err := render.JSON(&text, reports.New(flights, opts), render.Look{}); err != nil {
			t.Fatal(err)
		}
	}
	return text.String()
}

// judge draws a world, plays it, and holds what is said of it against the truth.
func judge(t *testing.T, rt *rapid.T, dir string, judged *tally) {
	w := drawWorld(rt)
	err := w.play(t, w.cards(dir))
	os.RemoveAll(filepath.Join(dir, "card-0"))
	os.RemoveAll(filepath.Join(dir, "card-1"))
	if err != nil {
		rt.Fatalf("%v\n%s", err, w.tell())
	}
	if msg := w.stored(); msg != "" {
		rt.Fatalf("%s\n%s", msg, w.tell())
	}
	boots := ground.Ground(w.flights, ground.Options{})
	for _, opts := range []ground.Options{{}, {Observed: true}} {
		boots := ground.Ground(w.flights, opts)
		if msg := w.places(boots, opts); msg != "" {
			rt.Fatalf("%+v %s\n%s\n%s", opts, msg, w.tell(), tellGrounding(boots))
		}
	}
	if msg := w.lengths(boots); msg != "" {
		rt.Fatalf("%s\n%s\n%s", msg, w.tell(), tellGrounding(boots))
	}
	if again := dumped(t, rt, w.flights); jsonOf(t, w.flights) != jsonOf(t, again) {
		rt.Fatalf("the order of lines and files changes the answer\n%s\n%s\n%s", w.tell(), tellGrounding(boots), tellGrounding(ground.Ground(again, ground.Options{})))
	}
	for _, opts := range []reports.Options{{Run: reports.Run{Now: w.lives[len(w.lives)-1].Now}}, w.drawOptions(rt)} {
		if msg := w.report(boots, opts); msg != "" {
			var text strings.Builder
			render.Text(&text, reports.New(w.flights, opts), render.Look{})
			rt.Fatalf("%s\n%s\n%s\n%s", msg, w.tell(), tellGrounding(boots), &text)
		}
	}
	judged.mu.Lock()
	defer judged.mu.Unlock()
	judged.worlds++
	for board := range boards {
		if len(w.livesOf(board)) > 0 {
			judged.boards++
			if !w.vague(board, w.shared()) {
				judged.clear++
			}
		}
	}
}

// TestWorldsRepeat demands that a seed makes the same world each time: what is found in
// one can be looked at again.
func TestWorldsRepeat(t *testing.T) {
	n := 500
	if testing.Short() {
		n /= 5
	}
	for seed := range n {
		var told [2][]journal.Flight
		for i := range told {
			w := rapid.Custom(drawWorld).Example(seed)
			w.stores = false // whose IDs are random
			if err := w.play(t, w.cards("")); err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, w.tell())
			}
			told[i] = w.flights
		}
		if !reflect.DeepEqual(told[0], told[1]) {
			t.Fatalf("seed %d: two worlds\n%+v\n%+v", seed, told[0], told[1])
		}
	}
}
