//go:build linux

package main

import (
	"strings"
	"testing"
)

func TestReadingsTable(t *testing.T) {
	var b strings.Builder
	writeReadings(&b, []reading{
		{Flights: 1000, Command: "report", Run: 1, Wall: 3, User: 1, System: 0.5, Peak: 50e6, Disk: 2e6},
		{Flights: 2, Command: "report", Run: 1, Wall: 0.01, Peak: 20e6},
		{Flights: 1000, Command: "report", Run: 2, Wall: 1, User: 2, System: 0.5, Peak: 60e6, Disk: 2e6},
		{Flights: 1000, Command: "report", Run: 3, Wall: 2, User: 3, System: 0.5, Peak: 55e6, Disk: 2e6},
	})
	const want = `| flights | command | seconds | user | system | peak MB | on disk MB |
|---:|---|---:|---:|---:|---:|---:|
| 2 | report | 0.010 | 0.000 | 0.000 | 20.0 | 0.0 |
| 1,000 | report | 2.000 | 2.000 | 0.500 | 55.0 | 2.0 |

`
	if got := b.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestReport runs the bench with the recorder that it would measure.
func TestReport(t *testing.T) {
	t.Parallel()
	r, printed := bench(t, "report", "-flights", "20", "-runs", "1")
	if len(r.Readings) < len(readers) {
		t.Fatalf("%d readings, want %d of flightrec alone", len(r.Readings), len(readers))
	}
	for _, got := range r.Readings {
		if got.Flights != 20 || got.Wall <= 0 || got.Peak <= 0 || got.Disk <= 0 {
			t.Errorf("%+v", got)
		}
		if !strings.Contains(printed, "| "+got.Command+" |") {
			t.Errorf("%s is not in the table:\n%s", got.Command, printed)
		}
	}
	recorder, _ := built()
	for _, bad := range [][]string{{"report"}, {"report", "-recorder", recorder, "-flights", "0"}, {"report", "-recorder", recorder + "-absent"}} {
		if err := run(t.Context(), bad, new(strings.Builder), new(strings.Builder)); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}
