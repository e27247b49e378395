package journal

import (
	"reflect"
	"testing"
	"time"

	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// What is unpacked is what was packed, for every flight that a dump can hold.
func TestPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var packed []byte
		var all []Flight
		for range rapid.IntRange(1, 3).Draw(t, "flights") {
			f := anyFlight(t)
			all, packed = append(all, f), f.AppendPacked(packed)
		}
		var a Assembler
		for i := range all {
			f, rest, err := a.Unpack(packed)
			if err != nil || !reflect.DeepEqual(f, all[i]) {
				t.Fatalf("flight %d: %v\n%+v\n%+v", i, err, f, all[i])
			}
			packed = rest
		}
		if len(packed) > 0 {
			t.Fatalf("%d bytes more", len(packed))
		}
	})
}

// anyFlight is a flight that a line of a dump may hold.
func anyFlight(t *rapid.T) Flight {
	f := Flight{Takeoff: anyTakeoff(t), Lane: rapid.String().Draw(t, "lane"), Ending: Ending(rapid.IntRange(0, 2).Draw(t, "ending"))}
	copy(f.ID[:], rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "id"))
	var elapsed time.Duration
	fix := func(sync clock.Sync) Fix {
		elapsed += time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "passed"))
		fix := anyFix(t)
		fix.Elapsed, fix.Awake, fix.Sync = elapsed, elapsed, sync
		return fix
	}
	for range rapid.IntRange(1, 4).Draw(t, "legs") {
		sync := clock.Sync(rapid.IntRange(0, 3).Draw(t, "sync"))
		b := anyBeat(t)
		leg := Leg{Cause: b.Cause, Source: b.Source, Beats: b.Count, First: fix(sync)}
		leg.Last = leg.First
		if leg.Beats > 1 || rapid.Bool().Draw(t, "moved on") {
			leg.Last = fix(sync)
		}
		f.Legs = append(f.Legs, leg)
	}
	switch f.Ending {
	case EndingLanded:
		f.Landing = &Landing{rapid.String().Draw(t, "reason"), Shutdown(rapid.IntRange(0, 2).Draw(t, "shutdown")), rapid.SampledFrom([]string{"", "reboot"}).Draw(t, "to")}
	case EndingAloft:
		if rapid.Bool().Draw(t, "dumped") {
			dumped := fix(clock.SyncWeak)
			f.Dumped = &dumped
		}
	}
	if rapid.Bool().Draw(t, "evidence") {
		f.Evidence = Evidence{{rapid.String().Draw(t, "source"), rapid.String().Draw(t, "value")}}
	}
	if rapid.Bool().Draw(t, "vitals") {
		f.Vitals = NewVitals(Sample{Elapsed: elapsed, Alarms: AlarmHeat, Values: []Value{{VitalAlarms, 3}}})
	}
	return f
}
