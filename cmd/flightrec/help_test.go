package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// said returns what the program prints when it is called so.
func said(t *testing.T, stdin []byte, args ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), append([]string{"flightrec"}, args...), bytes.NewReader(stdin), &stdout, &stderr)
	if stderr.Len() > 0 {
		t.Errorf("%v: stderr: %s", args, &stderr)
	}
	return stdout.String(), err
}

func TestHelp(t *testing.T) {
	for _, test := range []struct {
		args string
		want []string
	}{
		{"help", []string{"COMMANDS:", "record", "report", "dump", "TOPICS", "grounding", "--version"}},
		{"--help", []string{"COMMANDS:", "TOPICS", "grounding"}},
		{"-h", []string{"COMMANDS:", "TOPICS", "grounding"}},
		{"", []string{"COMMANDS:", "TOPICS", "grounding"}},
		{"h report", []string{"flightrec report", "--observed", "--clock"}},
		{"help record", []string{"flightrec record", "--interval"}},
		{"help dump", []string{"flightrec dump", "--from"}},
		{"help exit codes", []string{"could not be read"}},
		{"help times", []string{"yesterday", "days ago", "$TZ"}},
		{"help formats", []string{"json", "flightrec/1"}},
		{"help files", []string{"$FLIGHTREC_JOURNAL", "/var/lib/flightrec", "Backup"}},
		{"help help", []string{"flightrec help", "topic"}},
		{"report --help", []string{"flightrec report", "--observed"}},
		{"help grounding", []string{
			"~", "note", "UPTIME", "DOWNTIME", "FLIGHT", "GAP", "PAUSE", "CRASH LOOP",
			"crash", "shutdown", "stopped", "unknown", "aloft", "--observed", "--clock", "--all",
		}},
	} {
		text, err := said(t, nil, strings.Fields(test.args)...)
		if err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q: no %q in\n%s", test.args, want, text)
			}
		}
	}
}

func TestHelpErrors(t *testing.T) {
	for _, args := range []string{"help nonsense", "help report dump", "help --nonsense"} {
		text, err := said(t, nil, strings.Fields(args)...)
		var wrong usageError
		if !errors.As(err, &wrong) || text != "" {
			t.Errorf("%q: %v\n%s", args, err, text)
		}
	}
}

// Help fits into 80 columns, whatever it is of.
func TestHelpWidth(t *testing.T) {
	calls := [][]string{{"help"}, {"--help"}}
	for _, c := range newApp(nil, nil, nil).Commands {
		calls = append(calls, []string{"help", c.Name}, []string{c.Name, "--help"})
	}
	for _, call := range calls {
		text, err := said(t, nil, call...)
		if err != nil {
			t.Errorf("%v: %v", call, err)
		}
		for line := range strings.Lines(text) {
			if len(strings.TrimSuffix(line, "\n")) > 80 {
				t.Errorf("%v: %s", call, line)
			}
		}
	}
}

// A topic is text for a terminal of 80 columns.
func TestTopics(t *testing.T) {
	for _, topic := range topics {
		if !strings.HasSuffix(topic.text, "\n") {
			t.Errorf("topic %q", topic.name)
		}
		for line := range strings.Lines(topic.text) {
			if len(strings.TrimSuffix(line, "\n")) > 80 || strings.Contains(line, "\t") {
				t.Errorf("%s: %q", topic.name, line)
			}
		}
	}
}

// The flags of report reach the report.
func TestReportClock(t *testing.T) {
	story, err := txtar.ParseFile("../../testdata/flights/time-comes-late.txtar")
	if err != nil {
		t.Fatal(err)
	}
	sections := make(map[string]string)
	for _, f := range story.Files {
		sections[f.Name] = string(f.Data)
	}
	for _, flags := range []string{"", " --clock"} {
		args := strings.Fields("report --utc --from -" + flags)
		text, err := said(t, []byte(sections["dump"]), args...)
		if want := sections["report"+flags]; err != nil || text != want {
			t.Errorf("%v: %v\n%s\nwant\n%s", args, err, text, want)
		}
	}
}

// The forms that the topic times shows are read, and none by accident.
func TestTimesTopic(t *testing.T) {
	from := noon(t)
	for line := range strings.Lines(timesTopic) {
		form, _, _ := strings.Cut(strings.TrimSpace(line), "   ")
		if !strings.HasPrefix(line, "  ") || strings.HasPrefix(line, "   ") {
			continue
		}
		for _, s := range strings.Split(form, ", ") {
			if _, err := parseTime(s, from); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
	}
}
