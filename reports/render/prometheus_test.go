package render

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"pgregory.net/rapid"
)

// exposition returns a report in the text format.
func exposition(t rapid.TB, r *reports.Report) string {
	var b strings.Builder
	if err := Prometheus(&b, r, Look{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// samplesOf parses the text format as Prometheus' own library does, and returns the
// samples of each family by the labels of a machine, in order.
func samplesOf(t rapid.TB, text string) map[string][]float64 {
	t.Helper()
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	samples := make(map[string][]float64)
	for name, f := range families {
		if f.GetHelp() == "" {
			t.Errorf("%s has no help", name)
		}
		for _, m := range f.Metric {
			samples[name] = append(samples[name], m.GetGauge().GetValue()+m.GetCounter().GetValue())
		}
	}
	return samples
}

// Of a crash, a shutdown and an uptime that goes on, each number is told.
func TestPrometheus(t *testing.T) {
	now := aloft(fly(3, "12:00:00", "12:30:00"))
	now.Legs[0].Last.MaxError = 25e6
	boots := []ground.Boot{
		boot("a", fly(1, "10:00:00", "10:30:00")),
		boot("b", landed(fly(2, "10:40:00", "11:40:00"), journal.ShutdownYes)),
		boot("c", now),
	}
	got := samplesOf(t, exposition(t, reportOf(boots, reports.Options{Run: reports.Run{Now: at("12:30:05")}})))
	for name, want := range map[string]float64{
		"flightrec_up":                        1,
		"flightrec_boot_time_seconds":         1592395200, // date -ud '2020-06-17 12:00' +%s
		"flightrec_last_sign_of_life_seconds": 1592397000,
		"flightrec_boots_total":               3,
		"flightrec_crashes_total":             1,
		"flightrec_shutdowns_total":           1,
		"flightrec_up_seconds":                2 * 3600,
		"flightrec_down_seconds":              1800,
		"flightrec_unknown_seconds":           5,
		"flightrec_last_downtime_seconds":     1200,
	} {
		sum := 0.0
		for _, n := range got[name] {
			sum += n
		}
		if len(got[name]) == 0 || sum != want {
			t.Errorf("%s %v, want %v", name, got[name], want)
		}
	}
}

// Crashes are counted by reason, and a reason that didn't happen yet stands at 0. What
// was measured with the last heartbeat is told in units of Prometheus; what each boot
// wrote to the device adds up.
func TestPrometheusBlackBox(t *testing.T) {
	wrote := func(f *ground.Flight, mib int64, before ...journal.Value) *ground.Flight {
		f.Vitals = journal.NewVitals(journal.Sample{Values: append(before, journal.Value{Vital: journal.VitalDeviceWritten, N: mib})})
		return f
	}
	again := wrote(fly(3, "12:00:00", "12:30:00"), 2)
	again.Evidence = journal.Evidence{{Source: "power_reset", Value: "0x2"}}
	boots := []ground.Boot{
		boot("a", wrote(fly(1, "10:00:00", "10:30:00"), 3), wrote(fly(2, "10:31:00", "11:00:00"), 4)),
		boot("b", again),
		boot("c", wrote(aloft(fly(4, "13:00:00", "13:30:00")), 1, journal.Value{Vital: journal.VitalTemperature, N: 61}, journal.Value{Vital: journal.VitalAppend, N: 40})),
	}
	text := exposition(t, reportOf(boots, reports.Options{Run: reports.Run{Now: at("13:30:05")}}))
	for _, want := range []string{
		"flightrec_crashes_total{reason=\"crash\"} 1\n",
		"flightrec_crashes_total{reason=\"crash,power,undervoltage\"} 1\n",
		"flightrec_crashes_total{reason=\"crash,watchdog\"} 0\n",
		"flightrec_append_seconds 0.04\n",
		"flightrec_temperature_celsius 61\n",
		"flightrec_device_written_bytes_total 7340032\n", // (4 + 2 + 1) MiB
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "flightrec_undervoltage") {
		t.Errorf("a vital that nobody measured in\n%s", text)
	}
}

// Of a boot whose time is not known, and of nobody who records, no number is made up.
func TestPrometheusUnknown(t *testing.T) {
	boots := []ground.Boot{
		boot("a", fly(1, "10:00:00", "10:30:00")),
		boot("b", adrift(fly(2, "12:00:00", "12:30:00"), ground.GroundingWall, "10:30:00", "")),
	}
	got := samplesOf(t, exposition(t, reportOf(boots, reports.Options{Run: reports.Run{Now: at("13:00:00")}})))
	for _, name := range []string{
		"flightrec_boot_time_seconds", "flightrec_last_sign_of_life_seconds", "flightrec_last_downtime_seconds",
		"flightrec_clock_synchronised", "flightrec_clock_error_seconds",
	} {
		if len(got[name]) != 0 {
			t.Errorf("%s %v, though nothing tells", name, got[name])
		}
	}
	if up := got["flightrec_up"]; len(up) != 1 || up[0] != 0 {
		t.Errorf("flightrec_up %v, want 0", up)
	}
}

// hostile are names that break out of what they are written into.
var hostile = []string{`"} 1` + "\nevil_total 666\n# ", `\`, "\x00\x1b[31m", "\u202eexe", "<script>alert(1)</script>", "é", "\xff", ""}

// Several machines are told apart by labels, whatever they are called, and no two samples
// have the same labels.
func TestPrometheusLabels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var boots []ground.Boot
		for n := range rapid.IntRange(2, 5).Draw(t, "machines") {
			b := boot("a", fly(n+1, "10:00:00", "10:30:00"))
			b.Machine = rapid.SampledFrom(hostile).Draw(t, "machine")
			b.Flights[0].Takeoff.Host = rapid.OneOf(rapid.SampledFrom(hostile), rapid.String()).Draw(t, "host")
			boots = append(boots, b)
		}
		r := reportOf(boots, reports.Options{})
		text := exposition(t, r)
		if n := len(samplesOf(t, text)["flightrec_boots_total"]); n != r.Count {
			t.Fatalf("%d machines, want %d\n%s", n, r.Count, text)
		}
		lines := make(map[string]bool)
		for line := range strings.Lines(text) {
			sample := line[:strings.LastIndexByte(line, ' ')]
			if lines[sample] {
				t.Fatalf("%s stands there twice", sample)
			}
			lines[sample] = true
			if !strings.HasPrefix(line, "flightrec_") && !strings.HasPrefix(line, "# ") {
				t.Fatalf("a line that is none of ours: %q", line)
			}
		}
	})
}

// A counter doesn't fall when late evidence shows that there was less to count.
func TestNotBelow(t *testing.T) {
	report := func(boots ...ground.Boot) *Metrics { return NewMetrics(reportOf(boots, reports.Options{})) }
	crashed := report(boot("a", fly(1, "10:00:00", "10:30:00")), boot("b", fly(2, "11:00:00", "11:30:00")))
	wasOne := report(boot("a", fly(1, "10:00:00", "10:30:00"), fly(2, "11:00:00", "11:30:00")))
	wasOne.NotBelow(crashed)
	var b bytes.Buffer
	if err := wasOne.Write(&b, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# TYPE flightrec_crashes counter\nflightrec_crashes_total{reason=\"crash\"} 1\n",
		"# TYPE flightrec_boots counter\nflightrec_boots_total 2\n",
		"flightrec_down_seconds 0\n", // no counter
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	if !strings.HasSuffix(b.String(), "\n# EOF\n") {
		t.Errorf("no end in\n%s", &b)
	}
}

// Debian's promtool finds nothing to complain of.
func TestPromtool(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		t.Skip("needs promtool of Debian's prometheus")
	}
	other := boot("a", fly(2, "10:00:00", "10:30:00"))
	other.Machine = hostile[0]
	for name, boots := range map[string][]ground.Boot{
		"one": {boot("a", aloft(fly(1, "10:00:00", "10:30:00")))},
		"two": {boot("a", fly(1, "10:00:00", "10:30:00")), other},
	} {
		cmd := exec.Command("promtool", "check", "metrics")
		cmd.Stdin = strings.NewReader(exposition(t, reportOf(boots, reports.Options{})))
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
