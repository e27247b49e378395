package render

import (
	"bufio"
	"encoding/json"
	"io"

	"flightrec/journal"
	"flightrec/reports"
)

// SpanSchema names the format of a line of spans. The names of its fields are part of it
// and don't change.
const SpanSchema = "flightrec.span/1"

// spanLine is a line of spans.
type spanLine struct {
	Schema    string           `json:"schema"`
	Machine   string           `json:"machine"`
	Host      string           `json:"host"`
	State     string           `json:"state"`
	Start     journal.Instant  `json:"start"`
	End       journal.Instant  `json:"end"`
	Ns        uint64           `json:"duration_ns"`
	Cause     *string          `json:"cause"`
	Reason    *string          `json:"reason"`
	Certainty *string          `json:"certainty"`
	Estimated bool             `json:"estimated"`
	Earliest  *journal.Instant `json:"earliest"`
	Latest    *journal.Instant `json:"latest"`
	Boot      string           `json:"boot"`
	Kernel    string           `json:"kernel"`
	Aloft     bool             `json:"aloft"`
	Flights   []string         `json:"flights"`
	Excluded  bool             `json:"excluded,omitempty"`
}

// Spans writes machines' time lines: each span is a line, a JSON object. Those of a
// machine touch, and add up to its sums.
func Spans(w io.Writer, r *reports.Report, _ Look) error {
	out := bufio.NewWriter(w)
	for m := range r.Machines {
		for i := range m.Line {
			text, err := json.Marshal(newSpanLine(m, &m.Line[i]))
			if err != nil {
				panic(err) // none of these types can fail
			}
			if _, err := out.Write(append(plainJSON(text), '\n')); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

// newSpanLine returns s as a line.
func newSpanLine(m *reports.Machine, s *reports.Span) spanLine {
	l := spanLine{
		Schema: SpanSchema, Machine: m.ID, Host: m.Host, State: s.State.String(),
		Start: s.Start, End: s.End, Ns: uint64(reports.LengthOf(s.Span)), Flights: []string{}, Excluded: s.Excluded,
	}
	if s.Cause != reports.CauseNone {
		cause := s.Cause.String()
		l.Cause = &cause
	}
	p := s.Period
	if p == nil {
		return l
	}
	if s.Cause == p.Cause && s.Cause != reports.CauseNone {
		l.Reason, l.Certainty = reasonFields(&p.Verdict)
	}
	l.Estimated = p.Estimated()
	if l.Estimated {
		l.Earliest, l.Latest = p.Window.Earliest, p.Window.Latest
	}
	if p.Up() {
		l.Boot, l.Kernel, l.Aloft = p.Boot, p.Kernel, p.Aloft && s.End == p.Whole.End
		for i := range p.Flights {
			if f := &p.Flights[i]; f.Start < s.End && s.Start <= f.End {
				l.Flights = append(l.Flights, f.ID.String())
			}
		}
	}
	return l
}
