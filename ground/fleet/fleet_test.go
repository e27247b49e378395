package fleet

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// anyFleet are flights whose identities meet in many ways.
func anyFleet(t *rapid.T) []journal.Flight {
	name := func(kind string) string {
		return rapid.SampledFrom([]string{"", kind + "-1", kind + "-2", kind + "-3"}).Draw(t, kind)
	}
	newIDs := rapid.Bool().Draw(t, "a machine ID a boot")
	flights := make([]journal.Flight, rapid.IntRange(1, 12).Draw(t, "flights"))
	for i := range flights {
		f := &flights[i]
		f.ID[0], f.Lane, f.Ending = byte(i+1), "lane-0", journal.EndingLost
		f.Takeoff = journal.Takeoff{
			Identity: clock.Identity{Hardware: name("hardware"), Machine: name("machine"), Host: name("host"), Boot: name("boot")},
			Journal:  name("journal"), AwakeSinceBoot: clock.Unknown, SinceBoot: time.Duration(rapid.IntRange(0, 3).Draw(t, "since boot")) * time.Hour,
		}
		if newIDs {
			f.Takeoff.Hardware, f.Takeoff.Journal, f.Takeoff.Host = "", "", "host"
			f.Takeoff.Machine = fmt.Sprintf("machine-%d", i/2)
			f.Takeoff.Boot = "boot of " + f.Takeoff.Machine
		}
		wall := journal.InstantOf(time.Unix(2e9, 0)).Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "wall")) * time.Hour)
		fix := journal.Fix{Wall: wall, Raw: clock.Unknown, MaxError: clock.Unknown, Sync: rapid.SampledFrom([]clock.Sync{clock.SyncSynced, clock.SyncUnsynced}).Draw(t, "sync")}
		f.Legs = []journal.Leg{{Beats: 1, First: fix, Last: fix}}
	}
	return flights
}

// idsOf returns the IDs of each machine's flights, as text.
func idsOf(flights []journal.Flight) (all []string) {
	for _, m := range ground.Machines(flights) {
		var ids strings.Builder
		for _, f := range m.Flights {
			fmt.Fprintf(&ids, "%v ", f.ID)
		}
		all = append(all, ids.String())
	}
	return all
}

// No group holds a part of a machine: the machines of the groups are those of the whole.
// Where the names tell which machine a group is, it is that one.
func TestGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flights := anyFleet(t)
		f := New(rapid.IntRange(0, 2000).Draw(t, "memory"))
		defer f.Close()
		for i := range flights {
			if err := f.Add(&flights[i]); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Group(func(host, id string) bool { return true }); err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range f.Len() {
			group, warnings := f.Flights(i)
			if len(warnings) > 0 {
				t.Fatal(warnings)
			}
			got = append(got, idsOf(group)...)
			if host, id, ok := f.Machine(i); ok {
				if m := ground.Machines(group); len(m) != 1 || m[0].Host != host || m[0].ID != id {
					t.Fatalf("told to be %q %q: %+v", host, id, m)
				}
			}
		}
		want := idsOf(flights)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("machines\n%q\nwant\n%q", got, want)
		}
	})
}

// Of lines of one flight the one with most heartbeats stands, and two endings are told
// of once.
func TestTwins(t *testing.T) {
	f := New(0)
	defer f.Close()
	add := func(beats uint64) {
		fix := journal.Fix{Elapsed: time.Duration(beats) * time.Second, Raw: clock.Unknown, MaxError: clock.Unknown}
		flight := journal.Flight{ID: [20]byte{1}, Takeoff: journal.Takeoff{SinceBoot: clock.Unknown, AwakeSinceBoot: clock.Unknown}, Legs: []journal.Leg{{Beats: beats, Last: fix, First: journal.Fix{Raw: clock.Unknown, MaxError: clock.Unknown}}}}
		if err := f.Add(&flight); err != nil {
			t.Fatal(err)
		}
	}
	add(5)
	add(7)
	add(6)
	if err := f.Group(func(host, id string) bool { return true }); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if flights, warnings := f.Flights(0); len(flights) != 1 || flights[0].Beats() != 7 || len(warnings) != 1 {
			t.Errorf("flights %+v, warnings %v", flights, warnings)
		}
	}
	if got := f.Warnings(); len(got) != 1 {
		t.Errorf("warnings %v", got)
	}
}

// A unit is given back as it was added, wherever the pieces of it went, and nothing is left
// of the temporary file.
func TestSpill(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	s := spill{limit: 100}
	want := make([][]byte, 5)
	for i := range 300 {
		n, text := i*i%len(want), fmt.Append(nil, i, " ")
		want[n] = append(want[n], text...)
		if err := s.add(n, text); err != nil {
			t.Fatal(err)
		}
	}
	if s.file == nil || s.held > s.limit {
		t.Errorf("%d bytes in memory, in a file: %v", s.held, s.file != nil)
	}
	for n := range want {
		if got, err := s.read(n); err != nil || !reflect.DeepEqual(append([]byte{}, got...), append([]byte{}, want[n]...)) {
			t.Errorf("%d: %q, %v, want %q", n, got, err, want[n])
		}
	}
	s.close()
	if names, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(names) > 0 {
		t.Errorf("left: %q, %v", names, err)
	}
}

// Without room for the temporary file the error names what could not be done.
func TestSpillWithoutRoom(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	s := spill{limit: 0}
	if err := s.add(0, []byte("text")); err == nil || !strings.HasPrefix(err.Error(), "making a temporary file: ") {
		t.Error(err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	s = spill{file: full}
	if err := s.add(0, []byte("text")); err == nil || !strings.HasPrefix(err.Error(), "writing a temporary file: ") {
		t.Error(err)
	}
}
