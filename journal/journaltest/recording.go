package journaltest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// Recording is one recorder's side of a journal.
type Recording interface {
	Lane() string
	NewFlight(now time.Time) (ksuid.KSUID, error)
	Append(id ksuid.KSUID, records ...journal.Record) error
	Close() error
}

// Beat is the heartbeat of a synchronised flight that took off at 2026-11-01.
func Beat(elapsed time.Duration) journal.Beat {
	wall := journal.Instant(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).UnixNano()).Add(elapsed)
	return journal.Beat{Count: 1, Source: "adjtimex", Fix: journal.Fix{Elapsed: elapsed, Awake: elapsed, Raw: elapsed, Wall: wall, Sync: clock.SyncSynced, MaxError: time.Millisecond}}
}

// Fly records a flight of n heartbeats, a second apart, and lands it if it should.
func Fly(t testing.TB, j Recording, now time.Time, n int, lands bool) ksuid.KSUID {
	t.Helper()
	id, err := j.NewFlight(now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		records := []journal.Record{Beat(time.Duration(i) * time.Second)}
		if i == 0 {
			records = []journal.Record{journal.Takeoff{Identity: clock.Identity{Host: "pi"}, SinceBoot: clock.Unknown}, records[0]}
		}
		if lands && i == n-1 {
			records = append(records, journal.Landing{Reason: "SIGTERM"})
		}
		if err := j.Append(id, records...); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// TestRecording demands of a journal what recorders and reports count on, whoever keeps
// it. Open opens a lane of it, and read returns its flights; the journal is empty at first.
func TestRecording(t *testing.T, open func() (Recording, error), read func() ([]journal.Flight, error)) {
	mustOpen := func() Recording {
		t.Helper()
		r, err := open()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// demand compares each flight's lane, heartbeats and ending with want.
	demand := func(want ...string) []journal.Flight {
		t.Helper()
		flights, err := read()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range flights {
			got = append(got, fmt.Sprint(f.Lane, " ", f.Beats(), " ", f.Ending))
		}
		if !slices.Equal(got, want) {
			t.Errorf("flights %q, want %q", got, want)
		}
		if !journal.IsSorted(flights) {
			t.Error("flights aren't in order of takeoff")
		}
		return flights
	}
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	demand()

	// A flight is aloft from takeoff until it lands or its lane is closed.
	first := mustOpen()
	demand()
	ids := []ksuid.KSUID{Fly(t, first, now, 3, false)}
	demand("lane-0 3 aloft")

	// Recorders at the same time have lanes of their own. IDs increase over all of them,
	// whatever the wall clock says.
	second := mustOpen()
	demand("lane-0 3 aloft")
	ids = append(ids, Fly(t, second, time.Unix(0, 0), 2, true))
	ids = append(ids, Fly(t, first, now.AddDate(0, 0, -1), 4, true))
	ids = append(ids, Fly(t, second, now.AddDate(40, 0, 0), 1, false))
	ids = append(ids, Fly(t, first, now, 5, false))
	demand("lane-0 3 lost", "lane-1 2 landed", "lane-0 4 landed", "lane-1 1 aloft", "lane-0 5 aloft")
	if !slices.IsSortedFunc(ids, ksuid.Compare) {
		t.Errorf("IDs %v", ids)
	}
	for _, r := range []Recording{first, second} {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	demand("lane-0 3 lost", "lane-1 2 landed", "lane-0 4 landed", "lane-1 1 lost", "lane-0 5 lost")

	// Who opens a lane takes the first that is free, and has no flight yet.
	third := mustOpen()
	if third.Lane() != "lane-0" {
		t.Errorf("opened %s", third.Lane())
	}
	demand("lane-0 3 lost", "lane-1 2 landed", "lane-0 4 landed", "lane-1 1 lost", "lane-0 5 lost")
	if _, err := third.NewFlight(now); err != nil {
		t.Fatal(err)
	}
	demand("lane-0 3 lost", "lane-1 2 landed", "lane-0 4 landed", "lane-1 1 lost", "lane-0 5 lost")

	// All that was appended is there, however it was cut into pieces; of several landings
	// the last counts.
	log := []journal.Record{
		journal.Takeoff{Identity: clock.Identity{Host: "pi", Machine: "m", Boot: "b"}, SinceBoot: time.Minute, AwakeSinceBoot: time.Minute, Recorder: "1", PID: 7, Interval: time.Second, Continues: ids[4]},
		Beat(0), Beat(time.Second), Beat(2 * time.Second),
	}
	for n, cause := range []journal.Cause{journal.CauseStep, journal.CauseWake} {
		b := Beat(time.Duration(3+2*n) * time.Second)
		b.Leg, b.Cause = uint64(1+n), cause
		log = append(log, b)
		b.Elapsed += time.Second
		log = append(log, b)
	}
	log = append(log, journal.Landing{Reason: "SIGTERM"}, journal.Landing{Reason: "SIGTERM", Shutdown: journal.ShutdownYes, To: "reboot"})
	for _, piece := range []int{1, 3, len(log)} {
		id, err := third.NewFlight(now)
		if err != nil {
			t.Fatal(err)
		}
		for part := range slices.Chunk(log, piece) {
			if err := third.Append(id, part...); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := third.Close(); err != nil {
		t.Error(err)
	}
	flights := demand("lane-0 3 lost", "lane-1 2 landed", "lane-0 4 landed", "lane-1 1 lost", "lane-0 5 lost", "lane-0 7 landed", "lane-0 7 landed", "lane-0 7 landed")
	want := journal.Flight{Lane: "lane-0", Takeoff: log[0].(journal.Takeoff), Ending: journal.EndingLanded, Landing: &journal.Landing{Reason: "SIGTERM", Shutdown: journal.ShutdownYes, To: "reboot"}}
	want.Takeoff.Journal = flights[0].Takeoff.Journal
	for _, r := range log {
		if b, ok := r.(journal.Beat); ok && int(b.Leg) == len(want.Legs) {
			want.Legs = append(want.Legs, journal.Leg{Cause: b.Cause, Source: b.Source, Beats: 1, First: b.Fix, Last: b.Fix})
		} else if ok {
			leg := &want.Legs[b.Leg]
			leg.Beats, leg.Last = leg.Beats+1, b.Fix
		}
	}
	for _, f := range flights[5:] {
		want.ID = f.ID
		if !reflect.DeepEqual(f, want) {
			t.Errorf("got  %+v\nwant %+v", f, want)
		}
	}
	for _, f := range flights {
		if f.Takeoff.Journal != flights[0].Takeoff.Journal || strings.TrimSpace(f.Takeoff.Journal) != f.Takeoff.Journal {
			t.Errorf("flight %v is of journal %q, the first of %q", f.ID, f.Takeoff.Journal, flights[0].Takeoff.Journal)
		}
	}
}
