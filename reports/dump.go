package reports

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"

	"flightrec/ground"
	"flightrec/journal"
)

// groundedFields are what grounding adds to a line of a dump.
type groundedFields struct {
	Grounding string           `json:"grounding"`
	Start     *journal.Instant `json:"start"`
	End       *journal.Instant `json:"end"`
	Duration  Length           `json:"duration_seconds"`
	Error     *Length          `json:"error_seconds"`
	Earliest  *journal.Instant `json:"earliest"`
	Latest    *journal.Instant `json:"latest"`
}

// WriteDump writes the flights of boots that may have flown in the time that opts
// asks for, each as one line of JSON, in order of takeoff: what was recorded, as
// [journal.AppendFlight] has it, and then what grounding made of it.
func WriteDump(w io.Writer, boots []ground.Boot, opts Options) error {
	var flights []*ground.Flight
	asked := opts.asked()
	for _, b := range boots {
		for _, f := range b.Flights {
			if touches(place(f), asked) {
				flights = append(flights, f)
			}
		}
	}
	slices.SortStableFunc(flights, compareTakeoff)
	out := bufio.NewWriter(w)
	var line []byte
	for _, f := range flights {
		line = journal.AppendFlight(line[:0], f.Flight)
		line = appendGrounded(line, f)
		out.Write(line)
	}
	return out.Flush()
}

// place returns where a flight may have been: its span, or its window where it has
// no anchor.
func place(f *ground.Flight) ground.Span {
	if f.Grounding > ground.GroundingWall {
		return f.Span
	}
	span := everything
	if f.Window.Earliest != nil {
		span.Start = *f.Window.Earliest
	}
	if f.Window.Latest != nil {
		span.End = *f.Window.Latest
	}
	return span
}

// appendGrounded appends the grounded fields and the end of the line.
func appendGrounded(line []byte, f *ground.Flight) []byte {
	g := groundedFields{
		Grounding: groundingNames[f.Grounding],
		Duration:  lengthOf(f.Span),
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
	line = append(line, ',')
	line = append(line, text[1:]...)
	return append(line, '\n')
}
