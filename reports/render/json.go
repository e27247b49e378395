package render

import (
	"bufio"
	"encoding/json"
	"io"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

// Schema names the format of a JSON report. The names of the fields below are part
// of it and don't change.
const Schema = "flightrec.report/1"

type (
	// periodObject holds what the two kinds of periods have in common.
	periodObject struct {
		Kind     string           `json:"kind"`
		N        int              `json:"n"`
		Start    *journal.Instant `json:"start"`
		End      journal.Instant  `json:"end"`
		Duration *reports.Length  `json:"duration_seconds"`
	}
	// windowObject says where an estimate must lie; null on a side that nothing bounds.
	windowObject struct {
		Estimated bool             `json:"estimated"`
		Earliest  *journal.Instant `json:"earliest"`
		Latest    *journal.Instant `json:"latest"`
	}
	downtimeObject struct {
		periodObject
		Cause     string  `json:"cause"`
		Reason    *string `json:"reason"`
		Certainty *string `json:"certainty"`
		windowObject
	}
	uptimeObject struct {
		periodObject
		Boot   string `json:"boot"`
		Kernel string `json:"kernel"`
		Aloft  bool   `json:"aloft"`
		windowObject
		Flights []flightObject `json:"flights"`
		Gaps    []spanObject   `json:"gaps"`
		Pauses  []pauseObject  `json:"pauses"`
	}
	flightObject struct {
		N      int    `json:"n"`
		Flight string `json:"flight"`
		spanObject
		Grounding string          `json:"grounding"`
		Estimated bool            `json:"estimated"`
		Error     *reports.Length `json:"error_seconds"`
		Ending    journal.Ending  `json:"ending"`
		Lane      string          `json:"lane"`
		Continues *string         `json:"continues"`
	}
	pauseObject struct {
		spanObject
		MayBe []string `json:"may_be"`
	}
	spanObject struct {
		Start    journal.Instant `json:"start"`
		End      journal.Instant `json:"end"`
		Duration reports.Length  `json:"duration_seconds"`
	}
	summaryObject struct {
		Up              reports.Length  `json:"up_seconds"`
		Down            reports.Length  `json:"down_seconds"`
		Unknown         reports.Length  `json:"unknown_seconds"`
		Availability    *float64        `json:"availability"`
		Boots           int             `json:"boots"`
		Outages         int             `json:"outages"`
		Crashes         int             `json:"crashes"`
		Shutdowns       int             `json:"shutdowns"`
		Stopped         int             `json:"stopped"`
		BetweenFailures *reports.Length `json:"mtbf_seconds"`
		MeanDowntime    *reports.Length `json:"mttr_seconds"`
		LongestUptime   *reports.Length `json:"longest_uptime_seconds"`
		LongestDowntime *reports.Length `json:"longest_downtime_seconds"`
	}
)

// JSON writes a report as one JSON object, a period a line.
func JSON(w io.Writer, r *reports.Report, _ Look) error {
	o := object{bufio.NewWriter(w)}
	o.put(`{"schema":`, Schema, `,"generated":`, r.Generated, `,"now":`, r.Now, `,"zone":`, r.Zone.String(), `,"machines":[`)
	return o.machines(r, func(m *reports.Machine) { o.machine(m, r.Clock) })
}

// object writes a report's JSON piece by piece, so that a long one needs no memory.
// The writer's first error stays, so that only its Flush need be asked.
type object struct{ *bufio.Writer }

// put writes pairs of text, as it is, and a value, as JSON has it.
func (o object) put(pairs ...any) {
	for i, part := range pairs {
		if i%2 == 0 {
			o.WriteString(part.(string))
			continue
		}
		text, err := json.Marshal(part)
		if err != nil {
			panic(err) // none of the types above can fail
		}
		o.Write(plainJSON(text))
	}
}

// machines writes each machine by put, then what is wrong, and the end of the report.
func (o object) machines(r *reports.Report, put func(m *reports.Machine)) error {
	n, warnings := 0, append([]string{}, r.Warnings...) // never null
	for m := range r.Machines {
		warnings = append(warnings, m.Warnings...)
		o.comma(n)
		n++
		put(m)
		if _, err := o.Write(nil); err != nil {
			return err
		}
	}
	o.put(`],"warnings":`, warnings, "}\n")
	return o.Flush()
}

// comma writes what stands before element i of a list.
func (o object) comma(i int) {
	if i > 0 {
		o.WriteByte(',')
	}
}

// machine writes an entry of machines.
func (o object) machine(m *reports.Machine, clocks bool) {
	o.put("\n"+`{"host":`, m.Host, `,"machine":`, m.ID, `,"periods":[`)
	for i := range m.Periods {
		o.comma(i)
		o.WriteByte('\n')
		if p := &m.Periods[i]; p.Up() {
			o.put("", newUptime(p))
		} else {
			o.put("", newDowntime(p))
		}
	}
	o.put(`],"summary":`, newSummary(&m.Summary))
	if clocks {
		o.WriteString(`,"clock":[`)
		for i := range m.ClockLogs {
			o.comma(i)
			o.put("\n", newClockLogObject(&m.ClockLogs[i]))
		}
		o.WriteString("]")
	}
	o.WriteString("}")
}

// newPeriod returns what p has in common with others, as JSON has it.
func newPeriod(kind string, p *reports.Period) periodObject {
	o := periodObject{Kind: kind, N: p.N, End: p.End}
	if !p.Open {
		o.Start = &p.Start
		if l := p.Length(); !p.LengthUnknown() {
			o.Duration = &l
		}
	}
	return o
}

// newWindow returns where p must lie.
func newWindow(p *reports.Period) windowObject {
	if !p.Estimated() {
		return windowObject{}
	}
	return windowObject{true, p.Window.Earliest, p.Window.Latest}
}

// newDowntime returns p as JSON has it.
func newDowntime(p *reports.Period) downtimeObject {
	reason, certainty := reasonFields(&p.Verdict)
	return downtimeObject{newPeriod("downtime", p), causeName(p.Cause), reason, certainty, newWindow(p)}
}

// causeName returns a downtime's cause as this format spells it.
func causeName(c reports.Cause) string {
	if c == reports.CauseNotRecorded {
		return "unknown"
	}
	return c.String()
}

// newUptime returns p, with its flights, gaps and pauses, as JSON has it.
func newUptime(p *reports.Period) uptimeObject {
	o := uptimeObject{
		periodObject: newPeriod("uptime", p), Boot: p.Boot, Kernel: p.Kernel, Aloft: p.Aloft, windowObject: newWindow(p),
		Flights: make([]flightObject, 0, len(p.Flights)), Gaps: make([]spanObject, 0, len(p.Gaps)), Pauses: []pauseObject{},
	}
	for i := range p.Flights {
		f := &p.Flights[i]
		o.Flights = append(o.Flights, newFlight(f))
		for _, pause := range f.Pauses {
			o.Pauses = append(o.Pauses, pauseObject{newSpan(pause.Span), reports.PauseMayBe})
		}
	}
	for _, gap := range p.Gaps {
		o.Gaps = append(o.Gaps, newSpan(gap.Span))
	}
	return o
}

// newFlight returns f as JSON has it.
func newFlight(f *reports.Flight) flightObject {
	o := flightObject{
		N: f.N, Flight: f.ID.String(), spanObject: newSpan(f.Span), Grounding: groundingNames[f.Grounding], Estimated: f.Estimated(),
		Error: errorOf(f.Flight), Ending: f.Ending, Lane: f.Lane,
	}
	if !f.Takeoff.Continues.IsNil() {
		continues := f.Takeoff.Continues.String()
		o.Continues = &continues
	}
	return o
}

// groundingNames are how a flight's grounding is spelled in JSON.
var groundingNames = [...]string{ground.GroundingBounded: "bounded", ground.GroundingWall: "wall", ground.GroundingWeak: "weak", ground.GroundingBoot: "boot", ground.GroundingNTP: "ntp"}

// newSpan returns s as JSON has it.
func newSpan(s ground.Span) spanObject { return spanObject{s.Start, s.End, reports.LengthOf(s)} }

// errorOf returns the bound of a flight's error, nil where there is none.
func errorOf(f *ground.Flight) *reports.Length {
	if f.Error == clock.Unknown {
		return nil
	}
	l := reports.Length(f.Error)
	return &l
}

// newSummary returns s as JSON has it.
func newSummary(s *reports.Summary) summaryObject {
	o := summaryObject{
		Up: s.Up, Down: s.Down, Unknown: s.Unknown,
		Boots: s.Boots, Outages: s.Outages, Crashes: s.Crashes, Shutdowns: s.Shutdowns, Stopped: s.Stopped,
		MeanDowntime: s.MeanDowntime, LongestUptime: s.LongestUptime, LongestDowntime: s.LongestDowntime,
	}
	if a, ok := s.Availability(); ok {
		o.Availability = &a
	}
	if l, ok := s.BetweenFailures(); ok {
		o.BetweenFailures = &l
	}
	return o
}
