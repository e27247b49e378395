package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"github.com/cockroachdb/pebble/v2"
	"github.com/segmentio/ksuid"
)

// damageCases returns how many cases of damage are tried: a few hundred, or as many
// as FLIGHTREC_DAMAGE says, which make torture sets.
func damageCases(t *testing.T) int {
	if s := os.Getenv("FLIGHTREC_DAMAGE"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testing.Short() {
		return 100
	}
	return 400
}

// testimony is what was truly recorded in a journal.
type testimony struct {
	dir     string
	order   []ksuid.KSUID // the flight of each heartbeat, in the order of recording
	fixes   map[ksuid.KSUID]map[journal.Fix]bool
	takeoff journal.Takeoff
	flights []journal.Flight // as an undamaged journal gives them
}

// testify records a journal that has all there can be: tables of many blocks, on
// several levels, and logs, one of which was torn and continued. Its last flight is
// still under way if the recorder was killed.
func testify(t *testing.T, flights int, killed bool) *testimony {
	t.Helper()
	ksuid.SetRand(rand.NewChaCha8([32]byte{}))
	defer ksuid.SetRand(nil)
	live := t.TempDir()
	opts := storeOptions()
	opts.DisableAutomaticCompactions = flights%2 == 1
	w := &testimony{dir: live, fixes: map[ksuid.KSUID]map[journal.Fix]bool{}, takeoff: journal.Takeoff{
		Identity: clock.Identity{Host: "pi", Machine: "m", OS: "linux/arm", Kernel: "6.1"}, SinceBoot: time.Second, AwakeSinceBoot: clock.Unknown, Recorder: "test"}}
	for boot := range 3 {
		j, err := open(live, slog.New(slog.DiscardHandler), opts)
		if err != nil {
			t.Fatal(err)
		}
		for f := range flights {
			w.fly(t, j, 1+(f*7)%60, f%3 == 0 && !(killed && f == flights-1))
		}
		if killed && boot == 2 {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(live)); err != nil {
				t.Fatal(err)
			}
			w.dir = dir
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	w.flights = mustRead(t, w.dir)
	if n := count(w.flights); n != len(w.order) {
		t.Fatalf("%d heartbeats of %d, before any damage", n, len(w.order))
	}
	return w
}

func count(flights []journal.Flight) (n int) {
	for _, f := range flights {
		n += int(f.Beats())
	}
	return n
}

// fly records a flight of n heartbeats in legs of ten.
func (w *testimony) fly(t *testing.T, j *Journal, n int, lands bool) {
	t.Helper()
	id, err := j.NewFlight(time.Unix(1.8e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	w.fixes[id] = map[journal.Fix]bool{}
	for i := range n {
		b := journaltest.Beat(time.Duration(i) * time.Second)
		b.Leg = uint64(i / 10)
		b.Cause = journal.Cause(b.Leg % 3)
		b.Wall = b.Wall.Add(time.Duration(len(w.fixes)) * time.Hour)
		records := []journal.Record{b}
		if i == 0 {
			records = []journal.Record{w.takeoff, b}
		}
		if lands && i == n-1 {
			records = append(records, journal.Landing{Reason: "SIGTERM"})
		}
		if err := j.Append(id, records...); err != nil {
			t.Fatal(err)
		}
		if w.order = append(w.order, id); len(w.order)%flushEach == 0 {
			if err := j.store.db.Flush(); err != nil {
				t.Fatal(err)
			}
			rest(j.store.db)
		}
		w.fixes[id][b.Fix] = true
	}
}

// flushEach is after how many heartbeats there is a new log and a new table. The store
// would take a random number, for its memory's layout is random.
const flushEach = 150

// rest waits until a store does nothing of its own accord, so that the same journal is
// made of the same files each time, and a case of damage is the same as well.
func rest(db *pebble.DB) {
	for {
		m := db.Metrics()
		if m.Flush.NumInProgress+m.Compact.NumInProgress+m.Table.ObsoleteCount == 0 && m.MemTable.Count == 1 {
			return
		}
		time.Sleep(100 * time.Microsecond)
	}
}

// files lists a journal's files, relative to it.
func (w *testimony) files(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, f := range globs(t, filepath.Join(w.dir, "lane-0", "*")) {
		names = append(names, filepath.Join("lane-0", filepath.Base(f)))
	}
	return names
}

func globs(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// harm damages a copy of the journal, and says how.
func (w *testimony) harm(t *testing.T, rnd *rand.Rand) (dir, how string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		t.Fatal(err)
	}
	for range 1 + rnd.IntN(3)/2 {
		how += w.harmOnce(t, rnd, dir) + "; "
	}
	return dir, how
}

func (w *testimony) harmOnce(t *testing.T, rnd *rand.Rand, dir string) string {
	t.Helper()
	names := w.files(t)
	name := names[rnd.IntN(len(names))]
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if err != nil {
		return "" // gone already
	}
	how := ""
	at := 0
	if len(data) > 0 {
		at = rnd.IntN(len(data))
	}
	n := min(1+rnd.IntN(1<<rnd.IntN(14)), len(data)-at)
	switch rnd.IntN(9) {
	case 0, 1, 2:
		how = fmt.Sprintf("flip a bit at %d", at)
		if len(data) > 0 {
			data[at] ^= 1 << rnd.IntN(8)
		}
	case 3:
		how = fmt.Sprintf("cut at %d", at)
		data = data[:at]
	case 4:
		how = fmt.Sprintf("zero %d at %d", n, at)
		clear(data[at : at+n])
	case 5:
		how = fmt.Sprintf("double %d at %d", n, at)
		data = slices.Insert(data, at, data[at:at+n]...)
	case 6:
		how = fmt.Sprintf("noise for %d at %d", n, at)
		for i := range data[at : at+n] {
			data[at+i] = byte(rnd.Uint32())
		}
	case 7:
		how = "remove"
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return how + " " + name
	case 8:
		other := filepath.Join(filepath.Dir(name), fmt.Sprintf("%06d%s", rnd.IntN(40), filepath.Ext(name)))
		if rnd.IntN(2) == 0 {
			other = names[rnd.IntN(len(names))]
		}
		how = "copy to " + other + " from"
		path = filepath.Join(dir, other)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return how + " " + name
}

// hear checks what a damaged journal gives against what was recorded: less may be
// there, but nothing else, and nothing is missing without a word unless it is the
// end, as if the power had been cut then.
func (w *testimony) hear(flights []journal.Flight, warned []error) error {
	left := map[ksuid.KSUID]uint64{}
	for i, f := range flights {
		fixes := w.fixes[f.ID]
		if fixes == nil {
			return fmt.Errorf("flight %v was never recorded", f.ID)
		}
		if i > 0 && ksuid.Compare(flights[i-1].ID, f.ID) >= 0 {
			return fmt.Errorf("flight %v stands twice, or in the wrong place", f.ID)
		}
		if f.Beats() > uint64(len(fixes)) {
			return fmt.Errorf("flight %v: %d heartbeats of %d", f.ID, f.Beats(), len(fixes))
		}
		f.Takeoff.Journal = "" // the store puts it in
		if f.Takeoff != w.takeoff && f.Takeoff != (journal.Takeoff{SinceBoot: clock.Unknown, AwakeSinceBoot: clock.Unknown}) {
			return fmt.Errorf("flight %v: takeoff %+v", f.ID, f.Takeoff)
		}
		for _, leg := range f.Legs {
			if !fixes[leg.First] || !fixes[leg.Last] || leg.First.Elapsed/(10*time.Second) != leg.Last.Elapsed/(10*time.Second) {
				return fmt.Errorf("flight %v: leg %+v was never recorded", f.ID, leg)
			}
			if most := uint64((leg.Last.Elapsed-leg.First.Elapsed)/time.Second) + 1; leg.Beats > most {
				return fmt.Errorf("flight %v: leg %+v has more heartbeats than %d", f.ID, leg, most)
			}
		}
		left[f.ID] = f.Beats()
	}
	if len(warned) > 0 {
		return nil
	}
	for _, id := range w.order[:count(flights)] {
		left[id]--
	}
	for id, n := range left {
		if n != 0 {
			return fmt.Errorf("no warning, but %d of %d heartbeats, and they aren't the first ones (flight %v: %+d)", count(flights), len(w.order), id, int64(n))
		}
	}
	return nil
}

// recorded is how many heartbeats record appends.
const recorded = 4

// record takes off from a damaged journal, and checks that this lost nothing of what
// could be read before.
func (w *testimony) record(dir string, before []journal.Flight) error {
	done := make(chan error, 1)
	var id ksuid.KSUID
	go func() {
		done <- func() error {
			j, err := Open(dir, slog.New(slog.DiscardHandler))
			if err != nil {
				return err
			}
			if id, err = j.NewFlight(time.Now()); err != nil {
				return err
			}
			for i := range recorded {
				b := journaltest.Beat(time.Duration(i) * time.Second)
				b.Source = clock.Source(strings.Repeat("x", 100<<10)) // soon enough for a flush
				records := []journal.Record{b}
				if i == 0 {
					records = []journal.Record{journal.Takeoff{}, b}
				}
				if err := j.Append(id, records...); err != nil {
					return err
				}
			}
			return j.Close()
		}()
	}()
	select {
	case err := <-done:
		if err != nil {
			return err
		}
	case <-time.After(30 * time.Second):
		return errors.New("it hangs")
	}
	after, err := Read(context.Background(), dir, func(error) {})
	if err != nil {
		return err
	}
	if len(after) == 0 || after[len(after)-1].ID != id {
		return fmt.Errorf("the new flight %v is not the last one", id)
	}
	if n, m := count(after)-recorded, count(before); n < m {
		return fmt.Errorf("%d heartbeats could be read before, %d after", m, n)
	}
	return nil
}

// recordEach is every how many cases there is a recording, too: it syncs the disk
// many times.
const recordEach = 4

// TestDamage damages journals at random, and demands of reading them what
// testimony.hear says, and of recording that it takes off.
func TestDamage(t *testing.T) {
	cases := damageCases(t)
	// The long form draws its harm anew each time, the others the same again.
	seed := uint64(1)
	if os.Getenv("FLIGHTREC_DAMAGE") != "" {
		seed = uint64(time.Now().UnixNano())
	}
	if s := os.Getenv("FLIGHTREC_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
		cases = 1
	}
	journals := []*testimony{testify(t, 3, false), testify(t, 40, true), testify(t, 41, false)}
	whole, warnedOf, beats, all := 0, 0, 0, 0
	for n := range cases {
		rnd := rand.New(rand.NewPCG(seed+uint64(n), 0))
		w := journals[rnd.IntN(len(journals))]
		dir, how := w.harm(t, rnd)
		fail := func(format string, args ...any) {
			t.Helper()
			t.Errorf("FLIGHTREC_SEED=%d (%s): %s", seed+uint64(n), how, fmt.Sprintf(format, args...))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		var warned []error
		flights, err := Read(ctx, dir, func(err error) { warned = append(warned, err) })
		cancel()
		if err != nil {
			fail("reading: %v", err)
			continue
		}
		if err := w.hear(flights, warned); err != nil {
			fail("%v\nwarnings: %v", err, warned)
		}
		if n%recordEach == 0 {
			if err := w.record(dir, flights); err != nil {
				fail("recording: %v\nreading had warned: %v", err, warned)
			}
		}
		if count(flights) == len(w.order) {
			whole++
		}
		if len(warned) > 0 {
			warnedOf++
		}
		beats, all = beats+count(flights), all+len(w.order)
	}
	t.Logf("%d cases of damage from seed %d: %d read whole, %d with warnings; %.1f%% of all heartbeats read", cases, seed, whole, warnedOf, 100*float64(beats)/float64(all))
}
