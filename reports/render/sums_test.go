package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"

	"pgregory.net/rapid"
)

// drawBoots draws boots of one machine, one after the other, some without an anchor, and
// some whose boot isn't known.
func drawBoots(t *rapid.T) []ground.Boot {
	var boots []ground.Boot
	end := at("2026-03-28 12:00:00")
	for n := range rapid.IntRange(1, 12).Draw(t, "boots") {
		start := end + journal.Instant(rapid.Int64Range(0, 1e14).Draw(t, "down"))
		end = start + journal.Instant(rapid.Int64Range(0, 2e14).Draw(t, "up"))
		f := flySpan(n+1, ground.Span{Start: start, End: end})
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			landed(f, journal.ShutdownYes)
		case 1:
			landed(f, journal.ShutdownNo)
		case 2:
			f.Grounding = ground.GroundingWall
			earliest, latest := start.Add(-1e12), end.Add(1e12)
			f.Window = ground.Window{Earliest: &earliest, Latest: &latest}
		}
		boots = append(boots, boot(rapid.SampledFrom([]string{"", fmt.Sprint(n)}).Draw(t, "boot"), f))
	}
	return boots
}

// The sums of each format are those of the model, to the nanosecond.
func TestSumsAreEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		boots := drawBoots(t)
		opts := reports.Options{Run: reports.Run{Now: boots[len(boots)-1].End.Add(5e11)}}
		if rapid.Bool().Draw(t, "cut") {
			since, until := boots[0].Start.Add(1e12), boots[len(boots)-1].End.Add(-1e12)
			opts.Since, opts.Until = &since, &until
		}
		var want [3]reports.Length
		for m := range reportOf(boots, opts).Machines {
			want = [3]reports.Length{m.Summary.Unknown, m.Summary.Up, m.Summary.Down}
		}
		for name, sums := range map[string]func(*rapid.T, []byte) [3]reports.Length{"spans": sumsOfSpans, "csv": sumsOfCSV, "json": sumsOfJSON} {
			format, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := format.Write(&b, reportOf(boots, opts), Look{}); err != nil {
				t.Fatal(err)
			}
			if got := sums(t, b.Bytes()); got != want {
				t.Fatalf("%s: unknown, up, down %v, want %v\n%s", name, got, want, &b)
			}
		}
	})
}

// sumsOfSpans adds up lines of spans, which must touch.
func sumsOfSpans(t *rapid.T, text []byte) (sums [3]reports.Length) {
	var end *journal.Instant
	for line := range bytes.Lines(text) {
		var l spanLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		if end != nil && *end != l.Start {
			t.Fatalf("a span begins at %v, the one before ended at %v", l.Start.Time(), end.Time())
		}
		end = &l.End
		sums[map[string]int{"unknown": 0, "up": 1, "down": 2}[l.State]] += reports.Length(l.Ns)
	}
	return sums
}

// sumsOfCSV adds up the columns of records.
func sumsOfCSV(t *rapid.T, text []byte) (sums [3]reports.Length) {
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records[1:] {
		sums[1] += length(t, r[18])
		sums[2] += length(t, r[19])
		sums[0] += length(t, r[20])
	}
	return sums
}

// sumsOfJSON returns the summary's sums.
func sumsOfJSON(t *rapid.T, text []byte) [3]reports.Length {
	var r struct {
		Machines []struct {
			Summary struct {
				Unknown json.Number `json:"unknown_seconds"`
				Up      json.Number `json:"up_seconds"`
				Down    json.Number `json:"down_seconds"`
			}
		}
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	s := r.Machines[0].Summary
	return [3]reports.Length{length(t, s.Unknown.String()), length(t, s.Up.String()), length(t, s.Down.String())}
}

// length reads seconds exactly.
func length(t *rapid.T, seconds string) reports.Length {
	whole, fraction, _ := strings.Cut(seconds, ".")
	n, err := strconv.ParseUint(whole+(fraction + "000000000")[:9], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return reports.Length(n)
}

// What comes from a journal reaches nobody with control characters or signs that turn the
// line, in any format; and a spreadsheet runs nothing of it.
func TestNothingCommands(t *testing.T) {
	nasty := "=cmd|'\x1b[2J\x7f\u0085\u009b\u202e\u2066,\"\n\x00é"
	b := boot(nasty, fly(1, "01:00:00", "02:00:00"))
	b.Machine, b.Flights[0].Takeoff.Machine = nasty, nasty
	b.Flights[0].Takeoff.Host, b.Flights[0].Takeoff.Kernel, b.Flights[0].Lane = nasty, nasty, nasty
	two := boot("b", fly(2, "03:00:00", "04:00:00"))
	for _, f := range Formats {
		var out bytes.Buffer
		r := reportOf([]ground.Boot{b, two}, reports.Options{Run: reports.Run{Warnings: []string{nasty}}})
		if err := f.Write(&out, r, Look{Width: 200, UTF8: true}); err != nil {
			t.Fatal(err)
		}
		for _, r := range out.String() {
			if r != '\n' && r != '\t' && r != '\r' && (r < 0x20 || isCommand(r)) {
				t.Errorf("%s: %q in\n%q", f.Name, r, &out)
			}
		}
		if f.Name == "csv" && strings.Contains(out.String(), ",=cmd") {
			t.Errorf("a formula in\n%s", &out)
		}
	}
}
