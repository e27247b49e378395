//go:build linux && amd64

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
	"flightrec/reports"
	"flightrec/reports/render"
)

// pastBoot is a boot of a history that flightrec and its peers are all given, from the
// kernel's start to the last sign of life, in seconds since 1970.
type pastBoot struct {
	from, to int64
	crashed  bool
}

// drawHistory returns boots of minutes to weeks, a third of them ended by a crash.
func drawHistory() (boots []pastBoot) {
	random := rand.New(rand.NewPCG(14, 2026))
	at := time.Date(2019, 3, 1, 0, 0, 0, 0, time.UTC).Unix()
	for range 250 {
		b := pastBoot{from: at, to: at + 300 + random.Int64N(14*86400), crashed: random.IntN(3) == 0}
		boots = append(boots, b)
		at = b.to + 20 + random.Int64N(3*86400)
	}
	boots[len(boots)-1].crashed = false
	return boots
}

// dumpHistory returns the history as flightrec would have recorded it, on a machine whose
// clock was always right.
func dumpHistory(t *testing.T, boots []pastBoot) []byte {
	var flights []journal.Flight
	for i, b := range boots {
		const since = 10 * time.Second
		wall := journal.InstantOf(time.Unix(b.from, 0)).Add(since)
		f := journaltest.Flight(i+1, fmt.Sprintf("boot-%d", i+1), since, journaltest.Leg(clock.SyncSynced, 0, time.Duration(b.to-b.from)*time.Second-since, wall))
		f.Takeoff.BootOrigin = clock.BootOriginKernel
		if !b.crashed {
			f.Ending, f.Landing = journal.EndingLanded, &journal.Landing{Reason: "SIGTERM", Shutdown: journal.ShutdownYes}
		}
		flights = append(flights, f)
	}
	var dump bytes.Buffer
	if err := render.Dump(&dump, reports.Flights(flights, reports.Selection{})); err != nil {
		t.Fatal(err)
	}
	return dump.Bytes()
}

// TestPeers gives one history to flightrec, tuptime, uprecords and downtimes, and
// compares each number that flightrec and another know. They count in seconds.
func TestPeers(t *testing.T) {
	boots := drawHistory()
	dump := filepath.Join(t.TempDir(), "dump")
	if err := os.WriteFile(dump, dumpHistory(t, boots), 0o644); err != nil {
		t.Fatal(err)
	}
	last := boots[len(boots)-1].to
	ask := func(t *testing.T, args ...string) []byte {
		t.Helper()
		text, err := exec.Command(program, append([]string{"report", "--from", dump}, args...)...).Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return text
	}
	t.Run("tuptime", func(t *testing.T) { compareTuptime(t, boots, last, ask) })
	told := toldOf(t, ask(t, "--json", "--until", fmt.Sprint("@", last)))
	t.Run("uprecords", func(t *testing.T) { compareUprecords(t, boots, told) })
	t.Run("downtimes", func(t *testing.T) { compareDowntimes(t, boots, told) })
}

// toldReport is what is compared of a report as JSON.
type toldReport struct {
	Periods []struct {
		Kind, Cause string
		Start, End  time.Time
		Seconds     float64 `json:"duration_seconds"`
	}
	Summary struct {
		Up          float64 `json:"up_seconds"`
		Down        float64 `json:"down_seconds"`
		Unknown     float64 `json:"unknown_seconds"`
		Share       float64 `json:"availability"`
		Boots       float64 `json:"boots"`
		Outages     float64 `json:"outages"`
		Crashes     float64 `json:"crashes"`
		Shutdowns   float64 `json:"shutdowns"`
		MTTR        float64 `json:"mttr_seconds"`
		LongestUp   float64 `json:"longest_uptime_seconds"`
		LongestDown float64 `json:"longest_downtime_seconds"`
	}
}

func toldOf(t *testing.T, text []byte) toldReport {
	t.Helper()
	var r struct{ Machines []toldReport }
	if err := json.Unmarshal(text, &r); err != nil || len(r.Machines) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	return r.Machines[0]
}

// shortest returns the shortest period of a kind.
func (r *toldReport) shortest(kind string) float64 {
	var all []float64
	for _, p := range r.Periods {
		if p.Kind == kind && !p.Start.IsZero() {
			all = append(all, p.Seconds)
		}
	}
	return slices.Min(all)
}

// equal demands two numbers to be the same, but for rounding.
func equal(t *testing.T, what string, ours, theirs, within float64) {
	t.Helper()
	if diff := ours - theirs; !(-within <= diff && diff <= within) {
		t.Errorf("%s: we say %v, they say %v", what, ours, theirs)
	}
}

// compareTuptime compares totals, availability, averages, longest, shortest and counts,
// of all and of a few stretches of time, and the state at 200 times.
func compareTuptime(t *testing.T, boots []pastBoot, last int64, ask func(*testing.T, ...string) []byte) {
	tool := uml.Unpacked(t, "tuptime", "/usr/bin/tuptime")
	needs(t, "python3", "sqlite3")
	db := filepath.Join(t.TempDir(), "tuptime.db")
	sql := "create table tuptime (bootid text, btime integer, uptime integer, rntime integer, slptime integer, offbtime integer, endst integer, downtime integer, kernel text); pragma user_version = 5;\n"
	for i, b := range boots {
		graceful, down := 1, int64(0)
		if b.crashed {
			graceful = 0
		}
		if i+1 < len(boots) {
			down = boots[i+1].from - b.to
		}
		sql += fmt.Sprintf("insert into tuptime values ('boot-%d', %d, %d, %[3]d, 0, %d, %d, %d, '6.1');\n", i+1, b.from, b.to-b.from, b.to, graceful, down)
	}
	if out, err := exec.Command("sqlite3", db, sql).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// tuptime returns the numbers of the lines that it prints, by the text in front.
	tuptime := func(args ...string) map[string][]float64 {
		t.Helper()
		cmd := exec.Command("python3", append([]string{tool, "-n", "-s", "-c", "-e", "9", "-f", db}, args...)...)
		cmd.Env = append(os.Environ(), "TZ=UTC")
		text, err := cmd.Output()
		if err != nil {
			t.Fatalf("tuptime %v: %v\n%s", args, err, text)
		}
		in := csv.NewReader(bytes.NewReader(text))
		in.FieldsPerRecord = -1
		lines, err := in.ReadAll()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		told := map[string][]float64{}
		for _, line := range lines {
			for _, cell := range line[1:] {
				if n, err := strconv.ParseFloat(strings.TrimSuffix(cell, "%"), 64); err == nil {
					told[line[0]] = append(told[line[0]], n)
				}
			}
		}
		return told
	}
	until := fmt.Sprint(last)
	ours, theirs, short := toldOf(t, ask(t, "--json", "--until", "@"+until)), tuptime("--tuntil", until), tuptime("--tuntil", until, "-i")
	s := &ours.Summary
	equal(t, "boots", s.Boots, theirs["System startups"][0], 0)
	equal(t, "shutdowns", s.Shutdowns, theirs["System shutdowns"][0], 0)
	equal(t, "crashes", s.Crashes, theirs["System shutdowns"][1], 0)
	equal(t, "life", s.Up+s.Down+s.Unknown, theirs["System life"][0], 0)
	equal(t, "up", s.Up, theirs["System uptime"][1], 0)
	equal(t, "availability", 100*s.Share, theirs["System uptime"][0], 1e-6)
	equal(t, "longest uptime", s.LongestUp, theirs["Longest uptime"][0], 0)
	equal(t, "shortest uptime", ours.shortest("uptime"), short["Shortest uptime"][0], 0)
	equal(t, "average uptime", s.Up/s.Boots, theirs["Average uptime"][0], 0.5)
	equal(t, "down", s.Down, theirs["System downtime"][1], 0)
	equal(t, "longest downtime", s.LongestDown, theirs["Longest downtime"][0], 0)
	equal(t, "shortest downtime", ours.shortest("downtime"), short["Shortest downtime"][0], 0)
	equal(t, "average downtime", s.MTTR, theirs["Average downtime"][0], 0.5)

	random := rand.New(rand.NewPCG(14, 1))
	first := boots[0].from
	for range 5 {
		from, to := first+random.Int64N(last-first), first+random.Int64N(last-first)
		from, to = min(from, to), max(from, to)
		s := toldOf(t, ask(t, "--json", "--since", fmt.Sprint("@", from), "--until", fmt.Sprint("@", to))).Summary
		theirs := tuptime("--tsince", fmt.Sprint(from), "--tuntil", fmt.Sprint(to))
		what := fmt.Sprintf("from %d to %d: ", from, to)
		equal(t, what+"up", s.Up, theirs["System uptime"][1], 0)
		equal(t, what+"down", s.Down, theirs["System downtime"][1], 0)
	}
	// One Python asks for all times: to start one takes longer than to answer.
	python := []string{"-c", `import runpy, sys
tool, db, *times = sys.argv[1:]
for at in times:
	sys.argv = [tool, "-n", "-s", "-c", "-f", db, "--tat", at]
	try: runpy.run_path(tool, run_name="__main__")
	except SystemExit: pass`, tool, db}
	var times []int64
	for range 200 {
		times = append(times, first+random.Int64N(last-first))
		python = append(python, fmt.Sprint(times[len(times)-1]))
	}
	text, err := exec.Command("python3", python...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	states := regexp.MustCompile(`(?m)^"System status","([^"]*)"`).FindAllStringSubmatch(string(text), -1)
	if len(states) != len(times) {
		t.Fatalf("%d states of %d:\n%s", len(states), len(times), text)
	}
	compareStates(t, last, times, states, ask)
}

// compareStates compares the states at some times, and of ten of them what --at says with
// what stands in the spans.
func compareStates(t *testing.T, last int64, times []int64, theirs [][]string, ask func(*testing.T, ...string) []byte) {
	type span struct {
		State, Cause string
		Start, End   time.Time
	}
	names := map[span]string{{State: "up"}: "UP", {State: "down", Cause: "crash"}: "DOWN-BAD", {State: "down", Cause: "shutdown"}: "DOWN-OK"}
	name := func(s span) string { return names[span{State: s.State, Cause: s.Cause}] }
	var spans []span
	in := json.NewDecoder(bytes.NewReader(ask(t, "--format", "spans", "--until", fmt.Sprint("@", last))))
	for {
		var s span
		if err := in.Decode(&s); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		spans = append(spans, s)
	}
	seen := map[string]int{}
	for i, at := range times {
		now := time.Unix(at, 0)
		n := slices.IndexFunc(spans, func(s span) bool { return now.Before(s.End) })
		ours, want := name(spans[n]), theirs[i][1]
		seen[want]++
		// The second in which a boot begins or ends belongs to either.
		if ours != want && !now.Equal(spans[n].Start) {
			t.Errorf("at %d we say %s, they say %s", at, ours, want)
		}
		if i%20 == 0 {
			var told struct{ Machines []span }
			if err := json.Unmarshal(ask(t, "--json", "--at", fmt.Sprint("@", at)), &told); err != nil || name(told.Machines[0]) != ours {
				t.Errorf("at %d: %v, %+v, want %s", at, err, told, ours)
			}
		}
	}
	if seen["UP"] == 0 || seen["DOWN-BAD"] == 0 || seen["DOWN-OK"] == 0 {
		t.Errorf("states seen: %v", seen)
	}
}

// compareUprecords compares the length of each uptime and of the downtime before it.
func compareUprecords(t *testing.T, boots []pastBoot, told toldReport) {
	tool := uml.Unpacked(t, "uptimed", "/usr/bin/uprecords")
	if err := exec.Command("unshare", "--user", "--map-root-user", "-m", "true").Run(); err != nil {
		t.Skipf("needs user namespaces: %v", err)
	}
	dir := t.TempDir()
	var records strings.Builder
	for _, b := range boots {
		fmt.Fprintf(&records, "%d:%d:Linux 6.1\n", b.to-b.from, b.from)
	}
	if err := os.WriteFile(filepath.Join(dir, "records"), []byte(records.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	// It reads a path that is compiled in, and adds this machine's own boot at the top.
	cmd := exec.Command("unshare", "--user", "--map-root-user", "-m", "sh", "-ec", `
		mount -t tmpfs tmpfs /var/spool
		mkdir /var/spool/uptimed
		cp records /var/spool/uptimed/records
		cp records /var/spool/uptimed/records.old
		exec "$0" -a -d -b -m 1000 -w`, tool)
	libraries := filepath.Dir(uml.Unpacked(t, "uptimed", "/usr/lib/x86_64-linux-gnu/libuptimed.so.0"))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TZ=UTC", "LC_ALL=C", "LD_LIBRARY_PATH="+libraries)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	const length = `(\d+) days? *, (\d\d:\d\d:\d\d)`
	rows := regexp.MustCompile(`(?m)^ +\d+ +`+length+` \| +`+length+` `).FindAllStringSubmatch(string(text), -1)
	if len(rows) != len(boots) {
		t.Fatalf("%d boots, want %d:\n%s", len(rows), len(boots), text)
	}
	seconds := func(days, clock string) float64 {
		var d, h, m, s int
		fmt.Sscanf(days+" "+clock, "%d %d:%d:%d", &d, &h, &m, &s)
		return float64(((d*24+h)*60+m)*60 + s)
	}
	var down float64
	n := 0
	for _, p := range told.Periods {
		switch {
		case p.Kind == "uptime":
			equal(t, fmt.Sprintf("uptime %d", n+1), p.Seconds, seconds(rows[n][1], rows[n][2]), 0)
			equal(t, fmt.Sprintf("downtime before uptime %d", n+1), down, seconds(rows[n][3], rows[n][4]), 0)
			n++
		case !p.Start.IsZero():
			down = p.Seconds
		}
	}
	if n != len(boots) {
		t.Errorf("%d uptimes, want %d", n, len(boots))
	}
}

// compareDowntimes compares when each downtime began and ended, and whether it was a
// crash.
func compareDowntimes(t *testing.T, boots []pastBoot, told toldReport) {
	tool := uml.Unpacked(t, "downtimed", "/usr/bin/downtimes")
	// downtimedb.h: what happened, seven bytes of padding, and when, big-endian.
	const up, shutdown, crash = 1, 2, 3
	var db []byte
	event := func(what uint64, when int64) {
		db = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(db, what<<56), uint64(when))
	}
	for i, b := range boots[:len(boots)-1] {
		what := uint64(shutdown)
		if b.crashed {
			what = crash
		}
		event(what, b.to)
		event(up, boots[i+1].from)
	}
	path := filepath.Join(t.TempDir(), "downtimedb")
	if err := os.WriteFile(path, db, 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tool, "-d", path, "-u", "-s", "0", "-f", "%Y-%m-%dT%H:%M:%SZ").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var want strings.Builder
	for _, p := range told.Periods {
		if p.Kind == "downtime" && !p.Start.IsZero() {
			word := map[string]string{"crash": "crash", "shutdown": "down"}[p.Cause]
			fmt.Fprintf(&want, "%s %s %s %.0f\n", word, p.Start.Format(time.RFC3339), p.End.Format(time.RFC3339), p.Seconds)
		}
	}
	got := regexp.MustCompile(`(?m)^(\w+) +(\S+) -> up (\S+) = .*\((\d+) s\)$`).ReplaceAllString(string(text), "$1 $2 $3 $4")
	if got != want.String() {
		t.Errorf("they say\n%s\nwe say\n%s", got, &want)
	}
}
