package journal

import (
	"bytes"
	"encoding/hex"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

func anySpan(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(0, int64(math.MaxInt64/time.Second)).Draw(t, "s")) * time.Second
}

// anyVitals draws some vitals, in order.
func anyVitals(t *rapid.T) []Vital {
	some := rapid.SliceOfNDistinct(rapid.ByteRange(1, 255), 0, 5, rapid.ID).Draw(t, "vitals")
	slices.Sort(some)
	var all []Vital
	for _, v := range some {
		all = append(all, Vital(v))
	}
	return all
}

func anySample(t *rapid.T) Record {
	s := Sample{Elapsed: anySpan(t), Alarms: Alarms(rapid.Uint32Range(0, 9).Draw(t, "alarms"))}
	for _, v := range anyVitals(t) {
		s.Values = append(s.Values, Value{v, rapid.Int64().Draw(t, "n")})
	}
	return s
}

func anyExtremes(t *rapid.T) Record {
	e := Extremes{Samples: rapid.Uint64().Draw(t, "samples")}
	for bit := range 3 {
		if rapid.Bool().Draw(t, "alarm") {
			first := anySpan(t)
			e.Alarms = append(e.Alarms, AlarmSpan{Alarms(1) << bit, first, max(first, anySpan(t)), rapid.Uint64().Draw(t, "count")})
		}
	}
	for _, v := range anyVitals(t) {
		n := rapid.SliceOfN(rapid.Int64(), 3, 3).Draw(t, "n")
		slices.Sort(n)
		x := Extreme{v, n[0], n[2], n[1], anySpan(t), anySpan(t)}
		if x.Min == x.Max {
			x.MaxAt = x.MinAt
		}
		e.Vitals = append(e.Vitals, x)
	}
	return e
}

// appendVitals appends what becomes of the vitals of a log, told by the law alone: the
// latest eight samples stay, unless extremes stand behind them, and each value of what is
// before counts once.
func appendVitals(dst []byte, log []Record) []byte {
	log = slices.DeleteFunc(slices.Clone(log), func(r Record) bool { return !isVitals(r) })
	for i, r := range log {
		if _, ok := r.(Extremes); !ok && len(log)-i <= latestSamples && !slices.ContainsFunc(log[i:], func(r Record) bool { _, ok := r.(Extremes); return ok }) {
			if i == 0 {
				return AppendLog(dst, log)
			}
			return AppendLog(AppendLog(dst, []Record{naive(log[:i])}), log[i:])
		}
	}
	if len(log) == 0 {
		return dst
	}
	return AppendLog(dst, []Record{naive(log)})
}

// naive makes extremes of a log by going through it once for each vital and alarm.
func naive(log []Record) Extremes {
	type seen struct {
		n  int64
		at time.Duration
	}
	var e Extremes
	values, last := map[Vital][]seen{}, map[Vital]int64{}
	alarms := map[Alarms][]AlarmSpan{}
	for _, r := range log {
		switch r := r.(type) {
		case Sample:
			e.Samples++
			for bit := range 32 {
				if a := Alarms(1) << bit; r.Alarms&a != 0 {
					alarms[a] = append(alarms[a], AlarmSpan{a, r.Elapsed, r.Elapsed, 1})
				}
			}
			for _, v := range r.Values {
				values[v.Vital], last[v.Vital] = append(values[v.Vital], seen{v.N, r.Elapsed}), v.N
			}
		case Extremes:
			e.Samples += r.Samples
			for _, a := range r.Alarms {
				alarms[a.Alarm] = append(alarms[a.Alarm], a)
			}
			for _, x := range r.Vitals {
				values[x.Vital], last[x.Vital] = append(values[x.Vital], seen{x.Min, x.MinAt}, seen{x.Max, x.MaxAt}), x.Last
			}
		}
	}
	for _, a := range slices.Sorted(maps.Keys(alarms)) {
		span := AlarmSpan{a, math.MaxInt64, 0, 0}
		for _, s := range alarms[a] {
			span.First, span.Last, span.Count = min(span.First, s.First), max(span.Last, s.Last), span.Count+s.Count
		}
		e.Alarms = append(e.Alarms, span)
	}
	for _, v := range slices.Sorted(maps.Keys(values)) {
		all := values[v]
		slices.SortFunc(all, func(a, b seen) int {
			switch {
			case a.n != b.n && a.n < b.n, a.n == b.n && a.at < b.at:
				return -1
			case a == b:
				return 0
			}
			return 1
		})
		first := slices.IndexFunc(all, func(s seen) bool { return s.n == all[len(all)-1].n })
		e.Vitals = append(e.Vitals, Extreme{v, all[0].n, all[first].n, last[v], all[0].at, all[first].at})
	}
	return e
}

// TestVitalsAreBounded demands that a long flight keeps eight samples and the extremes of
// all before, however it was folded, and that a dump tells the same.
func TestVitalsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := []Record{Takeoff{SinceBoot: 1, AwakeSinceBoot: 1, Recorder: "1"}, Evidence{{"rsts", "0x1000"}}}
		n := rapid.IntRange(0, 100).Draw(t, "samples")
		for i := range n {
			at := time.Duration(i) * time.Second
			log = append(log, beatAt(at), Sample{Elapsed: at, Values: []Value{{VitalTemperature, rapid.Int64Range(-5, 5).Draw(t, "°C")}}})
		}
		log = append(log, beatAt(time.Hour))
		var operands [][]byte
		for _, r := range log {
			operands = append(operands, appendRecord(nil, r))
		}
		folded := foldAnyhow(t, operands)
		f, problems := new(Assembler).Flight(ksuid.Max, "lane-0", folded)
		raw, _ := new(Assembler).Flight(ksuid.Max, "lane-0", AppendLog(nil, log))
		if len(problems) > 0 || !reflect.DeepEqual(f, raw) {
			t.Fatalf("%v: folded %+v, as it was %+v", problems, f, raw)
		}
		older, latest := f.Vitals.Parts()
		if len(latest) != min(n, 8) || int(older.Samples)+len(latest) != n {
			t.Fatalf("%d samples became %d and %d", n, older.Samples, len(latest))
		}
		if !reflect.DeepEqual(f.Evidence, Evidence{{"rsts", "0x1000"}}) {
			t.Fatalf("evidence %v", f.Evidence)
		}
		if again, err := ParseFlight(dumped(&f)); err != nil || !reflect.DeepEqual(again, f) {
			t.Fatalf("%s\ncame back as %+v: %v", dumped(&f), again, err)
		}
	})
}

// TestVitalsFormat pins the bytes of the kinds that vitals and evidence have.
func TestVitalsFormat(t *testing.T) {
	for _, tt := range []struct {
		record Record
		want   string
	}{
		{Evidence{{"a", "bc"}, {"d", ""}}, "09" + "08" + "0161" + "026263" + "0164" + "00"},
		{Sample{Elapsed: time.Second, Alarms: AlarmOOM, Values: []Value{{VitalTemperature, -1}, {VitalAlarms, 64}}},
			"0a" + "08" + "01" + "00" + "02" + "0101" + "128001"},
		{Extremes{Samples: 2, Alarms: []AlarmSpan{{AlarmHeat, time.Second, 3 * time.Second, 2}}, Vitals: []Extreme{
			{VitalLoad, -1, 4, 0, time.Second, 0}, {VitalReadOnly, 0, 0, 0, 5 * time.Second, 5 * time.Second}}},
			"0b" + "10" + "02" + "01" + "02" + "01" + "02" + "02" + "06" + "01" + "01" + "05" + "00" + "01" + "0a" + "00" + "05" + "00"},
	} {
		got := appendRecord(nil, tt.record)
		if hex.EncodeToString(got) != tt.want {
			t.Errorf("%+v:\n got %x\nwant %s", tt.record, got, tt.want)
		}
		if again := Records(got); !reflect.DeepEqual(again, []Record{tt.record}) {
			t.Errorf("%x: %+v", got, again)
		}
	}
}

// TestHostileVitals demands that lines with vitals that no journal can hold are refused,
// by name.
func TestHostileVitals(t *testing.T) {
	f := plainFlight()
	f.Vitals = NewVitals(slices.Repeat([]Record{Sample{Elapsed: time.Second, Alarms: AlarmHeat, Values: []Value{{VitalLoad, 4}, {200, 7}}}}, 9)...)
	line := string(dumped(&f))
	if again, err := ParseFlight([]byte(line)); err != nil || !bytes.Equal(dumped(&again), []byte(line)) {
		t.Fatalf("%s: %v", line, err)
	}
	for _, tt := range []struct{ old, with, want string }{
		{`"elapsed_ns":1000000000,"alarms":["heat"]`, `"elapsed_ns":1000000001,"alarms":["heat"]`, "can't hold"},
		{`"elapsed_ns":1000000000,"alarms":["heat"]`, `"elapsed_ns":-1000000000,"alarms":["heat"]`, "can't hold"},
		{`"alarms":["heat"]`, `"alarms":["cold"]`, `alarm "cold"`},
		{`"load_hundredths":4`, `"lode":4`, `vital "lode"`},
		{`"vital(200)":7`, `"vital(256)":7`, `vital "vital(256)"`},
		{`"max":4`, `"max":3`, "can't hold"},
		{`"extremes":{"samples":1`, `"extremes":{"samples":0`, "no sample"},
		{`"count":1`, `"count":-1`, "not a flight"},
		{`"samples":[`, `"samples":[` + strings.Repeat(`{"elapsed_ns":0,"values":{"load_hundredths":1}},`, 8), "more than 8"},
	} {
		text := strings.Replace(line, tt.old, tt.with, 1)
		if _, err := ParseFlight([]byte(text)); text == line || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s for %s: %v, want %q", tt.with, tt.old, err, tt.want)
		}
	}
}
