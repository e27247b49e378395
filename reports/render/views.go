package render

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"flightrec/journal"
	"flightrec/reports"
)

// bucketObject is a bucket as JSON has it.
type bucketObject struct {
	Label        string          `json:"label"`
	Start        journal.Instant `json:"start"`
	End          journal.Instant `json:"end"`
	Up           reports.Length  `json:"up_seconds"`
	Down         reports.Length  `json:"down_seconds"`
	Unknown      reports.Length  `json:"unknown_seconds"`
	Availability *float64        `json:"availability"`
	Boots        int             `json:"boots"`
	Crashes      int             `json:"crashes"`
}

// By writes what machines were by units of the calendar: --by day, week, month or year.
func By(w io.Writer, r *reports.Report, unit reports.Unit, look Look) error {
	out := bufio.NewWriter(w)
	t := newWords(r, look)
	for m := range r.Machines {
		if r.Count > 1 {
			fmt.Fprintf(out, "%s\n", MachineName(m))
		}
		rows := [][]string{{unit.String(), "up", "down", "unknown", "boots", "crashes", "availability"}}
		buckets := m.By(unit, r.Zone)
		if r.Reverse {
			slices.Reverse(buckets)
		}
		for i := range buckets {
			b := &buckets[i]
			rows = append(rows, append([]string{b.Label}, t.bucket(b)...))
		}
		out.WriteString(columns(rows, map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true}))
		if _, err := out.Write(nil); err != nil {
			return err
		}
	}
	return out.Flush()
}

// bucket returns the cells of b behind its label.
func (w words) bucket(b *reports.Bucket) []string {
	availability := "?"
	if a, ok := b.Availability(); ok {
		availability = PercentText(a)
	}
	return []string{w.length(b.Up), w.length(b.Down), w.length(b.Unknown), fmt.Sprint(b.Boots), fmt.Sprint(b.Crashes), availability}
}

// ByJSON is [By] as one JSON object.
func ByJSON(w io.Writer, r *reports.Report, unit reports.Unit) error {
	o := object{bufio.NewWriter(w)}
	o.put(`{"schema":"flightrec.by/1","by":`, unit.String(), `,"zone":`, r.Zone.String(), `,"machines":[`)
	return o.machines(r, func(m *reports.Machine) {
		o.put("\n"+`{"host":`, m.Host, `,"machine":`, m.ID, `,"buckets":[`)
		for i, b := range m.By(unit, r.Zone) {
			o.comma(i)
			o.put("\n", newBucket(&b))
		}
		o.WriteString("]}")
	})
}

// newBucket returns b as JSON has it.
func newBucket(b *reports.Bucket) bucketObject {
	o := bucketObject{Label: b.Label, Start: b.Start, End: b.End, Up: b.Up, Down: b.Down, Unknown: b.Unknown, Boots: b.Boots, Crashes: b.Crashes}
	if a, ok := b.Availability(); ok {
		o.Availability = &a
	}
	return o
}

// machineObject is what --by machine tells of a machine, as JSON has it.
type machineObject struct {
	Host         string          `json:"host"`
	Machine      string          `json:"machine"`
	Up           reports.Length  `json:"up_seconds"`
	Down         reports.Length  `json:"down_seconds"`
	Unknown      reports.Length  `json:"unknown_seconds"`
	Availability *float64        `json:"availability"`
	Boots        int             `json:"boots"`
	Crashes      int             `json:"crashes"`
	Recording    bool            `json:"recording"`
	LastSign     journal.Instant `json:"last_sign_of_life"`
	Reason       *string         `json:"last_reason"`
}

// ByMachineJSON is [ByMachine] as one JSON object, with the machines in the report's order.
func ByMachineJSON(w io.Writer, r *reports.Report) error {
	o := object{bufio.NewWriter(w)}
	o.put(`{"schema":"flightrec.by/1","by":"machine","zone":`, r.Zone.String(), `,"machines":[`)
	return o.machines(r, func(m *reports.Machine) {
		s := &m.Summary
		line := machineObject{
			Host: m.Host, Machine: m.ID, Up: s.Up, Down: s.Down, Unknown: s.Unknown, Boots: s.Boots, Crashes: s.Crashes,
			Recording: isHeard(m, r.Now), LastSign: m.Latest.Sign,
		}
		if a, ok := s.Availability(); ok {
			line.Availability = &a
		}
		if d := m.Latest.Down; d != nil && d.Verdict.Reason() != "" {
			reason := d.Verdict.Reason()
			line.Reason = &reason
		}
		o.put("\n", line)
	})
}

// ByMachine writes a line a machine, the worst first: --by machine.
func ByMachine(w io.Writer, r *reports.Report, look Look) error {
	t := newWords(r, look)
	type row struct {
		cells []string
		worth float64
	}
	var rows []row
	for m := range r.Machines {
		s := &m.Summary
		availability, worth := "?", 2.0
		if a, ok := s.Availability(); ok {
			availability, worth = PercentText(a), a
		}
		sign := "now"
		if !isHeard(m, r.Now) {
			sign = "silent since " + guess(t.time(m.Latest.Sign), m.Latest.Up.EndEstimated)
		}
		rows = append(rows, row{[]string{MachineName(m), availability, t.length(s.Down), fmt.Sprint(s.Crashes), sign, t.lastReason(m)}, worth})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.worth, b.worth) })
	if r.Reverse {
		slices.Reverse(rows)
	}
	cells := [][]string{{"machine", "availability", "down", "crashes", "last sign of life", "last reason"}}
	for _, row := range rows {
		cells = append(cells, row.cells)
	}
	_, err := io.WriteString(w, columns(cells, map[int]bool{1: true, 2: true, 3: true}))
	return err
}

// lastReason returns why a machine went down the last time, as far as anything tells.
func (w words) lastReason(m *reports.Machine) string {
	if d := m.Latest.Down; d != nil && ReasonText(&d.Verdict) != "" {
		return shortReason(&d.Verdict, false)
	}
	if w.UTF8 {
		return "–"
	}
	return "-"
}

// At writes what machines were at t, since when and until when: --at.
func At(w io.Writer, r *reports.Report, t journal.Instant, look Look) error {
	out := bufio.NewWriter(w)
	words := newWords(r, look)
	for m := range r.Machines {
		text := "unknown: before the first flight or after now"
		if s, ok := m.At(t); ok {
			text = s.State.String()
			switch {
			case s.Cause != reports.CauseNone && s.Period != nil && s.Period.Cause == s.Cause:
				text += ": " + causeText(s.Period)
			case s.Cause != reports.CauseNone:
				text += ": " + s.Cause.String()
			}
			estimated := s.Period != nil && s.Period.Estimated()
			text += fmt.Sprintf(", %s to %s, %s", guess(words.time(s.Start), estimated), guess(words.time(s.End), estimated), guess(words.length(reports.LengthOf(s.Span)), estimated))
		}
		out.WriteString(words.wrap(MachineName(m)+"  ", text, "    "))
	}
	return out.Flush()
}

// AtJSON is [At] as one JSON object.
func AtJSON(w io.Writer, r *reports.Report, t journal.Instant) error {
	o := object{bufio.NewWriter(w)}
	o.put(`{"schema":"flightrec.at/1","at":`, t, `,"machines":[`)
	return o.machines(r, func(m *reports.Machine) {
		if s, ok := m.At(t); ok {
			o.put("\n", newSpanLine(m, &s))
		} else {
			o.put("\n", spanLine{Schema: SpanSchema, Machine: m.ID, Host: m.Host, State: "unknown", Start: t, End: t, Flights: []string{}})
		}
	})
}
