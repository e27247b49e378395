package render

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal/journaltest"
	"flightrec/reports"
	"flightrec/reports/reportstest"
)

// The boots of tests.
var (
	at, ref                = reportstest.At, reportstest.Ref
	flightID, fly, flySpan = journaltest.ID, reportstest.Fly, reportstest.FlySpan
	landed, aloft, adrift  = reportstest.Landed, reportstest.Aloft, reportstest.Adrift
	boot, since            = reportstest.Boot, reportstest.Since
)

// reportOf reports on boots, those of a machine one after the other.
func reportOf(boots []ground.Boot, opts reports.Options) *reports.Report {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	r := &reports.Report{Options: opts}
	var machines []*reports.Machine
	for len(boots) > 0 {
		n := 1
		for n < len(boots) && boots[n].Machine == boots[0].Machine {
			n++
		}
		flights := boots[n-1].Flights
		machines = append(machines, reports.NewMachine(flights[len(flights)-1].Takeoff.Host, boots[:n], &opts))
		boots = boots[n:]
	}
	r.Count, r.Machines = len(machines), slices.Values(machines)
	return r
}

// textOf returns the report as text, without the lines that close it: those have a
// test of their own.
func textOf(t *testing.T, boots []ground.Boot, opts reports.Options) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, reportOf(boots, opts), Look{}); err != nil {
		t.Fatal(err)
	}
	return closingLines.ReplaceAllString(b.String(), "")
}

var closingLines = regexp.MustCompile(`(?m)^\nup .*\n|^silent since .*\n|^~ marks.*\n`)

// wantText fails unless got is want, which begins with a line of its own for the
// sake of those who read the test.
func wantText(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// flightsOf returns the flights of boots.
func flightsOf(boots []ground.Boot) (flights []*ground.Flight) {
	for _, b := range boots {
		flights = append(flights, b.Flights...)
	}
	return flights
}
