package render

import (
	"bufio"
	"cmp"
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

// metric is a sample of a family of the Prometheus formats: of those whose name stands in
// a row. A name is part of what flightrec promises.
type metric struct {
	name    string
	counter bool
	label   string // what tells it from others of its family, or ""
	help    string
	// value returns what is known of it, and false where nothing is.
	value func(m *observed) (float64, bool)
}

// observed is a machine whose samples are taken.
type observed struct {
	*reports.Machine
	heard  bool                    // a recorder records it at this moment
	vitals map[journal.Vital]int64 // at the last heartbeat; none where it isn't heard of
}

// metrics are all samples. What nothing tells has none: neither an estimate nor a zero
// stands for it.
var metrics = slices.Concat([]metric{
	{"flightrec_up", false, "", "1 while a recorder runs and was heard of within ten minutes, or three intervals where that is longer, else 0.", func(m *observed) (float64, bool) {
		if m.heard {
			return 1, true
		}
		return 0, true
	}},
	{"flightrec_boot_time_seconds", false, "", "When the latest boot began, in seconds since 1970. Left out while that is an estimate.", func(m *observed) (float64, bool) {
		return floatSeconds(m.Latest.Up.Start), !m.Latest.Up.StartEstimated
	}},
	{"flightrec_last_sign_of_life_seconds", false, "", "When the machine was last known to be up, in seconds since 1970. Left out while that is an estimate.", func(m *observed) (float64, bool) {
		return floatSeconds(m.Latest.Sign), !m.Latest.Up.EndEstimated
	}},
	{"flightrec_boots_total", true, "", "Boots.", func(m *observed) (float64, bool) {
		return float64(m.Summary.Boots), true
	}},
}, crashMetrics(), []metric{
	{"flightrec_shutdowns_total", true, "", "Boots that ended with a shutdown.", func(m *observed) (float64, bool) {
		return float64(m.Summary.Shutdowns), true
	}},
	{"flightrec_up_seconds", false, "", "How long the machine was up in all. Late evidence can lower it.", func(m *observed) (float64, bool) {
		return floatSeconds(m.Summary.Up), true
	}},
	{"flightrec_down_seconds", false, "", "How long the machine was down in all. Late evidence can lower it.", func(m *observed) (float64, bool) {
		return floatSeconds(m.Summary.Down), true
	}},
	{"flightrec_unknown_seconds", false, "", "For how long nothing tells whether the machine was up or down. Late evidence can lower it.", func(m *observed) (float64, bool) {
		return floatSeconds(m.Summary.Unknown), true
	}},
	{"flightrec_last_downtime_seconds", false, "", "How long the machine was down before the latest boot. Left out where that is an estimate or unknown.", func(m *observed) (float64, bool) {
		d := m.Latest.Down
		if d == nil || d.State != reports.StateDown || d.LengthEstimated() {
			return 0, false
		}
		return floatSeconds(d.Length()), true
	}},
	{"flightrec_clock_synchronised", false, "", "1 if the clock was synchronised at the last heartbeat of a recorder that still runs, 0 if it wasn't.", func(m *observed) (float64, bool) {
		sync := m.Latest.Fix.Sync
		if sync == clock.SyncSynced {
			return 1, m.heard
		}
		return 0, m.heard && sync != clock.SyncUnknown
	}},
	{"flightrec_clock_error_seconds", false, "", "By how much the clock was wrong at most then.", func(m *observed) (float64, bool) {
		f := m.Latest.Fix
		return f.MaxError.Seconds(), m.heard && f.Sync == clock.SyncSynced && f.MaxError != clock.Unknown
	}},
	{"flightrec_device_written_bytes_total", true, "", "What was written to the journal's device by anybody, in all boots that tell.", func(m *observed) (float64, bool) {
		mib, ok := m.DeviceWritten()
		return float64(mib) * mebi, ok
	}},
}, vitalMetrics())

// mebi is how many bytes are a MiB.
const mebi = 1 << 20

// crashMetrics counts crashes by reason. A reason that didn't happen yet stands at 0: what
// first appears as 1 is no increase to a reader of counters.
func crashMetrics() (all []metric) {
	for _, reason := range reports.CrashReasons() {
		all = append(all, metric{"flightrec_crashes_total", true, label("reason", reason), "Boots that ended without a shutdown, by why: crash alone where nothing tells.", func(m *observed) (float64, bool) {
			n := 0
			for _, c := range m.Summary.Reasons {
				if cmp.Or(c.Verdict.Reason(), reports.CauseCrash.String()) == reason {
					n += c.N
				}
			}
			return float64(n), true
		}})
	}
	return all
}

// vitalMetrics are what was measured with the last heartbeat, in units of Prometheus.
func vitalMetrics() (all []metric) {
	for _, v := range []struct {
		name  string
		vital journal.Vital
		unit  float64
		help  string
	}{
		{"append_seconds", journal.VitalAppend, 1e-3, "How long the latest heartbeat but one took to become durable."},
		{"recorder_written_bytes", journal.VitalWritten, 1 << 10, "What the recorder wrote since it started."},
		{"appends_refused", journal.VitalRefused, 1, "Heartbeats that the store refused since the recorder started."},
		{"alarms", journal.VitalAlarms, 1, "Heartbeats written for alarms in the last day."},
		{"temperature_celsius", journal.VitalTemperature, 1, "Temperature of the hottest thermal zone."},
		{"temperature_headroom_celsius", journal.VitalHeadroom, 1, "How far the thermal zone nearest to its critical temperature is below it; 20 for more."},
		{"undervoltage", journal.VitalUndervoltage, 1, "1 while the supply's voltage is too low, else 0."},
		{"cpu_cap_ratio", journal.VitalCap, 1e-2, "What the processor's clock is capped to, of its highest."},
		{"load1", journal.VitalLoad, 1e-2, "Load average of a minute."},
		{"memory_available_bytes", journal.VitalMemory, mebi, "Memory available."},
		{"memory_pressure_ratio", journal.VitalMemoryPressure, 1e-2, "Part of the last 10 s in which all waited for memory."},
		{"io_pressure_ratio", journal.VitalIOPressure, 1e-2, "Part of the last 10 s in which all waited for input or output."},
		{"disk_free_bytes", journal.VitalDiskFree, mebi, "What is free on the journal's file system."},
		{"disk_read_only", journal.VitalReadOnly, 1, "1 while the journal's file system is mounted read-only, else 0."},
		{"oom_kills", journal.VitalOOMKills, 1, "Processes killed for lack of memory since boot."},
		{"kernel_oopses", journal.VitalOopses, 1, "Oopses of the kernel since boot."},
		{"kernel_warnings", journal.VitalWarnings, 1, "Warnings of the kernel since boot."},
		{"kernel_tainted", journal.VitalTaint, 1, "The kernel's taint flags."},
	} {
		all = append(all, metric{"flightrec_" + v.name, false, "", v.help, func(m *observed) (float64, bool) {
			n, ok := m.vitals[v.vital]
			return float64(n) * v.unit, ok
		}})
	}
	return all
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
		o := &observed{Machine: m, heard: isHeard(m, r.Now)}
		if o.heard {
			_, o.vitals = journal.Known(m.Latest.Flight.Vitals.Parts())
		}
		for i := range metrics {
			one.values[i], one.known[i] = metrics[i].value(o)
		}
		all.machines = append(all.machines, one)
	}
	return all
}

// NotBelow raises each counter to what it was in earlier samples, nil for none: late
// evidence may lower a count, which a reader of counters would take for a new beginning.
// So a crash of which the reason becomes known later counts under both.
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
		if i == 0 || metrics[i-1].name != f.name {
			fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", family, f.help, family, kind)
		}
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
