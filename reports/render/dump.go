package render

import (
	"bufio"
	"encoding/json"
	"io"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

// groundedFields are what grounding adds to a line of a dump.
type groundedFields struct {
	Grounding string           `json:"grounding"`
	Start     *journal.Instant `json:"start"`
	End       *journal.Instant `json:"end"`
	Duration  reports.Length   `json:"duration_seconds"`
	Error     *reports.Length  `json:"error_seconds"`
	Earliest  *journal.Instant `json:"earliest"`
	Latest    *journal.Instant `json:"latest"`
}

// Dump writes flights, each as one line of JSON, in the order in which they come: what
// was recorded, as [journal.AppendFlight] has it, and then what grounding made of it.
func Dump(w io.Writer, flights []*ground.Flight) error {
	out := bufio.NewWriter(w)
	var line []byte
	for _, f := range flights {
		line = AppendDump(line[:0], f)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// AppendDump appends the line of a flight, with its end.
func AppendDump(dst []byte, f *ground.Flight) []byte {
	return appendGrounded(journal.AppendFlight(dst, f.Flight), f)
}

// appendGrounded puts the grounded fields at the end of a flight's object, and ends the
// line.
func appendGrounded(line []byte, f *ground.Flight) []byte {
	g := groundedFields{
		Grounding: groundingNames[f.Grounding],
		Duration:  reports.LengthOf(f.Span),
		Error:     errorOf(f),
		Earliest:  f.Window.Earliest,
		Latest:    f.Window.Latest,
	}
	if f.Grounding != ground.GroundingBounded {
		g.Start, g.End = &f.Start, &f.End
	}
	text, err := json.Marshal(g)
	if err != nil {
		panic(err) // none of these types can fail
	}
	line = append(line[:len(line)-1], ',')
	line = append(line, text[1:]...)
	return append(line, '\n')
}
