package journal

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
)

// dumped is a flight's line in a dump.
func dumped(f *Flight) []byte { return append(AppendFlight(nil, f), '\n') }

// plainFlight is a flight that breaks no rule.
func plainFlight() Flight {
	first := beatAt(0)
	last := beatAt(time.Minute)
	return Flight{
		ID: ksuid.Max, Lane: "lane-0", Takeoff: Takeoff{SinceBoot: 5, AwakeSinceBoot: 4, PID: 1, Recorder: "1"},
		Legs:    []Leg{{Beats: 4, Source: "adjtimex", First: first.Fix, Last: last.Fix}},
		Landing: &Landing{Reason: "SIGTERM", Shutdown: ShutdownYes}, Ending: EndingLanded,
	}
}

// FuzzFold demands that the merger takes whatever it is given, and that it makes no
// difference where the operands are cut or from which end they are folded.
func FuzzFold(f *testing.F) {
	beat := appendRecord(nil, beatAt(0))
	f.Add([]byte{}, 0)
	f.Add(bytes.Repeat(beat, 5), 2*len(beat))
	f.Add(appendRecord(appendRecord(nil, Takeoff{}), Landing{Reason: "\x1b[2J"}), 40)
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 0}, 11)
	f.Fuzz(func(t *testing.T, log []byte, at int) {
		at = int(uint(at) % uint(len(log)+1))
		operands := [][]byte{log[:at], log[at:], beat, log}
		want := foldNewer(operands)
		for _, got := range [][]byte{
			foldOlder(operands),
			foldNewer([][]byte{foldNewer(operands[:2]), foldOlder(operands[2:])}),
			foldOlder([][]byte{operands[0], foldOlder(operands[1:])}),
			foldNewer([][]byte{want}),
		} {
			if !bytes.Equal(got, want) {
				t.Fatalf("%x cut at %d: folded to\n%x and\n%x", log, at, got, want)
			}
		}
		// What breaks no rule can be dumped and read again.
		flight, _ := new(Assembler).Flight(ksuid.Max, "lane-0", want)
		if len(flight.Legs) == 0 {
			return
		}
		again, err := ParseFlight(dumped(&flight))
		if err != nil {
			t.Fatalf("%v in its own dump:\n%s", err, dumped(&flight))
		}
		if got, want := dumped(&again), dumped(&flight); !bytes.Equal(got, want) {
			t.Fatalf("dumped\n%s\nread, and dumped again\n%s", want, got)
		}
	})
}

// FuzzParseFlight demands that what was read is written so that it is read again as
// the same, and that no line of a dump commands a terminal.
func FuzzParseFlight(f *testing.F) {
	flight := plainFlight()
	line := string(dumped(&flight))
	f.Add([]byte(line))
	for _, edit := range hostileEdits {
		f.Add([]byte(strings.Replace(line, edit.old, edit.with, 1)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		flight, err := ParseFlight(text)
		if err != nil {
			return
		}
		line := dumped(&flight)
		if bytes.ContainsFunc(line[:len(line)-1], func(r rune) bool { return r < ' ' || isControl(r) }) {
			t.Fatalf("a control character in %q", line)
		}
		again, err := ParseFlight(line)
		if err != nil {
			t.Fatalf("%v in its own dump:\n%s", err, line)
		}
		if got := dumped(&again); !bytes.Equal(got, line) || !reflect.DeepEqual(again.Legs, flight.Legs) {
			t.Fatalf("dumped\n%s\nread, and dumped again\n%s", line, got)
		}
		if len(line) > flight.lineBound() {
			t.Fatalf("%d bytes, expected at most %d", len(line), flight.lineBound())
		}
	})
}

// FuzzReadDump demands that each line of whatever is given as a dump is either used
// or named, and that a line is read alike wherever it stands.
func FuzzReadDump(f *testing.F) {
	flight := plainFlight()
	line := string(dumped(&flight))
	f.Add([]byte(line + "\n\n" + line + "garbage\n" + line[:50]))
	f.Add([]byte("\xff\xfe\n\x00\x00\n[[[[[[\n{\"schema\":null}\r\n" + line))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, named, lines := 0, 0, 0
		err := ReadDump(context.Background(), "dump", bytes.NewReader(text), func(Flight) { got++ }, func(error) { named++ })
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			if len(bytes.TrimSpace(line)) > 0 {
				lines++
			}
		}
		if got+named != lines {
			t.Fatalf("%d flights and %d warnings of %d lines", got, named, lines)
		}
	})
}

// hostileEdits break the line of plainFlight, each in its own way.
var hostileEdits = []struct{ what, old, with, want string }{
	{"before 1677", `"2026-11-01T00:00:00.000000000Z"`, `"1600-01-01T00:00:00Z"`, "not between 1677 and 2262"},
	{"after 2262", `"2026-11-01T00:00:00.000000000Z"`, `"2300-01-01T00:00:00Z"`, "not between 1677 and 2262"},
	{"no time at all", `"2026-11-01T00:00:00.000000000Z"`, `"2026-13-45"`, "not RFC 3339"},
	{"no wall time", `"2026-11-01T00:00:00.000000000Z"`, `null`, "no wall time"},
	{"out of range", `"elapsed_ns":0`, `"elapsed_ns":99999999999999999999`, "not a flight"},
	{"a fraction", `"elapsed_ns":0`, `"elapsed_ns":0.5`, "not a flight"},
	{"a negative span", `"elapsed_ns":0`, `"elapsed_ns":-1`, "run backwards"},
	{"legs out of order", `"elapsed_ns":0`, `"elapsed_ns":70000000000`, "run backwards"},
	{"a negative boot", `"since_boot_ns":5`, `"since_boot_ns":-1`, "negative"},
	{"a negative awake clock", `"awake_since_boot_ns":4`, `"awake_since_boot_ns":-1`, "negative"},
	{"dumped when it had landed", `"dumped":null`, `"dumped":{"elapsed_ns":0,"awake_ns":0,"wall":"2026-11-01T00:00:00Z","sync":"synced"}`, "does not go with"},
	{"dumped at no time", `"dumped":null`, `"dumped":{}`, "dumped: no wall time"},
	{"a negative error", `"max_error_ns":1000000`, `"max_error_ns":-1`, "negative"},
	{"no interval", `"interval_ns":null`, `"interval_ns":0`, "not positive"},
	{"more heartbeats than legs have", `"beats":4,"legs"`, `"beats":5,"legs"`, "its legs have 4"},
	{"a leg without heartbeats", `"beats":4,"source"`, `"beats":0,"source"`, "its legs have 0"},
	{"negative heartbeats", `"beats":4,"source"`, `"beats":-4,"source"`, "not a flight"},
	{"no legs", `"legs":[`, `"legs":[],"x":[`, "its legs have 0"},
	{"legs that are none", `"legs":[`, `"legs":{},"x":[`, "not a list"},
	{"a landing that was lost", `"ending":"landed"`, `"ending":"lost"`, "does not go with"},
	{"an unknown ending", `"ending":"landed"`, `"ending":"\u001b[31m"`, `ending "\x1b[31m"`},
	{"an unknown state", `"sync":"synced"`, `"sync":"\u009b31m"`, `sync state "\u009b31m"`},
	{"no ID", `"flight":"` + ksuid.Max.String(), `"flight":"\u0000`, `flight "\x00": not a KSUID`},
	{"an ID past the end", `"flight":"a`, `"flight":"z`, "not a KSUID"},
	{"deep nesting", `"lane":`, `"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `,"lane":`, "max depth"},
	{"deep legs", `"legs":[`, `"legs":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `,"x":[`, "not a flight"},
	{"another type", `"host":""`, `"host":["\u001b"]`, "not a flight"},
}

func TestHostileLines(t *testing.T) {
	flight := plainFlight()
	line := string(dumped(&flight))
	for _, edit := range hostileEdits {
		text := strings.Replace(line, edit.old, edit.with, 1)
		if text == line {
			t.Errorf("%s: nothing to edit", edit.what)
		}
		if _, err := ParseFlight([]byte(text)); err == nil || !strings.Contains(err.Error(), edit.want) {
			t.Errorf("%s: %v, want %q", edit.what, err, edit.want)
		}
	}
}

// TestHostileTexts demands that texts of any kind come through a dump, though none of
// them raw.
func TestHostileTexts(t *testing.T) {
	for _, text := range []string{"\x1b]0;owned\x07", "\u009b31m", "\x7f\x7f", "a\x00b", "\r\n", "\u2028", "<&>", `"\`, "\U0001F680"} {
		f := plainFlight()
		f.Takeoff.Host, f.Lane, f.Landing.Reason, f.Legs[0].Source = text, text, text, clock.Source(text)
		again, err := ParseFlight(dumped(&f))
		if err != nil || !reflect.DeepEqual(again, f) {
			t.Errorf("%q came back as %q: %v", text, again.Takeoff.Host, err)
		}
	}
	f := plainFlight()
	f.Takeoff.Host = "a\xff\xfeb"
	if again, err := ParseFlight(dumped(&f)); err != nil || again.Takeoff.Host != "a\ufffdb" {
		t.Errorf("invalid UTF-8 came back as %q: %v", again.Takeoff.Host, err)
	}
}

// repeats is an endless reader of one text.
type repeats struct {
	text string
	at   int
}

func (r *repeats) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c := copy(p[n:], r.text[r.at:])
		n, r.at = n+c, (r.at+c)%len(r.text)
	}
	return n, nil
}

// peak runs f, and returns about how much more memory was in use at its most than
// before.
func peak(t *testing.T, look func(sample func()) error) uint64 {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most := before.HeapAlloc
	sample := func() {
		runtime.GC()
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapAlloc)
	}
	if err := look(sample); err != nil {
		t.Fatal(err)
	}
	sample()
	return most - before.HeapAlloc
}

// sampled reads, and samples the memory now and then.
type sampled struct {
	r      io.Reader
	n      int64
	each   int64
	sample func()
}

func (s *sampled) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.n/s.each != (s.n+int64(n))/s.each {
		s.sample()
	}
	s.n += int64(n)
	return n, err
}

// TestHostileSizes reads dumps that are large in every way they can be.
func TestHostileSizes(t *testing.T) {
	flight := plainFlight()
	line := string(dumped(&flight))
	leg := `{"cause":"takeoff","beats":1,"source":"","first":{"wall":"2026-11-01T00:00:00Z","sync":"synced"},"last":{"wall":"2026-11-01T00:00:00Z","sync":"synced"}},`
	lines := int64(1_000_000)
	if testing.Short() {
		lines = 100_000
	}
	for _, tt := range []struct {
		what          string
		in            io.Reader
		flights, warn int
	}{
		{"a line of 100 MB", io.MultiReader(strings.NewReader(line), io.LimitReader(&repeats{text: "x"}, 100<<20), strings.NewReader("\n"+line)), 2, 1},
		{"many lines of garbage", io.LimitReader(&repeats{text: "garbage\n"}, 8*lines), 0, int(lines)},
		{"many empty lines", io.LimitReader(&repeats{text: "\n"}, 10*lines), 0, 0},
		{"many legs", strings.NewReader(`{"legs":[` + strings.Repeat(leg, 25000) + "\n"), 0, 1},
		{"many small legs", strings.NewReader(`{"legs":[` + strings.Repeat("{},", 1<<20) + "{}]}\n"), 0, 1},
		{"long texts", strings.NewReader(strings.Replace(line, `"host":"`, `"host":"`+strings.Repeat("h", 1<<20), 1)), 0, 1},
		{"the same flight", io.LimitReader(&repeats{text: line}, lines/10*int64(len(line))), int(lines / 10), 0},
	} {
		flights, warned := 0, 0
		var all List
		got := peak(t, func(sample func()) error {
			in := &sampled{r: tt.in, each: 1 << 20, sample: sample}
			return ReadDump(t.Context(), "dump", in, func(f Flight) {
				flights++
				if all.Add(f); len(all.flights) > 1000 {
					all = List{}
				}
			}, func(error) { warned++ })
		})
		if flights != tt.flights || warned != tt.warn {
			t.Errorf("%s: %d flights and %d warnings, want %d and %d", tt.what, flights, warned, tt.flights, tt.warn)
		}
		if got > 64<<20 {
			t.Errorf("%s: %d MB of memory", tt.what, got>>20)
		}
	}
}

// TestTwoFlightsWithOneID keeps the one that tells more.
func TestTwoFlightsWithOneID(t *testing.T) {
	a, b := plainFlight(), plainFlight()
	b.Legs = []Leg{a.Legs[0]}
	b.Legs[0].Beats = 9
	for _, flights := range [][]Flight{{a, b}, {b, a}} {
		if got := Unique(flights); len(got) != 1 || got[0].Beats() != 9 {
			t.Errorf("%+v", got)
		}
	}
}
