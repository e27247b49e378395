//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// examples is the folder of units, rules and scripts to copy.
const examples = "init/examples/"

// freePort returns a port of loopback that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// A real Prometheus scrapes a server over a crash, a reboot, and a boot whose time becomes
// known late.
func TestServeToPrometheus(t *testing.T) {
	needs(t, "prometheus")
	dir := t.TempDir()
	dump := filepath.Join(dir, "dumps", "pi.jsonl")
	if err := os.Mkdir(filepath.Dir(dump), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(lines ...string) {
		t.Helper()
		temp := filepath.Join(dir, "new")
		if err := os.WriteFile(temp, []byte(strings.Join(lines, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(temp, dump); err != nil {
			t.Fatal(err)
		}
	}
	first := dumpLine("pi", 0, 2, "lost")
	write(first)
	s := serving(t, "--from", filepath.Dir(dump))
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 500ms}\nscrape_configs:\n- job_name: flightrec\n  static_configs:\n  - targets: [%q]\n", strings.TrimPrefix(s.url, "http://"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	where := "127.0.0.1:" + freePort(t)
	prometheus := exec.Command("prometheus", "--config.file", config, "--storage.tsdb.path", filepath.Join(dir, "tsdb"), "--web.listen-address", where)
	if err := prometheus.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { prometheus.Process.Kill(); prometheus.Wait() }()
	// values asks Prometheus; ok is false where it doesn't understand the query.
	values := func(query string) (values []float64, ok bool) {
		answer, err := http.Get("http://" + where + "/api/v1/query?query=" + url.QueryEscape(query))
		if err != nil {
			return nil, false
		}
		defer answer.Body.Close()
		var got struct {
			Status string
			Data   struct{ Result []struct{ Value [2]any } }
		}
		if json.NewDecoder(answer.Body).Decode(&got) != nil {
			return nil, false
		}
		for _, r := range got.Data.Result {
			v, err := strconv.ParseFloat(r.Value[1].(string), 64)
			if err != nil {
				return nil, false
			}
			values = append(values, v)
		}
		return values, got.Status == "success"
	}
	// value is its only answer; ok is false where it has none, or several.
	value := func(query string) (v float64, ok bool) {
		if all, ok := values(query); ok && len(all) == 1 {
			return all[0], true
		}
		return 0, false
	}
	is := func(query string, want float64) {
		t.Helper()
		becomes(t, query, func() bool { v, ok := value(query); return ok && v == want })
	}
	is(`up{job="flightrec"}`, 1) // it understands what it gets
	is("flightrec_boots_total", 1)
	is(`flightrec_crashes_total{reason="crash"}`, 0)
	newYear := float64(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	is("flightrec_boot_time_seconds", newYear)

	write(first, dumpLine("pi", 3, 1, "landed")) // it was a crash
	is("sum(flightrec_crashes_total)", 1)
	is("flightrec_last_downtime_seconds", 3600)

	// It was rebooted, and the new boot's clock isn't set yet.
	aloft := dumpLine("pi", 5, 1, "aloft")
	write(first, dumpLine("pi", 3, 1, "landed"), strings.NewReplacer(`"sync":"synced","max_error_ns":1000000`, `"sync":"unsynced","max_error_ns":null`).Replace(aloft))
	is("flightrec_shutdowns_total", 1)
	becomes(t, "an unknown boot time", func() bool { _, ok := value("flightrec_boot_time_seconds"); return !ok })
	write(first, dumpLine("pi", 3, 1, "landed"), aloft)
	is("flightrec_boot_time_seconds", newYear+5*3600)
	is("flightrec_last_downtime_seconds", 3600)

	// Each panel of the dashboard gets an answer; of the clock, only while somebody records.
	for _, query := range panelQueries(t) {
		query = strings.NewReplacer("$instance", ".+", "$__rate_interval", "10m").Replace(query)
		becomes(t, query, func() bool {
			all, ok := values(query)
			return ok && (len(all) > 0 || strings.Contains(query, "flightrec_clock_"))
		})
	}

	// Late evidence takes the crash back; the counter doesn't.
	write(strings.Replace(first, `"landing":null,"ending":"lost"`, `"landing":{"reason":"terminated","shutdown":true},"ending":"landed"`, 1), dumpLine("pi", 3, 1, "landed"), aloft)
	is("flightrec_shutdowns_total", 2)
	is("sum(resets(flightrec_crashes_total[10m]))", 0)
	is("sum(resets(flightrec_boots_total[10m]))", 0)
	is(`up{job="flightrec"}`, 1)
}

// panelQueries returns what the panels of the dashboard ask for.
func panelQueries(t *testing.T) (queries []string) {
	t.Helper()
	text, err := os.ReadFile(examples + "grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			queries = append(queries, target.Expr)
		}
	}
	if len(queries) < 10 {
		t.Fatalf("the dashboard asks for %q", queries)
	}
	return queries
}

// The alert rules do what their tests say, and rules and dashboard ask for what is there.
func TestAlertRules(t *testing.T) {
	needs(t, "promtool")
	for _, args := range [][]string{{"check", "rules", "flightrec.rules.yml"}, {"test", "rules", "flightrec.rules.test.yml"}, {"check", "config", "prometheus.yml"}} {
		cmd := exec.Command("promtool", args...)
		cmd.Dir = examples
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// metricName is a name that a rule or a panel may ask for.
var metricName = regexp.MustCompile(`\bflightrec_[a-z_]+`)

func TestDashboard(t *testing.T) {
	out, err := exec.Command(program, "report", "--format", "prometheus", "../../testdata/example.jsonl").Output()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, name := range metricName.FindAllString(string(out), -1) {
		there[name] = true
	}
	for _, file := range []string{"grafana.json", "flightrec.rules.yml", "flightrec.rules.test.yml"} {
		text, err := os.ReadFile(examples + file)
		if err != nil {
			t.Fatal(err)
		}
		asked := metricName.FindAllString(string(text), -1)
		if len(asked) < 5 {
			t.Errorf("%s asks for %d metrics", file, len(asked))
		}
		for _, name := range asked {
			// The example's clock is synchronised at the end, but nobody records any more.
			if !there[name] && !strings.HasPrefix(name, "flightrec_clock_") {
				t.Errorf("%s asks for %s, which nobody has", file, name)
			}
		}
		if strings.HasSuffix(file, ".json") && !json.Valid(text) {
			t.Errorf("%s is no JSON", file)
		}
	}
}
