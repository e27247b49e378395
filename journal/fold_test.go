package journal

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// anyFix draws a fix over the whole range of its fields.
func anyFix(t *rapid.T) Fix {
	return Fix{
		Elapsed:  time.Duration(rapid.Int64().Draw(t, "elapsed")),
		Awake:    time.Duration(rapid.Int64().Draw(t, "awake")),
		Raw:      time.Duration(rapid.OneOf(rapid.Just(int64(clock.Unknown)), rapid.Int64()).Draw(t, "raw")),
		Wall:     Instant(rapid.Int64().Draw(t, "wall")),
		Sync:     clock.Sync(rapid.IntRange(0, 3).Draw(t, "sync")),
		MaxError: time.Duration(rapid.OneOf(rapid.Just(int64(clock.Unknown)), rapid.Int64()).Draw(t, "max error")),
	}
}

func anyBeat(t *rapid.T) Beat {
	return Beat{
		Leg:    rapid.Uint64Range(0, 2).Draw(t, "leg"),
		Cause:  Cause(rapid.IntRange(0, 1).Draw(t, "cause")),
		Source: rapid.SampledFrom([]clock.Source{clock.SourceNone, clock.SourceAdjtimex}).Draw(t, "source"),
		Count:  rapid.Uint64Range(1, 3).Draw(t, "count"),
		Fix:    anyFix(t),
	}
}

// appendRecord appends a record that stands alone.
func appendRecord(dst []byte, r Record) []byte { return AppendLog(dst, []Record{r}) }

func anyTakeoff(t *rapid.T) Takeoff {
	s := func(name string) string { return rapid.StringN(0, 5, 20).Draw(t, name) }
	var continues ksuid.KSUID
	copy(continues[:], rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "continues"))
	boot := rapid.OneOf(rapid.StringN(0, 5, 20), rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-fA]{12}`)).Draw(t, "boot")
	origin := clock.BootOrigin(rapid.IntRange(0, int(clock.BootOriginContainer)).Draw(t, "origin"))
	container := ""
	if origin == clock.BootOriginContainer {
		container = "lxc"
	}
	return Takeoff{
		Identity: clock.Identity{Host: s("host"), Machine: s("machine"), Hardware: s("hardware"), Boot: boot, OS: s("os"), Kernel: s("kernel"),
			BootOrigin: origin, Container: container},
		Journal:        s("journal"),
		SinceBoot:      time.Duration(rapid.Int64().Draw(t, "since boot")),
		AwakeSinceBoot: time.Duration(rapid.Int64().Draw(t, "awake")),
		Built:          Instant(rapid.Int64().Draw(t, "built")),
		Recorder:       s("recorder"),
		PID:            rapid.Int64().Draw(t, "pid"),
		Interval:       time.Duration(rapid.Int64().Draw(t, "interval")),
		Continues:      continues,
	}
}

func anyRecord(t *rapid.T) Record {
	switch rapid.IntRange(0, 14).Draw(t, "kind") {
	case 0:
		return anyTakeoff(t)
	case 1:
		return Landing{Reason: rapid.String().Draw(t, "reason"), Shutdown: Shutdown(rapid.IntRange(0, 2).Draw(t, "shutdown")),
			To: rapid.SampledFrom([]string{"", "reboot", "kexec"}).Draw(t, "to")}
	case 9, 10, 11, 12:
		return anySample(t)
	case 13:
		return anyExtremes(t)
	case 14:
		return Evidence{{rapid.String().Draw(t, "source"), rapid.String().Draw(t, "value")}, {"rsts", "0x20"}}
	case 2: // of a newer version
		return verbatim{rapid.ByteRange(kindExtremes+1, 255).Draw(t, "new kind"), rapid.SliceOf(rapid.Byte()).Draw(t, "body")}
	}
	return anyBeat(t)
}

// anyOperand draws an operand: mostly records, each spelt for itself or all as one
// log, now and then one whose body isn't what its kind says, or garbage.
func anyOperand(t *rapid.T) []byte {
	if rapid.IntRange(0, 9).Draw(t, "garbage") == 0 {
		return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
	}
	var log []Record
	var operand []byte
	for range rapid.IntRange(1, 3).Draw(t, "records") {
		r := anyRecord(t)
		if rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
			_, body := r.appendRecord(nil, nil)
			r = verbatim{rapid.ByteRange(0, kindExtremes).Draw(t, "kind"), body}
		}
		log = append(log, r)
		operand = appendRecord(operand, r)
	}
	if rapid.Bool().Draw(t, "one log") {
		return AppendLog(nil, log)
	}
	return operand
}

// foldNewer and foldOlder are the two ways in which the store folds a sequence
// of operands, the oldest of which comes first.
func foldNewer(operands [][]byte) []byte {
	f := NewFold(operands[0])
	for _, o := range operands[1:] {
		f.Newer(o)
	}
	return f.Value()
}

func foldOlder(operands [][]byte) []byte {
	last := len(operands) - 1
	f := NewFold(operands[last])
	for i := last - 1; i >= 0; i-- {
		f.Older(operands[i])
	}
	return f.Value()
}

// foldAnyhow folds neighbours in random groups until one value is left.
func foldAnyhow(t *rapid.T, operands [][]byte) []byte {
	for {
		from := rapid.IntRange(0, len(operands)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(operands)).Draw(t, "to")
		way := foldNewer
		if rapid.Bool().Draw(t, "older") {
			way = foldOlder
		}
		value := way(operands[from:to])
		operands = append(append(append([][]byte{}, operands[:from]...), value), operands[to:]...)
		if len(operands) == 1 {
			return foldNewer(operands)
		}
	}
}

func TestFoldIsAssociative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		operands := make([][]byte, rapid.IntRange(1, 12).Draw(t, "operands"))
		for i := range operands {
			operands[i] = anyOperand(t)
		}
		want := foldNewer(operands)
		if got := foldOlder(operands); !bytes.Equal(got, want) {
			t.Fatalf("folding towards older gives\n%x\ntowards newer\n%x", got, want)
		}
		if got := foldAnyhow(t, operands); !bytes.Equal(got, want) {
			t.Fatalf("folding in groups gives\n%x\nin order\n%x", got, want)
		}
	})
}

// TestFoldKeepsEdges demands that all but the inner heartbeats of a leg survive,
// and that counts add up.
func TestFoldKeepsEdges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		log := make([]Record, rapid.IntRange(1, 20).Draw(t, "n"))
		operands := make([][]byte, len(log))
		var beats uint64
		for i := range log {
			log[i] = anyRecord(t)
			operands[i] = appendRecord(nil, log[i])
			if b, ok := log[i].(Beat); ok {
				beats += b.Count
			}
		}
		var folded []byte
		var foldedBeats uint64
		for _, r := range Records(foldAnyhow(t, operands)) {
			folded = appendRecord(folded, r)
			if b, ok := r.(Beat); ok {
				foldedBeats += b.Count
			}
		}
		if foldedBeats != beats {
			t.Fatalf("%d heartbeats became %d", beats, foldedBeats)
		}
		// The naive fold: cut the log into runs, and keep both ends of each; vitals by
		// themselves.
		var want []byte
		vitals := appendVitals(nil, log)
		log = slices.DeleteFunc(log, isVitals)
		for from := 0; from < len(log); {
			to := from + 1
			for to < len(log) && inRun(log[to-1], log[to]) {
				to++
			}
			want = appendRecord(want, log[from])
			if to-from > 1 {
				last := log[to-1].(Beat)
				last.Count = 0
				for _, r := range log[from+1 : to] {
					last.Count += r.(Beat).Count
				}
				want = appendRecord(want, last)
			}
			from = to
		}
		want = append(want, vitals...)
		if !bytes.Equal(folded, want) {
			t.Fatalf("folded\n%x\nwant\n%x", folded, want)
		}
	})
}

func inRun(r, s Record) bool {
	b, ok := r.(Beat)
	c, ok2 := s.(Beat)
	return ok && ok2 && b.Leg == c.Leg && b.Cause == c.Cause && b.Source == c.Source && b.Sync == c.Sync
}

func TestFlightOfFoldedIsFlightOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		operands := make([][]byte, rapid.IntRange(1, 20).Draw(t, "n"))
		var all []byte
		for i := range operands {
			operands[i] = appendRecord(nil, anyRecord(t))
			all = append(all, operands[i]...)
		}
		var want, got Flight
		wantErr := new(Assembler).flight(&want, ksuid.Nil, "lane-0", all)
		gotErr := new(Assembler).flight(&got, ksuid.Nil, "lane-0", foldAnyhow(t, operands))
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("unfolded: %v, folded: %v", wantErr, gotErr)
		}
		if g, w := AppendFlight(nil, &got), AppendFlight(nil, &want); !bytes.Equal(g, w) {
			t.Fatalf("folded\n%s\nunfolded\n%s", g, w)
		}
	})
}

// TestFormat pins the bytes of one record of each kind: they are in users'
// journals, and may never change. They were spelt out by hand from the boxes in
// the package's doc.
func TestFormat(t *testing.T) {
	beat := Beat{Leg: 1, Cause: CauseStep, Source: "ab", Count: 2, Fix: Fix{
		Elapsed: 10, Awake: 8, Raw: 9, Wall: 100, Sync: clock.SyncSynced, MaxError: 3}}
	bare := Beat{Count: 1, Fix: Fix{Raw: clock.Unknown, MaxError: clock.Unknown}}
	for _, tt := range []struct {
		record Record
		want   string
	}{
		{beat, "02" + "0e" + "01" + "02" + "03" + "03" + "02" + "6162" + "02" + "14" + "04" + "c801" + "02" + "06"},
		{bare, "02" + "09" + "00" + "00" + "00" + "00" + "00" + "01" + "00" + "00" + "00"},
		{Landing{Reason: "hup", Shutdown: ShutdownYes}, "03" + "05" + "02" + "03" + "687570"},
		{Landing{Reason: "hup", Shutdown: ShutdownYes, To: "halt"}, "03" + "05" + "02" + "03" + "687570" + "08" + "04" + "68616c74"},
		{Takeoff{Identity: clock.Identity{Host: "h", Boot: "b", Hardware: "s", Container: "lxc", BootOrigin: clock.BootOriginContainer},
			SinceBoot: -1, PID: 5, Interval: 1, Journal: "j", AwakeSinceBoot: 7, Built: -2},
			"01" + "1f" + "0168" + "00" + "0162" + "00" + "00" + "00" + "01" + "0a" + "02" + "0000000000000000000000000000000000000000" +
				"06" + "09" + "02" + "036c7863" + "0173" + "0e" + "03" + "07" + "01" + "6a"},
		{Takeoff{Identity: clock.Identity{Host: "h", Boot: "b"}, SinceBoot: -1, PID: 5, Interval: 1, AwakeSinceBoot: clock.Unknown},
			"01" + "1f" + "0168" + "00" + "0162" + "00" + "00" + "00" + "01" + "0a" + "02" + "0000000000000000000000000000000000000000"},
	} {
		if got := hex.EncodeToString(appendRecord(nil, tt.record)); got != tt.want {
			t.Errorf("%+v:\n got %s\nwant %s", tt.record, got, tt.want)
		}
	}
	// Behind beat, in its leg and in the next one.
	later := Beat{Leg: 1, Cause: CauseStep, Source: "ab", Count: 2, Fix: Fix{
		Elapsed: 20, Awake: 17, Raw: 20, Wall: 111, Sync: clock.SyncSynced, MaxError: clock.Unknown}}
	next := later
	next.Leg, next.Cause = 2, CauseStall
	for _, tt := range []struct {
		record Beat
		want   string
	}{
		{later, "04" + "06" + "01" + "02" + "14" + "02" + "02" + "04"},
		{next, "04" + "0c" + "05" + "02" + "04" + "03" + "02" + "6162" + "02" + "14" + "02" + "02" + "04"},
	} {
		log := AppendLog(nil, []Record{beat, tt.record})
		if got := hex.EncodeToString(log[len(appendRecord(nil, beat)):]); got != tt.want {
			t.Errorf("%+v behind another beat:\n got %s\nwant %s", tt.record, got, tt.want)
		}
	}
}

// TestKinds pins the numbers of the kinds, and demands that a kind of a newer version
// is carried on as it is, and taken for nothing else: above all not for a takeoff.
func TestKinds(t *testing.T) {
	if kinds := []int{kindOpaque, kindTakeoff, kindBeat, kindLanding, kindNext, kindBoot, kindOrigin, kindJournal, kindTarget, kindEvidence, kindVitals, kindExtremes}; !slices.IsSorted(kinds) || kinds[11] != 11 || len(slices.Compact(kinds)) != 12 {
		t.Errorf("kinds %v: they are in users' journals", kinds)
	}
	log := AppendLog(nil, []Record{Takeoff{Identity: clock.Identity{Host: "pi"}, AwakeSinceBoot: clock.Unknown}, beatAt(0)})
	plain, problems := new(Assembler).Flight(ksuid.Nil, "lane-0", log)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for kind := kindExtremes + 1; kind < 256; kind++ {
		newer := appendRecord(slices.Clone(log), verbatim{byte(kind), []byte("new")})
		if got := foldNewer([][]byte{log, newer[len(log):], appendRecord(nil, beatAt(time.Second))}); !bytes.Contains(got, newer[len(log):]) {
			t.Errorf("kind %d isn't carried on", kind)
		}
		f, problems := new(Assembler).Flight(ksuid.Nil, "lane-0", newer)
		if !reflect.DeepEqual(f, plain) || len(problems) != 1 || !strings.Contains(problems[0].Error(), "1 records not understood") {
			t.Errorf("kind %d: %v, and the flight is %+v", kind, problems, f)
		}
	}
}

// TestNextBeatAlone demands that a heartbeat that is told by the one before it isn't
// taken for anything without that.
func TestNextBeatAlone(t *testing.T) {
	first, second := beatAt(0), beatAt(time.Second)
	log := AppendLog(nil, []Record{first, second})
	alone := log[len(appendRecord(nil, first)):]
	folded := foldNewer([][]byte{appendRecord(nil, beatAt(time.Hour)), alone, appendRecord(nil, beatAt(2*time.Hour))})
	got := Records(folded)
	if len(got) != 3 {
		t.Fatalf("%d records: %+v", len(got), got)
	}
	if v, ok := got[1].(verbatim); !ok || v.k != kindOpaque || !bytes.Equal(v.body, alone) {
		t.Errorf("%x became %+v", alone, got[1])
	}
}

// FuzzRecords demands that what an operand is taken for is what its log is taken for
// again, and that nothing of it is lost that wasn't understood.
func FuzzRecords(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendRecord(nil, Beat{Count: 1, Fix: Fix{Raw: clock.Unknown, MaxError: clock.Unknown}}))
	f.Add(AppendLog(nil, []Record{beatAt(0), beatAt(time.Second), Landing{Reason: "terminated"}}))
	f.Add(appendRecord(appendRecord(nil, Takeoff{}), Landing{Reason: "terminated"}))
	f.Add(appendRecord(nil, Takeoff{Identity: clock.Identity{Boot: "0c5f8a4e-7d21-4f0b-9a63-51be2fd0a7c4"}}))
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, operand []byte) {
		all := Records(operand)
		if len(all) == 1 {
			if v, ok := all[0].(verbatim); ok && v.k == kindOpaque && bytes.Equal(v.body, operand) {
				return // kept whole
			}
		}
		log := AppendLog(nil, all)
		if again := Records(log); !reflect.DeepEqual(again, all) {
			t.Fatalf("%x decodes to %+v, which encodes to %x, which decodes to %+v", operand, all, log, again)
		}
		for rest := operand; len(rest) > 0; all = all[1:] {
			_, to, _ := frame(rest)
			if v, ok := all[0].(verbatim); ok && !bytes.Equal(appendRecord(nil, v), rest[:to]) {
				t.Fatalf("%x decodes to %+v", rest[:to], v)
			}
			rest = rest[to:]
		}
	})
}

// beatAt is the heartbeat of a synchronised flight that took off at 2026-11-01.
func beatAt(elapsed time.Duration) Beat {
	wall := Instant(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).UnixNano()).Add(elapsed)
	return Beat{Count: 1, Source: "adjtimex", Fix: Fix{Elapsed: elapsed, Awake: elapsed, Raw: elapsed, Wall: wall, Sync: clock.SyncSynced, MaxError: time.Millisecond}}
}
