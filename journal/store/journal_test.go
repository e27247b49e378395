package store

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"

	"github.com/segmentio/ksuid"
)

func mustOpen(t *testing.T, dir string) *Journal {
	t.Helper()
	j, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func mustRead(t *testing.T, dir string) []journal.Flight {
	t.Helper()
	flights, err := Read(t.Context(), dir, func(err error) { t.Errorf("warning: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	return flights
}

// TestRecording holds the store to what is demanded of all that keep heartbeats.
func TestRecording(t *testing.T) {
	dir := t.TempDir()
	journaltest.TestRecording(t,
		func() (journaltest.Recording, error) { return Open(dir, slog.New(slog.DiscardHandler)) },
		func() ([]journal.Flight, error) {
			return Read(t.Context(), dir, func(err error) { t.Errorf("warning: %v", err) })
		})
}

func TestEachReaderSeesWhatWasAppended(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	j := mustOpen(t, dir)
	first := journaltest.Fly(t, j, time.Now(), 5, true)
	second := journaltest.Fly(t, j, time.Now(), 3, false)
	check := func(when string, ending journal.Ending) {
		t.Helper()
		flights := mustRead(t, dir)
		if len(flights) != 2 || flights[0].ID != first || flights[1].ID != second {
			t.Fatalf("%s: %d flights", when, len(flights))
		}
		if flights[0].Beats() != 5 || flights[1].Beats() != 3 {
			t.Errorf("%s: %d and %d beats", when, flights[0].Beats(), flights[1].Beats())
		}
		if flights[0].Ending != journal.EndingLanded || flights[1].Ending != ending {
			t.Errorf("%s: %v and %v", when, flights[0].Ending, flights[1].Ending)
		}
		if got := flights[1].Legs; len(got) != 1 || got[0].Last != journaltest.Beat(2*time.Second).Fix {
			t.Errorf("%s: legs %+v", when, got)
		}
	}
	check("while recording", journal.EndingAloft)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	check("after", journal.EndingLost)
	j = mustOpen(t, dir)
	defer j.Close()
	if j.past.newest != second {
		t.Errorf("newest flight %v, want %v", j.past.newest, second)
	}
}

func TestReadCreatesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	_, err := Read(context.Background(), dir, func(error) {})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is not there: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading has made %s", dir)
	}
}

func TestLanes(t *testing.T) {
	dir := t.TempDir()
	a, b := mustOpen(t, dir), mustOpen(t, dir)
	if a.Lane() != "lane-0" || b.Lane() != "lane-1" {
		t.Errorf("lanes %s and %s", a.Lane(), b.Lane())
	}
	journaltest.Fly(t, a, time.Now(), 2, false)
	journaltest.Fly(t, b, time.Now(), 2, false)
	if flights := mustRead(t, dir); len(flights) != 2 || flights[0].Ending != journal.EndingAloft || flights[1].Ending != journal.EndingAloft {
		t.Errorf("flights %+v", flights)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	c := mustOpen(t, dir)
	if c.Lane() != "lane-0" {
		t.Errorf("lane %s, though lane-0 is free", c.Lane())
	}
	for _, j := range []*Journal{b, c} {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLanesAtOnce has one process take lanes of the same journal many times at the
// same moment: the kernel's locks keep nobody out there.
func TestLanesAtOnce(t *testing.T) {
	dir := t.TempDir()
	var (
		holders sync.Map
		done    sync.WaitGroup
	)
	for range 8 {
		done.Go(func() {
			for range 500 {
				l, err := acquireLane(dir, 0, slog.New(slog.DiscardHandler))
				if err != nil {
					t.Error(err)
					return
				}
				if _, taken := holders.LoadOrStore(l.dir, true); taken {
					t.Errorf("%s has two holders", l.name())
				}
				holders.Delete(l.dir)
				if err := l.release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
}

// TestKeysIncrease takes off again and again with clocks of every kind of
// wrongness, in two lanes.
func TestKeysIncrease(t *testing.T) {
	dir := t.TempDir()
	var last ksuid.KSUID
	for i, year := range []int{1970, 1970, 2026, 1970, 2099, 2026, 1, 2151, 9999, 2026, 1970} {
		j := mustOpen(t, dir)
		if i%2 == 1 { // take off from lane-1
			lane0 := j
			j = mustOpen(t, dir)
			if err := lane0.Close(); err != nil {
				t.Fatal(err)
			}
		}
		id := journaltest.Fly(t, j, time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC), 1, false)
		if ksuid.Compare(id, last) <= 0 {
			t.Errorf("year %d: flight %v after %v", year, id, last)
		}
		last = id
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	flights := mustRead(t, dir)
	if len(flights) != 11 || flights[10].ID != last {
		t.Errorf("%d flights, the last of them %v, want 11 and %v", len(flights), flights[len(flights)-1].ID, last)
	}
}

// TestKeysIncreaseInALongRun takes off anew in one lane after another lane's takeoff, as
// a recorder does whose clock flaps.
func TestKeysIncreaseInALongRun(t *testing.T) {
	dir := t.TempDir()
	a := mustOpen(t, dir)
	journaltest.Fly(t, a, time.Unix(0, 0), 2, true)
	b := mustOpen(t, dir)
	second := journaltest.Fly(t, b, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), 2, false)
	if third := journaltest.Fly(t, a, time.Unix(100, 0), 2, false); ksuid.Compare(third, second) <= 0 {
		t.Errorf("flight %v after %v", third, second)
	}
	for _, j := range []*Journal{a, b} {
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestKSUIDTimeSaturates(t *testing.T) {
	newest := ksuid.Max
	if got := ksuidTime(time.Now(), newest); got.Unix() != 1400000000+1<<32-1 {
		t.Errorf("after the last ID: %v", got)
	}
	year2099 := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	newest, _ = ksuid.NewRandomWithTime(year2099)
	if got := ksuidTime(time.Unix(0, 0), newest); !got.Equal(year2099.Add(time.Second)) {
		t.Errorf("1970 after 2099: %v", got)
	}
	if got := ksuidTime(year2099, ksuid.Nil); !got.Equal(year2099) {
		t.Errorf("2099 in an empty journal: %v", got)
	}
	if got := ksuidTime(time.Unix(0, 0), ksuid.Nil); got.Unix() != 1400000000 {
		t.Errorf("1970 in an empty journal: %v", got)
	}
}

// TestDamagedLaneIsSetAside demands that a recorder takes off whatever it finds,
// and that a report says what it could not read.
func TestDamagedLaneIsSetAside(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir)
	journaltest.Fly(t, j, time.Now(), 3, true)
	j.Close()
	manifests, _ := filepath.Glob(filepath.Join(dir, "lane-0", "MANIFEST-*"))
	for _, m := range manifests {
		if err := os.WriteFile(m, []byte("this is not a manifest"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	j = mustOpen(t, dir)
	defer j.Close()
	id := journaltest.Fly(t, j, time.Now(), 2, false)
	if _, err := os.Stat(filepath.Join(dir, "lane-0.damaged-1")); err != nil {
		t.Errorf("no lane was set aside: %v", err)
	}
	var warned []error
	flights, err := Read(t.Context(), dir, func(err error) { warned = append(warned, err) })
	if err != nil || len(warned) == 0 {
		t.Errorf("reading: %v, warnings %v", err, warned)
	}
	if len(flights) == 0 || flights[len(flights)-1].ID != id {
		t.Errorf("the new flight is not there: %+v", flights)
	}
}

// TestAloftIsOnlyWhoTookOff demands that the flight before isn't taken for aloft
// while its lane's next recorder starts.
func TestAloftIsOnlyWhoTookOff(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir)
	journaltest.Fly(t, j, time.Now(), 3, false)
	j.Close()
	j = mustOpen(t, dir)
	defer j.Close()
	if f := mustRead(t, dir); f[0].Ending != journal.EndingLost {
		t.Errorf("the flight before is %v", f[0].Ending)
	}
	journaltest.Fly(t, j, time.Now(), 1, false)
	if f := mustRead(t, dir); f[0].Ending != journal.EndingLost || f[1].Ending != journal.EndingAloft {
		t.Errorf("flights are %v and %v", f[0].Ending, f[1].Ending)
	}
}
