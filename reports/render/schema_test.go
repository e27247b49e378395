package render

import (
	"bytes"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/journaltest"
	"flightrec/reports"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"
)

// schemas are the JSON schemas of testdata/schema, by name.
func schemas(t *testing.T) map[string]*jsonschema.Schema {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	all := make(map[string]*jsonschema.Schema)
	for _, name := range []string{"report", "spans", "by", "at", "status", "dump"} {
		s, err := c.Compile("../../testdata/schema/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all[name] = s
	}
	return all
}

// conforms holds a JSON text against a schema.
func conforms(t rapid.TB, s *jsonschema.Schema, text []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := s.Validate(v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

// held writes a report in all ways that have a schema, and holds them against theirs.
func held(t rapid.TB, all map[string]*jsonschema.Schema, r *reports.Report) {
	t.Helper()
	written := func(write func(io.Writer) error) []byte {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	conforms(t, all["report"], written(func(w io.Writer) error { return JSON(w, r, Look{}) }))
	conforms(t, all["status"], written(func(w io.Writer) error { return StatusJSON(w, r, "/var/lib/flightrec") }))
	conforms(t, all["at"], written(func(w io.Writer) error { return AtJSON(w, r, r.Now) }))
	conforms(t, all["by"], written(func(w io.Writer) error { return ByJSON(w, r, reports.UnitMonth) }))
	conforms(t, all["by"], written(func(w io.Writer) error { return ByMachineJSON(w, r) }))
	for line := range bytes.Lines(written(func(w io.Writer) error { return Spans(w, r, Look{}) })) {
		conforms(t, all["spans"], line)
	}
}

// The stories of testdata/flights, written in all ways, are as the schemas have it.
func TestSchemas(t *testing.T) {
	all := schemas(t)
	files, err := filepath.Glob("../../testdata/flights/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d stories, %v", len(files), err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var flights []journal.Flight
		for _, section := range archive.Files {
			switch strings.Fields(section.Name)[0] {
			case "flights":
				flights = append(flights, journaltest.Flights(t, string(section.Data))...)
			case "dump":
				err := journal.ReadDump(t.Context(), file, bytes.NewReader(section.Data), func(f journal.Flight) { flights = append(flights, f) }, func(error) {})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		var dump bytes.Buffer
		if err := Dump(&dump, reports.Flights(flights, reports.Selection{})); err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(dump.Bytes()) {
			conforms(t, all["dump"], line)
		}
		held(t, all, reports.New(flights, reports.Options{Show: reports.Show{Clock: true}, Run: reports.Run{Now: at("2026-11-28 12:00:00"), Warnings: []string{"one"}}}))
	}
}

// So are worlds of any kind.
func TestSchemasOfWorlds(t *testing.T) {
	all := schemas(t)
	rapid.Check(t, func(t *rapid.T) {
		boots := drawBoots(t)
		held(t, all, reportOf(boots, reports.Options{Run: reports.Run{Now: boots[len(boots)-1].End}}))
	})
}

// The units of a calendar add up to the sums of all, whatever the zone; and a table keeps
// to the width that it has been given, with names of any width.
func TestViews(t *testing.T) {
	zones := []string{"UTC", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		boots := drawBoots(t)
		host := rapid.SampledFrom([]string{"pi", "台所の箱", "kü\u0308che", "a-host-whose-name-is-long-but-not-too-long"}).Draw(t, "host")
		for _, b := range boots {
			for _, f := range b.Flights {
				f.Takeoff.Host = host
			}
		}
		excluded := ground.Span{Start: boots[0].Start.Add(5e12), End: boots[0].Start.Add(9e13)}
		opts := reports.Options{Run: reports.Run{Now: boots[len(boots)-1].End.Add(1e12), Zone: zone}}
		if rapid.Bool().Draw(t, "excluded") {
			opts.Exclude = []ground.Span{excluded}
		}
		for m := range reportOf(boots, opts).Machines {
			for u := reports.UnitDay; u <= reports.UnitYear; u++ {
				var got reports.Bucket
				last := m.Line[0].Start
				for _, b := range m.By(u, zone) {
					if b.Start != last {
						t.Fatalf("%v begins at %v, not where the one before ended", b, last.Time())
					}
					last = b.End
					if b.Up+b.Down+b.Unknown+b.Excluded != reports.LengthOf(b.Span) {
						t.Fatalf("%+v doesn't add up", b)
					}
					got.Up, got.Down, got.Unknown, got.Excluded = got.Up+b.Up, got.Down+b.Down, got.Unknown+b.Unknown, got.Excluded+b.Excluded
				}
				s := &m.Summary
				if got.Up != s.Up || got.Down != s.Down || got.Unknown != s.Unknown || got.Excluded != s.Excluded {
					t.Fatalf("by %v: %+v, want the sums of %+v", u, got, s)
				}
			}
			for _, span := range m.Line {
				if got, ok := m.At(span.Start); !ok || got.State != span.State || got.Start > span.Start || got.End < span.End {
					t.Fatalf("at %v: %+v, want %+v", span.Start.Time(), got, span)
				}
			}
		}
		for _, look := range []Look{{Width: 80}, {Width: 80, UTF8: true}, {Width: 132, UTF8: true}, {Width: 60}, {Width: 80, ISO: true}, {Width: 80, UTF8: true, Color: true}} {
			for name, write := range map[string]func(io.Writer) error{
				"table":  func(w io.Writer) error { return Table(w, reportOf(boots, opts), look) },
				"status": func(w io.Writer) error { return Status(w, reportOf(boots, opts), "/var/lib/flightrec", look) },
				"by":     func(w io.Writer) error { return By(w, reportOf(boots, opts), reports.UnitMonth, look) },
				"at":     func(w io.Writer) error { return At(w, reportOf(boots, opts), boots[0].Start, look) },
			} {
				var b strings.Builder
				if err := write(&b); err != nil {
					t.Fatal(err)
				}
				if got := widthOf(b.String()); got > max(look.Width, 80) {
					t.Fatalf("%s is %d columns wide, with %d\n%s", name, got, look.Width, &b)
				}
				if !look.UTF8 && name != "status" && strings.ContainsAny(b.String(), "…▇▁") {
					t.Fatalf("%s shows signs that the terminal hasn't\n%s", name, &b)
				}
			}
		}
	})
}

// The end of all time has no next day.
func TestByAtTheEnd(t *testing.T) {
	b := boot("a", flySpan(1, ground.Span{Start: math.MaxInt64 - 1e15, End: math.MaxInt64}))
	for m := range reportOf([]ground.Boot{b}, reports.Options{}).Machines {
		var sum reports.Length
		for _, b := range m.By(reports.UnitDay, time.UTC) {
			sum += b.Up
		}
		if sum != 1e15 {
			t.Errorf("up %d, want 1e15", sum)
		}
	}
}
