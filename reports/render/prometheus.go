package render

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

// metric is a family of the Prometheus formats. Its name is part of what flightrec promises.
type metric struct {
	name    string
	counter bool
	label   string // one that all its samples have, or ""
	help    string
	// value returns what is known of it, and false where nothing is.
	value func(m *reports.Machine, now journal.Instant) (float64, bool)
}

// metrics are all families. What nothing tells has no sample: neither an estimate nor a
// zero stands for it.
var metrics = []metric{
	{"flightrec_up", false, "", "1 while a recorder runs and was heard of within ten minutes, or three intervals where that is longer, else 0.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		if isHeard(m, now) {
			return 1, true
		}
		return 0, true
	}},
	{"flightrec_boot_time_seconds", false, "", "When the latest boot began, in seconds since 1970. Left out while that is an estimate.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return floatSeconds(m.Latest.Up.Start), !m.Latest.Up.StartEstimated
	}},
	{"flightrec_last_sign_of_life_seconds", false, "", "When the machine was last known to be up, in seconds since 1970. Left out while that is an estimate.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return floatSeconds(m.Latest.Sign), !m.Latest.Up.EndEstimated
	}},
	{"flightrec_boots_total", true, "", "Boots.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return float64(m.Summary.Boots), true
	}},
	{"flightrec_crashes_total", true, `reason="crash"`, "Boots that ended without a shutdown, by why.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return float64(m.Summary.Crashes), true
	}},
	{"flightrec_shutdowns_total", true, "", "Boots that ended with a shutdown.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return float64(m.Summary.Shutdowns), true
	}},
	{"flightrec_up_seconds", false, "", "How long the machine was up in all. Late evidence can lower it.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return floatSeconds(m.Summary.Up), true
	}},
	{"flightrec_down_seconds", false, "", "How long the machine was down in all. Late evidence can lower it.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return floatSeconds(m.Summary.Down), true
	}},
	{"flightrec_unknown_seconds", false, "", "For how long nothing tells whether the machine was up or down. Late evidence can lower it.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		return floatSeconds(m.Summary.Unknown), true
	}},
	{"flightrec_last_downtime_seconds", false, "", "How long the machine was down before the latest boot. Left out where that is an estimate or unknown.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		d := m.Latest.Down
		if d == nil || d.State != reports.StateDown || d.LengthEstimated() {
			return 0, false
		}
		return floatSeconds(d.Length()), true
	}},
	{"flightrec_clock_synchronised", false, "", "1 if the clock was synchronised at the last heartbeat of a recorder that still runs, 0 if it wasn't.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		sync := m.Latest.Fix.Sync
		if sync == clock.SyncSynced {
			return 1, isHeard(m, now)
		}
		return 0, isHeard(m, now) && sync != clock.SyncUnknown
	}},
	{"flightrec_clock_error_seconds", false, "", "By how much the clock was wrong at most then.", func(m *reports.Machine, now journal.Instant) (float64, bool) {
		f := m.Latest.Fix
		return f.MaxError.Seconds(), isHeard(m, now) && f.Sync == clock.SyncSynced && f.MaxError != clock.Unknown
	}},
}

// isHeard reports whether a recorder records the machine at this moment: one is aloft,
// and its heartbeats don't stay away. A dump goes on calling a flight aloft that ended
// long ago.
func isHeard(m *reports.Machine, now journal.Instant) bool {
	const least = 10 * time.Minute // how old the news of a machine may be
	f := m.Latest.Flight
	return f.Ending == journal.EndingAloft && now.Sub(m.Latest.Sign) <= max(least, 3*f.Takeoff.Interval)
}

// floatSeconds returns a time since 1970 or a length, both in nanoseconds, in seconds.
func floatSeconds[T journal.Instant | reports.Length](ns T) float64 { return float64(ns) / 1e9 }

// Metrics are the samples of a report.
type Metrics struct {
	machines []machineMetrics
}

// machineMetrics are the samples of one machine.
type machineMetrics struct {
	labels string    // as both formats have them, "" where there is one machine
	values []float64 // by the index of metrics
	known  []bool    // likewise
}

// NewMetrics returns the samples of r.
func NewMetrics(r *reports.Report) *Metrics {
	all := &Metrics{}
	seen := make(map[string]int)
	for m := range r.Machines {
		one := machineMetrics{values: make([]float64, len(metrics)), known: make([]bool, len(metrics))}
		if r.Count > 1 {
			// Machines that a cloned card made have one ID and may have one name. No two
			// samples may have the same labels.
			id := m.ID
			key := m.ID + "\x00" + m.Host
			if seen[key]++; seen[key] > 1 {
				id += "#" + strconv.Itoa(seen[key])
			}
			one.labels = label("machine", id) + "," + label("host", m.Host)
		}
		for i := range metrics {
			one.values[i], one.known[i] = metrics[i].value(m, r.Now)
		}
		all.machines = append(all.machines, one)
	}
	return all
}

// NotBelow raises each counter to what it was in earlier samples, nil for none: late
// evidence may lower a count, which a reader of counters would take for a new beginning.
func (all *Metrics) NotBelow(earlier *Metrics) {
	if earlier == nil {
		return
	}
	before := make(map[string]machineMetrics, len(earlier.machines))
	for _, m := range earlier.machines {
		before[m.labels] = m
	}
	for _, m := range all.machines {
		b, ok := before[m.labels]
		for i := range metrics {
			if ok && metrics[i].counter {
				m.values[i] = max(m.values[i], b.values[i])
			}
		}
	}
}

// label returns a label as both formats have it.
func label(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(Printable(value)) + `"`
}

// Prometheus writes a report in the text format 0.0.4, as the textfile collector of
// node_exporter reads it.
func Prometheus(w io.Writer, r *reports.Report, _ Look) error {
	return NewMetrics(r).Write(w, false)
}

// Write writes the samples in the text format 0.0.4 of Prometheus, or as OpenMetrics 1.0.
// Samples have no timestamps.
func (all *Metrics) Write(w io.Writer, openMetrics bool) error {
	out := bufio.NewWriter(w)
	for i, f := range metrics {
		if !slices.ContainsFunc(all.machines, func(m machineMetrics) bool { return m.known[i] }) {
			continue
		}
		family, kind := f.name, "gauge"
		if f.counter {
			kind = "counter"
			if openMetrics {
				family = strings.TrimSuffix(family, "_total")
			}
		}
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family, f.help, family, kind)
		for _, m := range all.machines {
			if m.known[i] {
				out.WriteString(f.name + braced(f.label, m.labels) + " " + strconv.FormatFloat(m.values[i], 'f', -1, 64) + "\n")
			}
		}
	}
	if openMetrics {
		out.WriteString("# EOF\n")
	}
	return out.Flush()
}

// braced returns labels in braces, "" for none.
func braced(labels ...string) string {
	labels = slices.DeleteFunc(labels, func(l string) bool { return l == "" })
	if len(labels) == 0 {
		return ""
	}
	return "{" + strings.Join(labels, ",") + "}"
}
