package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/clock/sntp"

	"github.com/urfave/cli/v2"
)

// tellClock is the command clock: the first thing to ask of somebody whose report
// shows a wrong time.
func tellClock(c *cli.Context) error {
	hosts, err := ntpHosts(c)
	if err != nil {
		return err
	}
	var answers []sntp.Answer
	if len(hosts) > 0 {
		p := sntp.Prober{Hosts: hosts}
		answers = p.Ask(c.Context)
	}
	reading, facts := clock.Describe()
	facts = append(facts, clock.Fact{Name: "flightrec", Value: versionText()})
	write := writeClock
	if c.Bool("json") {
		write = writeClockJSON
	}
	return print(c.App.Writer, func(w io.Writer) error { return write(w, reading, facts, answers) })
}

// writeClock writes a table of what the system and the servers tell, and below it
// what that means.
func writeClock(w io.Writer, r clock.Reading, facts []clock.Fact, answers []sntp.Answer) error {
	var table bytes.Buffer
	tab := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, f := range facts {
		fmt.Fprintf(tab, "%s\t%s\t%s\n", f.Name, value(f.Value), f.Note)
	}
	for _, a := range answers {
		if a.Err != nil {
			fmt.Fprintf(tab, "time server %s\t-\t%v\n", a.Host, a.Err)
			continue
		}
		told, maxError := a.At(r)
		fmt.Fprintf(tab, "time server %s\t%s\t± %v\n", a.Host, value(told), maxError)
	}
	tab.Flush()
	for line := range strings.Lines(table.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s\n", strings.Join(meaning(r, answers), "\n"))
	return err
}

// value returns a fact's value as people read it.
func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// meaning says in plain words what flightrec makes of a reading and of what time
// servers answered.
func meaning(r clock.Reading, answers []sntp.Answer) []string {
	var lines []string
	switch r.Sync {
	case clock.SyncSynced:
		lines = append(lines, fmt.Sprintf("The wall clock is synchronised, to within %v (%s): a heartbeat taken now anchors its flight.", r.MaxError, r.Source))
	case clock.SyncWeak:
		lines = append(lines, fmt.Sprintf("Somebody disciplines the wall clock, but nothing proves it right (%s): a heartbeat taken now is a weak anchor.", r.Source))
	case clock.SyncUnsynced:
		lines = append(lines, fmt.Sprintf("The wall clock is not synchronised (%s): nobody has set it right since the boot, or since it was last stepped.", r.Source))
	default:
		lines = append(lines, fmt.Sprintf("Nothing tells whether the wall clock is right: %s.", r.Reason))
	}
	served := false
	for _, a := range answers {
		if a.Err != nil {
			continue
		}
		line, believed := judge(r, a)
		lines = append(lines, line)
		served = served || believed
	}
	if r.Sync != clock.SyncSynced && !served {
		lines = append(lines, "To have it known, run a time daemon, or record with --ntp HOST.")
	}
	return lines
}

// judge says what a recorder with --ntp makes of a valid answer, and whether it
// believes it.
func judge(r clock.Reading, a sntp.Answer) (line string, believed bool) {
	told, maxError := a.At(r)
	off := told.Sub(r.Wall).Round(time.Millisecond)
	where := fmt.Sprintf("%v behind", off)
	if off < 0 {
		where = fmt.Sprintf("%v ahead", -off)
	}
	line = fmt.Sprintf("By %s the wall clock is %s. ", a.Host, where)
	switch {
	case r.Sync != clock.SyncSynced:
		return line + fmt.Sprintf("With --ntp %s a heartbeat taken now anchors its flight, to within %v.", a.Host, maxError), true
	case a.Contradicts(r):
		return line + "That contradicts the synchronised wall clock, so a recorder doesn't believe this server.", false
	}
	return line + "That agrees with the synchronised wall clock, which a recorder goes by.", true
}

// writeClockJSON writes the same as one object.
func writeClockJSON(w io.Writer, r clock.Reading, facts []clock.Fact, answers []sntp.Answer) error {
	type server struct {
		Host     string           `json:"host"`
		Wall     *journal.Instant `json:"wall"`
		Offset   *time.Duration   `json:"offset_ns"`
		MaxError *time.Duration   `json:"max_error_ns"`
		Error    string           `json:"error"`
	}
	type verdict struct {
		Sync     clock.Sync     `json:"sync"`
		MaxError *time.Duration `json:"max_error_ns"`
		Source   clock.Source   `json:"source"`
		Reason   string         `json:"reason"`
		Meaning  []string       `json:"meaning"`
	}
	told := struct {
		Schema  string         `json:"schema"`
		Facts   map[string]any `json:"facts"`
		Servers []server       `json:"servers"`
		Verdict verdict        `json:"verdict"`
	}{
		Schema:  "flightrec.clock/1",
		Facts:   make(map[string]any),
		Servers: []server{},
		Verdict: verdict{r.Sync, nil, r.Source, r.Reason, meaning(r, answers)},
	}
	if r.MaxError != clock.Unknown {
		told.Verdict.MaxError = &r.MaxError
	}
	for _, f := range facts {
		if t, ok := f.Value.(time.Time); ok {
			f.Value = journal.InstantOf(t)
		}
		told.Facts[key(f)] = f.Value
	}
	for _, a := range answers {
		s := server{Host: a.Host}
		if a.Err != nil {
			s.Error = a.Err.Error()
		} else {
			told, maxError := a.At(r)
			wall, off := journal.InstantOf(told), told.Sub(r.Wall)
			s.Wall, s.Offset, s.MaxError = &wall, &off, &maxError
		}
		told.Servers = append(told.Servers, s)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(told)
}

// key returns a fact's name as a key, with the unit of a duration.
func key(f clock.Fact) string {
	k := strings.ReplaceAll(f.Name, " ", "_")
	if _, ok := f.Value.(time.Duration); ok {
		k += "_ns"
	}
	return k
}
