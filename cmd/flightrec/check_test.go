package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal/clock"
	"flightrec/reports"
	"flightrec/reports/reportstest"
)

// The examples of the Monitoring Plugins' guidelines, section Threshold and Ranges.
func TestRange(t *testing.T) {
	for text, tries := range map[string]struct{ alerts, quiet []float64 }{
		"10":     {[]float64{-1, 10.5, 11}, []float64{0, 5, 10}},
		"10:":    {[]float64{-5, 9.9}, []float64{10, 1e9}},
		"~:10":   {[]float64{10.1, 1e9}, []float64{-1e9, 0, 10}},
		"10:20":  {[]float64{9, 21}, []float64{10, 15, 20}},
		"@10:20": {[]float64{10, 15, 20}, []float64{9, 21}},
		"0":      {[]float64{1}, []float64{0}},
	} {
		limits, ok := parseThresholds(text, false, parseNumber)
		if !ok {
			t.Errorf("%q is no range", text)
			continue
		}
		if got := limits.warning.String(); got != text {
			t.Errorf("%q is printed as %q", text, got)
		}
		for _, v := range tries.alerts {
			if !limits.warning.alerts(v) {
				t.Errorf("%q doesn't alert at %v", text, v)
			}
		}
		for _, v := range tries.quiet {
			if limits.warning.alerts(v) {
				t.Errorf("%q alerts at %v", text, v)
			}
		}
	}
	for _, text := range []string{"", ",", ":", "@", "x", "20:10", "1,2,3", "NaN", "1e999", "10m"} {
		if _, ok := parseThresholds(text, false, parseNumber); ok {
			t.Errorf("%q is taken for a range", text)
		}
	}
	least, _ := parseThresholds("99.5%,99", true, parsePercent)
	if !least.warning.alerts(99.4) || least.warning.alerts(99.5) || !least.critical.alerts(98) || least.critical.String() != "99:" {
		t.Errorf("a least is %v, %v", least.warning, least.critical)
	}
	long, _ := parseThresholds("10m,1d12h", false, parseLength)
	if long.warning.String() != "600" || long.critical.String() != "129600" {
		t.Errorf("lengths are %v, %v", long.warning, long.critical)
	}
}

// Each state of a plugin, and what it is told by.
func TestJudge(t *testing.T) {
	at := reportstest.At
	down := reportstest.Boot("a", reportstest.Fly(1, "10:00:00", "10:50:00"))
	now := func() ground.Boot {
		return reportstest.Boot("b", reportstest.Aloft(reportstest.Fly(2, "11:00:00", "12:00:00")))
	}
	unset := now()
	unset.Flights[0].Grounding = ground.GroundingWall
	unset.Flights[0].Legs[0].Last.Sync = clock.SyncUnsynced
	other := reportstest.Boot("c", reportstest.Fly(3, "10:00:00", "10:10:00"))
	other.Machine, other.Flights[0].Takeoff.Host = "n", "it's|=me"
	of := func(warning, critical string) thresholds {
		limits, ok := parseThresholds(warning+","+critical, false, parseLength)
		if !ok {
			t.Fatalf("%s,%s", warning, critical)
		}
		return limits
	}
	for name, c := range map[string]struct {
		boots  []ground.Boot
		limits limits
		now    string
		unread []string
		state  pluginState
		line   string
	}{
		"nothing asked": {boots: []ground.Boot{down, now()}, now: "12:00:10", state: pluginOK,
			line: "FLIGHTREC OK - up 1 h, last sign of life 10 s ago, 1 crash, 91.66 % up | silence=10s;;;0 crashes=1;;;0 availability=91.66666666666666%;;;0;100\n"},
		"all well":         {boots: []ground.Boot{now()}, limits: limits{crashes: of("0", "2"), silence: of("1m", "1h")}, now: "12:00:10", state: pluginOK},
		"a crash too many": {boots: []ground.Boot{down, now()}, limits: limits{crashes: of("0", "2")}, now: "12:00:10", state: pluginWarning, line: "1 crash (warning)"},
		"far too many":     {boots: []ground.Boot{down, now()}, limits: limits{crashes: of("", "0")}, now: "12:00:10", state: pluginCritical, line: "crashes=1;;0;0 "},
		"down for long":    {boots: []ground.Boot{down, now()}, limits: limits{availability: of("99:", "95:")}, now: "12:00:10", state: pluginCritical, line: "91.66 % up (critical)"},
		"silent":           {boots: []ground.Boot{down}, limits: limits{silence: of("10m", "2h")}, now: "12:00:00", state: pluginWarning, line: "nobody is recording, last sign of life 1 h 10 m ago (warning)"},
		"silent for long":  {boots: []ground.Boot{down}, limits: limits{silence: of("10m", "1h")}, now: "12:00:00", state: pluginCritical},
		// Nothing that is counted from now can be told.
		"clock not yet set":            {boots: []ground.Boot{down, unset}, now: "12:00:10", state: pluginUnknown, line: "its clock was not set"},
		"clock not set and a crash":    {boots: []ground.Boot{down, unset}, limits: limits{crashes: of("", "0")}, now: "12:00:10", state: pluginUnknown, line: "crashes=U;;0;0 "},
		"clock behind":                 {boots: []ground.Boot{down}, limits: limits{silence: of("10m", "1h")}, now: "1970-01-01 00:01:00", state: pluginUnknown, line: "behind the last sign of life"},
		"nothing known":                {boots: []ground.Boot{down}, limits: limits{availability: of("99:", "")}, now: "23:00:00", state: pluginUnknown, line: "availability=U;99:;;0;100\n"},
		"no flights":                   {now: "12:00:00", state: pluginUnknown, line: "FLIGHTREC UNKNOWN - no flights recorded\n"},
		"part unread":                  {boots: []ground.Boot{now()}, now: "12:00:10", unread: []string{"lane-0: broken"}, state: pluginUnknown, line: "part could not be read: lane-0: broken"},
		"part unread, critical anyway": {boots: []ground.Boot{down}, limits: limits{silence: of("", "1h")}, now: "23:00:00", unread: []string{"x"}, state: pluginCritical},
		"part unread, a warning":       {boots: []ground.Boot{down}, limits: limits{silence: of("1h", "")}, now: "23:00:00", unread: []string{"x"}, state: pluginUnknown},
		"two machines": {boots: []ground.Boot{now(), other}, limits: limits{silence: of("1m", "1h")}, now: "12:00:10", state: pluginCritical,
			line: "it's/=me: nobody is recording, last sign of life 1 h 50 m ago (critical), 0 crashes, 100 % up; 1 of 2 machines are well | 'pi silence'=10s;60;3600;0 'pi crashes'=0;;;0 'pi availability'=100%;;;0;100 'it''s__me silence'=6610s;"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := reports.Options{Run: reports.Run{Now: at(c.now), Zone: time.UTC}}
			if name == "nothing known" {
				since := at("22:00:00")
				opts.Since = &since
			}
			line, state := c.limits.judge(reportOf(c.boots, opts), c.unread)
			if state != c.state || !strings.Contains(line, c.line) || strings.Count(line, "\n") != 1 || strings.Count(line, "|") > 1 {
				t.Errorf("%v: %s want %v: …%s", state, line, c.state, c.line)
			}
		})
	}
}

// reportOf reports on boots, those of a machine one after the other.
func reportOf(boots []ground.Boot, opts reports.Options) *reports.Report {
	r := &reports.Report{Options: opts}
	var machines []*reports.Machine
	for len(boots) > 0 {
		n := 1
		for n < len(boots) && boots[n].Machine == boots[0].Machine {
			n++
		}
		machines = append(machines, reports.NewMachine(boots[0].Flights[0].Takeoff.Host, boots[:n], &opts))
		boots = boots[n:]
	}
	r.Count, r.Machines = len(machines), slices.Values(machines)
	return r
}
