package journal

import (
	"bytes"
	"os"
	"testing"
)

// Errors of JSON itself are told by fields and bytes, without the names of Go's types.
func TestWrongJSON(t *testing.T) {
	for line, want := range map[string]string{
		`{`:                            "not a flight: unexpected EOF, at byte 2",
		`[]`:                           "not a flight: can't be array",
		`{"beats":true}`:               "not a flight: beats: can't be bool",
		`{"legs":[{},{"beats":0.5}]}`:  "not a flight: legs.beats: can't be number 0.5",
		`{"landing":{"reason":{}}}`:    "not a flight: landing.reason: can't be object",
		`{"dumped":{"wall":"at noon"}`: `not a flight: time "at noon": not RFC 3339`,
	} {
		if _, err := ParseFlight([]byte(line)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

func BenchmarkParseFlight(b *testing.B) {
	text, err := os.ReadFile("../testdata/example.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
	b.SetBytes(int64(len(text) / len(lines)))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ParseFlight(lines[i%len(lines)]); err != nil {
			b.Fatal(err)
		}
	}
}
