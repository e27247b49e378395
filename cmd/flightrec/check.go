package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
	"flightrec/reports/render"

	"github.com/urfave/cli/v2"
)

// A pluginState is what a monitoring plugin finds; its value is the exit code.
type pluginState int

const (
	pluginOK pluginState = iota
	pluginWarning
	pluginCritical
	pluginUnknown
)

var pluginStates = [...]string{"OK", "WARNING", "CRITICAL", "UNKNOWN"}

// Error returns the state's name: a state other than OK ends the program as an error does
// whose text is on stdout already.
func (s pluginState) Error() string { return pluginStates[s] }

// worse returns the worse of two states. What is critical is so whatever else isn't known.
func (s pluginState) worse(t pluginState) pluginState {
	rank := [...]int{pluginOK: 0, pluginWarning: 1, pluginUnknown: 2, pluginCritical: 3}
	if rank[t] > rank[s] {
		return t
	}
	return s
}

// plugin returns what a plugin does: what goes wrong is UNKNOWN, and told on stdout.
func plugin(run cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error { return pluginError(c, action(run)(c)) }
}

// pluginMisused is misused for a plugin.
func pluginMisused(c *cli.Context, err error, sub bool) error {
	return pluginError(c, misused(c, err, sub))
}

// pluginError tells an error, unless it is nil or a state, as UNKNOWN.
func pluginError(c *cli.Context, err error) error {
	var state pluginState
	if err == nil || errors.As(err, &state) {
		return err
	}
	fmt.Fprintf(c.App.Writer, "FLIGHTREC UNKNOWN - %s\n", pluginText(err.Error()))
	return pluginUnknown
}

// pluginText returns text as a plugin may print it: a bar begins performance data.
func pluginText(text string) string { return strings.ReplaceAll(printable(text), "|", "/") }

const checkText = `It looks at the last 24 hours unless --since says otherwise, prints one line with
performance data, and ends with 0 for OK, 1 for WARNING, 2 for CRITICAL, and 3 for
UNKNOWN: whenever a limit can't be judged, as while this boot's time is not known, and
where part of the journal could not be read, unless it is CRITICAL already.

Limits are ranges of the Monitoring Plugins' guidelines: 10 alerts above 10 (with
--min-availability below), 10: below 10, ~:10 above 10, 10:20 outside, @10:20 inside.
Silence is in seconds or as in 10m. WARN or CRIT may be empty.`

// limits are the thresholds of a check.
type limits struct{ crashes, availability, silence thresholds }

// limitFlags reads the thresholds of a check's flags.
func limitFlags(c *cli.Context) (l limits, err error) {
	for _, f := range []struct {
		name    string
		to      *thresholds
		atLeast bool
		number  func(string) (float64, bool)
	}{
		{"max-crashes", &l.crashes, false, parseNumber},
		{"min-availability", &l.availability, true, parsePercent},
		{"max-silence", &l.silence, false, parseLength},
	} {
		if !c.IsSet(f.name) {
			continue
		}
		var ok bool
		if *f.to, ok = parseThresholds(c.String(f.name), f.atLeast, f.number); !ok {
			return l, usagef("--%s %q: not WARN[,CRIT], each a number or a range", f.name, c.String(f.name))
		}
	}
	return l, nil
}

// check is the command of that name: a plugin as the Monitoring Plugins' guidelines have
// it. It gives up when its time is over.
func check(c *cli.Context) error {
	l, err := limitFlags(c)
	if err != nil {
		return err
	}
	found := make(chan func() error, 1)
	go func() {
		line, state, err := findings(c, l)
		found <- func() error {
			if err != nil {
				return err
			}
			return cmp.Or(print(c.App.Writer, func(w io.Writer) error { _, err := io.WriteString(w, line); return err }), state.err())
		}
	}()
	select {
	case tell := <-found:
		return tell()
	case <-time.After(c.Duration("timeout")):
		return fmt.Errorf("the journal could not be read within %v", c.Duration("timeout"))
	}
}

// err returns s as the error that ends the program, nil for OK.
func (s pluginState) err() error {
	if s == pluginOK {
		return nil
	}
	return s
}

// findings reads and judges, and returns the line to print.
func findings(c *cli.Context, l limits) (string, pluginState, error) {
	from := startingFrom(c)
	var opts reports.Options
	if err := selected(c, from, &opts.Selection); err != nil {
		return "", 0, err
	}
	w := &warnings{stderr: io.Discard}
	read, err := readFlights(c, w)
	if err != nil {
		return "", 0, err
	}
	from.settle(c, read.now)
	if err := selected(c, from, &opts.Selection); err != nil {
		return "", 0, err
	}
	opts.Run = from.run()
	if opts.Since == nil {
		day := opts.Now.Add(-24 * time.Hour)
		opts.Since = &day
	}
	line, state := l.judge(read.report(opts), w.texts)
	if err := read.close(w, nil); err != nil && err != errPartial {
		return "", 0, err
	}
	return line, state, nil
}

// judge returns what a plugin prints of a report, and of what could not be read.
func (l *limits) judge(r *reports.Report, unread []string) (string, pluginState) {
	state := pluginOK
	var texts, data []string
	if r.Count == 0 {
		state, texts = pluginUnknown, []string{"no flights recorded"}
	}
	if len(unread) > 0 {
		state = state.worse(pluginUnknown)
		texts = append(texts, "part could not be read: "+unread[0])
	}
	alright := 0
	for m := range r.Machines {
		one := l.machine(m, r.Now)
		state = state.worse(one.state)
		label := ""
		if r.Count > 1 {
			label = render.MachineName(m) + " "
			if one.state == pluginOK {
				alright++
			} else {
				texts = append(texts, strings.TrimSpace(label)+": "+strings.Join(one.texts, ", "))
			}
		} else {
			texts = append(texts, strings.Join(one.texts, ", "))
		}
		for _, d := range one.data {
			data = append(data, pluginLabel(label+d.name)+"="+d.value)
		}
	}
	if alright > 0 {
		texts = append(texts, fmt.Sprintf("%d of %d machines are well", alright, r.Count))
	}
	line := "FLIGHTREC " + pluginStates[state] + " - " + pluginText(strings.Join(texts, "; "))
	if len(data) > 0 {
		line += " | " + strings.Join(data, " ")
	}
	return line + "\n", state
}

// pluginLabel returns the label of performance data, which may hold neither an equals
// sign nor a bar, and quotes it where it has a blank.
func pluginLabel(name string) string {
	name = strings.NewReplacer("=", "_", "|", "_", "'", "''").Replace(name)
	if strings.ContainsAny(name, " '") {
		return "'" + name + "'"
	}
	return name
}

// judgement is what a plugin finds of one machine.
type judgement struct {
	state pluginState
	texts []string
	data  []struct{ name, value string }
}

// say adds a text, with the state that it stands for where that isn't OK.
func (j *judgement) say(s pluginState, text string) {
	if s != pluginOK {
		text += " (" + strings.ToLower(pluginStates[s]) + ")"
	}
	j.state = j.state.worse(s)
	j.texts = append(j.texts, text)
}

// value judges a value by its thresholds, and adds it to the performance data as
// value;warn;crit;min;max. Where it isn't known, and asked for, that is UNKNOWN.
func (j *judgement) value(name, unit string, v float64, known bool, t thresholds, ends, text string) {
	state, shown := pluginOK, plainNumber(v)+unit
	switch {
	case !known:
		shown = "U"
		if t != (thresholds{}) {
			state = pluginUnknown
		}
	case t.critical.alerts(v):
		state = pluginCritical
	case t.warning.alerts(v):
		state = pluginWarning
	}
	j.data = append(j.data, struct{ name, value string }{name, strings.TrimRight(shown+";"+t.warning.String()+";"+t.critical.String()+";"+ends, ";")})
	j.say(state, text)
}

// machine judges one machine. Whether its clock was set decides whether anything else can
// be told: the time asked for is counted from now.
func (l *limits) machine(m *reports.Machine, now journal.Instant) judgement {
	var j judgement
	aloft := m.Latest.Flight.Ending == journal.EndingAloft
	silence := now.Sub(m.Latest.Sign)
	const late = time.Minute // what the clock of another machine may be off
	told := true
	switch {
	case aloft && m.Latest.Fix.Sync == clock.SyncUnsynced && m.Latest.Up.Estimated():
		told = false
		j.say(pluginUnknown, "this boot's time is not known yet, its clock was not set")
	case silence < -late:
		told = false
		j.say(pluginUnknown, "the clock at hand is behind the last sign of life")
	}
	silence = max(silence, 0)
	const recent = 5 * time.Minute // within it whoever is aloft is up
	text := "last sign of life " + render.LengthText(reports.Length(silence)) + " ago"
	switch {
	case !told:
		text = "no telling for how long it is silent"
	case !aloft:
		text = "nobody is recording, " + text
	case silence < recent:
		text = "up " + render.LengthText(m.Latest.For) + ", " + text
	}
	s := &m.Summary
	share, known := s.Availability()
	j.value("silence", "s", float64(silence.Milliseconds())/1e3, told, l.silence, "0", text)
	crashes := fmt.Sprintf("%d crashes", s.Crashes)
	if s.Crashes == 1 {
		crashes = "1 crash"
	}
	j.value("crashes", "", float64(s.Crashes), told, l.crashes, "0", crashes)
	available := "availability unknown"
	if known && told {
		available = render.PercentText(share) + " up"
	}
	j.value("availability", "%", 100*share, known && told, l.availability, "0;100", available)
	return j
}
