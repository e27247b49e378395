package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightrec/journal"
	"flightrec/journal/journaltest"
	"flightrec/reports"
	"flightrec/reports/render"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected reports of testdata/flights; read them before you commit them")

// TestStories tells the stories of testdata/flights: in each, what was recorded
// (real lines of a dump, or the notation of package journaltest, which becomes such
// lines) and the reports that it must give. A report's section is named as one
// would type it:
//
//	-- report --all --since 2025-06-16T00:00 --
//	-- TZ=Europe/Berlin report --
//	-- report --json --       only the fields that are given must be there
//	-- report has --          these lines must be there, in this order; … is any text
//	-- report lacks --        none of these lines may be there
//	-- now --                 when the reports are made
//	-- warnings --            what could not be read, a line each
func TestStories(t *testing.T) {
	files, err := filepath.Glob("../../testdata/flights/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 40 {
		t.Errorf("%d stories, want 40 at least", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tell(t, archive)
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// tell checks a story, or refreshes what it expects.
func tell(t *testing.T, story *txtar.Archive) {
	var recorded []byte
	var warnings string
	var now journal.Instant
	told := false
	for i := range story.Files {
		section := &story.Files[i]
		words := strings.Fields(section.Name)
		switch words[0] {
		case "dump":
			recorded = append(recorded, section.Data...)
		case "flights":
			recorded = expand(t, recorded, string(section.Data))
		case "warnings":
			warnings = string(section.Data)
		case "now":
			now = journaltest.Instant(t, strings.TrimSpace(string(section.Data)))
		default:
			told = true
			flights := readStory(t, recorded, warnings)
			tellReport(t, section, flights, now)
		}
	}
	if !told {
		t.Error("no report")
	}
	if len(bytes.TrimSpace(story.Comment)) == 0 {
		t.Error("no word of what happened")
	}
	roundTrip(t, recorded, warnings)
}

// expand appends the flights of the notation to the lines of a dump.
func expand(t *testing.T, lines []byte, text string) []byte {
	for _, f := range journaltest.Flights(t, text) {
		lines = append(journal.AppendFlight(lines, &f), '\n')
	}
	return lines
}

// tellReport checks one of a story's reports.
func tellReport(t *testing.T, section *txtar.File, flights []journal.Flight, now journal.Instant) {
	t.Helper()
	opts := reports.Options{Run: reports.Run{Now: now, Zone: time.UTC}}
	format := "text"
	part := "" // of the lines
	words := strings.Fields(section.Name)
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		switch word {
		case "report":
		case "--observed":
			opts.Observed = true
		case "--all":
			opts.All = true
		case "--json":
			format = "json"
		case "--clock":
			opts.Clock = true
		case "has", "lacks":
			part = word
		case "--since", "--until":
			at, err := parseTime(words[0], origin{now: now.Time(), zone: opts.Zone})
			if err != nil {
				t.Fatal(err)
			}
			if word == "--since" {
				opts.Since = &at
			} else {
				opts.Until = &at
			}
			words = words[1:]
		default:
			name, ok := strings.CutPrefix(word, "TZ=")
			zone, err := time.LoadLocation(name)
			if !ok || err != nil {
				t.Fatalf("section %q: unknown word %q", section.Name, word)
			}
			opts.Zone = zone
		}
	}
	f, err := render.Find(format)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := f.Write(&got, reports.New(flights, opts), render.Look{}); err != nil {
		t.Fatal(err)
	}
	switch {
	case part != "":
		tellLines(t, section, part == "has", got.String())
	case format == "json":
		lacks(t, section.Name, decode(t, got.Bytes()), decode(t, section.Data))
	case *update:
		section.Data = got.Bytes()
	case got.String() != string(section.Data):
		t.Errorf("%s\n%s\nwant\n%s", section.Name, &got, section.Data)
	}
}

// tellLines checks that lines of a section are there, in their order, or that none is.
func tellLines(t *testing.T, section *txtar.File, want bool, got string) {
	t.Helper()
	rest := strings.Split(got, "\n")
	for line := range strings.Lines(string(section.Data)) {
		switch i := slices.IndexFunc(rest, pattern(strings.TrimSuffix(line, "\n")).MatchString); {
		case want && i < 0:
			t.Errorf("%s: no line, or none behind the one before it, is\n%sgot\n%s", section.Name, line, got)
			return
		case want:
			rest = rest[i+1:]
		case i >= 0:
			t.Errorf("%s: there is a line\n%s\ngot\n%s", section.Name, rest[i], got)
		}
	}
}

// pattern matches what is text but for each …, which is any text.
func pattern(text string) *regexp.Regexp {
	parts := strings.Split(text, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")
}

// readStory reads the lines of a dump, with the warnings that they must give.
func readStory(t *testing.T, recorded []byte, warnings string) []journal.Flight {
	t.Helper()
	var flights []journal.Flight
	var got strings.Builder
	err := journal.ReadDump(t.Context(), "story", bytes.NewReader(recorded),
		func(f journal.Flight) { flights = append(flights, f) },
		func(err error) { fmt.Fprintln(&got, err) })
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != warnings {
		t.Errorf("warnings\n%s\nwant\n%s", &got, warnings)
	}
	return journal.Unique(flights)
}

// roundTrip checks that a dump of what was recorded, read and dumped again, gives
// the same bytes, and that it has all that stands in each good line: a dump that is
// older than some fields lacks them.
func roundTrip(t *testing.T, recorded []byte, warnings string) {
	t.Helper()
	dumpOf := func(flights []journal.Flight) string {
		var b bytes.Buffer
		if err := render.Dump(&b, reports.Flights(flights, reports.Selection{})); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := dumpOf(readStory(t, recorded, warnings))
	if second := dumpOf(readStory(t, []byte(first), "")); first != second {
		t.Errorf("dump, read, dump\n%s\ngave\n%s", first, second)
	}
	for line := range strings.Lines(string(recorded)) {
		if _, err := journal.ParseFlight([]byte(line)); err != nil {
			continue
		}
		if !slices.ContainsFunc(strings.Split(strings.TrimSuffix(first, "\n"), "\n"), func(dumped string) bool { return holds(decode(t, []byte(dumped)), decode(t, []byte(line))) }) {
			t.Errorf("the dump lacks\n%s", line)
		}
	}
}

// holds reports whether a JSON value is another one, or has all of its fields.
func holds(value, part any) bool {
	switch part := part.(type) {
	case map[string]any:
		object, ok := value.(map[string]any)
		for name, p := range part {
			v, there := object[name]
			ok = ok && there && holds(v, p)
		}
		return ok
	case []any:
		list, ok := value.([]any)
		return ok && slices.EqualFunc(list, part, holds)
	}
	return value == part
}

// decode reads one JSON value.
func decode(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a float has too few digits for nanoseconds
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

// lacks tells where got is not what is wanted: every field of an object that is
// wanted must be there, and every element of a list. A text with … in it stands for
// many, and "≈4800" for a number within a tenth.
func lacks(t *testing.T, path string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		object, _ := got.(map[string]any)
		for name, value := range want {
			if field, ok := object[name]; ok {
				lacks(t, path+"."+name, field, value)
			} else {
				t.Errorf("%s.%s is missing", path, name)
			}
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			t.Errorf("%s has %d elements, want %d: %v", path, len(list), len(want), got)
			return
		}
		for i := range want {
			lacks(t, fmt.Sprintf("%s[%d]", path, i), list[i], want[i])
		}
	case string:
		text, _ := got.(string)
		number, notNumber := strconv.ParseFloat(fmt.Sprint(got), 64)
		near, err := strconv.ParseFloat(strings.TrimPrefix(want, "≈"), 64)
		isNear := notNumber == nil && strings.HasPrefix(want, "≈") && err == nil && math.Abs(number-near) <= 0.1
		if !isNear && !pattern(want).MatchString(text) {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	default:
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}
