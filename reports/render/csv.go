package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"flightrec/journal"
	"flightrec/reports"
)

// csvHeader names the columns. Those behind them are new ones.
var csvHeader = []string{
	"machine", "host", "kind", "n", "start", "end", "duration_seconds", "state", "cause", "reason", "certainty",
	"estimated", "earliest", "latest", "boot", "kernel", "aloft", "flights", "up_seconds", "down_seconds", "unknown_seconds",
}

// CSV writes the periods, each as a record of RFC 4180, and the time since the last sign of
// life as one of kind "silent". What of a period is up, down and unknown adds up to the
// machine's sums. Nothing in a field makes a spreadsheet run it as a formula.
func CSV(w io.Writer, r *reports.Report, _ Look) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	out.Write(csvHeader)
	for m := range r.Machines {
		sums, silent := periodSums(m)
		for i := range m.Periods {
			p := &m.Periods[i]
			out.Write(csvRecord(m, p, sums[p]))
		}
		for _, s := range silent {
			record := make([]string, len(csvHeader))
			copy(record, []string{cell(m.ID), cell(m.Host), "silent", "", csvTime(&s.Start), csvTime(&s.End), csvSeconds(reports.LengthOf(s.Span)), s.State.String(), s.Cause.String()})
			record[11], record[16] = "false", "false"
			copy(record[18:], []string{"0", "0", csvSeconds(reports.LengthOf(s.Span))})
			out.Write(record)
		}
		out.Flush()
		if err := out.Error(); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// periodSums returns how long each state lasted in each period of a machine's line, and
// the spans that are of none. What is excluded counts nowhere.
func periodSums(m *reports.Machine) (sums map[*reports.Period][3]reports.Length, silent []reports.Span) {
	sums = make(map[*reports.Period][3]reports.Length)
	for _, s := range m.Line {
		switch {
		case s.Excluded:
		case s.Period == nil:
			silent = append(silent, s)
		default:
			sum := sums[s.Period]
			sum[s.State] += reports.LengthOf(s.Span)
			sums[s.Period] = sum
		}
	}
	return sums, silent
}

// csvRecord returns the record of a period.
func csvRecord(m *reports.Machine, p *reports.Period, sums [3]reports.Length) []string {
	kind, start, length := "downtime", &p.Start, csvSeconds(p.Length())
	if p.Up() {
		kind = "uptime"
	}
	if p.Open {
		start = nil
	}
	if p.Open || p.LengthUnknown() {
		length = ""
	}
	record := []string{
		cell(m.ID), cell(m.Host), kind, strconv.Itoa(p.N), csvTime(start), csvTime(&p.End), length, p.State.String(), p.Cause.String(), "", "",
		strconv.FormatBool(p.Estimated()), "", "", "", "", "false", "",
	}
	if p.Verdict.Certainty != reports.CertaintyNone {
		record[9], record[10] = cell(p.Verdict.Reason()), p.Verdict.Certainty.String()
	}
	if p.Estimated() {
		record[12], record[13] = csvTime(p.Window.Earliest), csvTime(p.Window.Latest)
	}
	if p.Up() {
		var flights []string
		for i := range p.Flights {
			flights = append(flights, p.Flights[i].ID.String())
		}
		record[14], record[15], record[16], record[17] = cell(p.Boot), cell(p.Kernel), strconv.FormatBool(p.Aloft), strings.Join(flights, " ")
	}
	return append(record, csvSeconds(sums[reports.StateUp]), csvSeconds(sums[reports.StateDown]), csvSeconds(sums[reports.StateUnknown]))
}

// cell returns a text of unknown origin as a spreadsheet shows it: one that begins like a
// formula gets an apostrophe before it (OWASP, CSV Injection).
func cell(s string) string {
	s = Printable(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// csvTime returns i as RFC 3339, "" for nil.
func csvTime(i *journal.Instant) string {
	if i == nil {
		return ""
	}
	text, _ := i.MarshalText()
	return string(text)
}

// csvSeconds returns l in seconds, exactly.
func csvSeconds(l reports.Length) string { return string(l.AppendSeconds(nil)) }
