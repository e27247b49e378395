package render

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/reports"
)

func TestJSON(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	boots := []ground.Boot{
		since("00:59:30", boot("a", fly(1, "01:00:00", "02:00:00"), landed(fly(2, "02:00:02.5", "03:00:00"), journal.ShutdownYes))),
		boot("b", adrift(fly(3, "04:00:00", "04:00:00.000000001"), ground.GroundingWall, "03:00:00", "")),
		boot("c", aloft(adrift(fly(4, "05:00:00", "06:00:00"), ground.GroundingBounded, "03:00:00", ""))),
	}
	boots[0].Flights[0].Takeoff.Kernel = "6.1"
	r := reportOf(boots, reports.Options{Run: reports.Run{Generated: at("07:00:01"), Now: at("07:00:00"), Zone: berlin, Warnings: []string{"half a line"}}})
	var b strings.Builder
	if err := JSON(&b, r, Look{}); err != nil {
		t.Fatal(err)
	}
	wantText(t, b.String(), `
{"schema":"flightrec.report/1","generated":"2020-06-17T07:00:01.000000000Z","now":"2020-06-17T07:00:00.000000000Z","zone":"Europe/Berlin","machines":[
{"host":"pi","machine":"m","periods":[
{"kind":"downtime","n":1,"start":null,"end":"2020-06-17T00:59:30.000000000Z","duration_seconds":null,"cause":"unknown","reason":null,"certainty":null,"estimated":false,"earliest":null,"latest":null},
{"kind":"uptime","n":1,"start":"2020-06-17T00:59:30.000000000Z","end":"2020-06-17T03:00:00.000000000Z","duration_seconds":7230,"boot":"a","kernel":"6.1","aloft":false,"estimated":false,"earliest":null,"latest":null,"flights":[{"n":1,"flight":"`+flightID(1).String()+`","start":"2020-06-17T01:00:00.000000000Z","end":"2020-06-17T02:00:00.000000000Z","duration_seconds":3600,"grounding":"ntp","estimated":false,"error_seconds":0.001,"ending":"lost","lane":"lane-0","continues":null},{"n":2,"flight":"`+flightID(2).String()+`","start":"2020-06-17T02:00:02.500000000Z","end":"2020-06-17T03:00:00.000000000Z","duration_seconds":3597.5,"grounding":"ntp","estimated":false,"error_seconds":0.001,"ending":"landed","lane":"lane-0","continues":null}],"gaps":[{"start":"2020-06-17T02:00:00.000000000Z","end":"2020-06-17T02:00:02.500000000Z","duration_seconds":2.5}],"pauses":[]},
{"kind":"downtime","n":2,"start":"2020-06-17T03:00:00.000000000Z","end":"2020-06-17T04:00:00.000000000Z","duration_seconds":3600,"cause":"shutdown","reason":null,"certainty":null,"estimated":true,"earliest":"2020-06-17T03:00:00.000000000Z","latest":null},
{"kind":"uptime","n":2,"start":"2020-06-17T04:00:00.000000000Z","end":"2020-06-17T04:00:00.000000001Z","duration_seconds":0.000000001,"boot":"b","kernel":"","aloft":false,"estimated":true,"earliest":"2020-06-17T03:00:00.000000000Z","latest":null,"flights":[{"n":3,"flight":"`+flightID(3).String()+`","start":"2020-06-17T04:00:00.000000000Z","end":"2020-06-17T04:00:00.000000001Z","duration_seconds":0.000000001,"grounding":"wall","estimated":true,"error_seconds":null,"ending":"lost","lane":"lane-0","continues":null}],"gaps":[],"pauses":[]},
{"kind":"downtime","n":3,"start":"2020-06-17T04:00:00.000000001Z","end":"2020-06-17T05:00:00.000000000Z","duration_seconds":3599.999999999,"cause":"crash","reason":null,"certainty":null,"estimated":true,"earliest":"2020-06-17T03:00:00.000000001Z","latest":null},
{"kind":"uptime","n":3,"start":"2020-06-17T05:00:00.000000000Z","end":"2020-06-17T06:00:00.000000000Z","duration_seconds":3600,"boot":"c","kernel":"","aloft":true,"estimated":true,"earliest":"2020-06-17T03:00:00.000000000Z","latest":null,"flights":[{"n":4,"flight":"`+flightID(4).String()+`","start":"2020-06-17T05:00:00.000000000Z","end":"2020-06-17T06:00:00.000000000Z","duration_seconds":3600,"grounding":"bounded","estimated":true,"error_seconds":null,"ending":"aloft","lane":"lane-0","continues":null}],"gaps":[],"pauses":[]}],"summary":{"up_seconds":10830.000000001,"down_seconds":0,"unknown_seconds":10799.999999999,"availability":1,"boots":3,"outages":2,"crashes":1,"shutdowns":1,"stopped":0,"mtbf_seconds":10830.000000001,"mttr_seconds":null,"longest_uptime_seconds":7230,"longest_downtime_seconds":null}}],"warnings":["half a line"]}
`)
	if !json.Valid([]byte(b.String())) {
		t.Error("not valid JSON")
	}
}

func TestJSONWithoutFlights(t *testing.T) {
	var b strings.Builder
	if err := JSON(&b, reportOf(nil, reports.Options{Run: reports.Run{Generated: at("07:00:01"), Now: at("07:00:00")}}), Look{}); err != nil {
		t.Fatal(err)
	}
	want := `{"schema":"flightrec.report/1","generated":"2020-06-17T07:00:01.000000000Z","now":"2020-06-17T07:00:00.000000000Z","zone":"UTC","machines":[],"warnings":[]}` + "\n"
	if b.String() != want {
		t.Errorf("got  %swant %s", b.String(), want)
	}
}

// Several machines, and one of which the time asked for has nothing; names that JSON
// must quote.
func TestJSONOfMachines(t *testing.T) {
	early, late := boot("a", fly(1, "01:00:00", "02:00:00")), boot("b", fly(2, "05:00:00", "06:00:00"))
	early.Machine, late.Machine = "m\"1", ""
	late.Flights[0].Takeoff.Host = "quote\" and \x1b"
	var b strings.Builder
	if err := JSON(&b, reportOf([]ground.Boot{early, late}, reports.Options{Selection: reports.Selection{Since: ref("05:30:00"), Until: ref("07:00:00")}}), Look{}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Machines []struct {
			Host, Machine string
			Periods       []struct{ Start, End string }
			Summary       map[string]any
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Machines) != 2 {
		t.Fatalf("%d machines: %s", len(got.Machines), &b)
	}
	pi, quote := got.Machines[0], got.Machines[1]
	if pi.Host != "pi" || pi.Machine != `m"1` || pi.Periods == nil || len(pi.Periods) != 0 {
		t.Errorf("first machine: %+v", pi)
	}
	if a, there := pi.Summary["availability"]; a != nil || !there || pi.Summary["unknown_seconds"] != 5400.0 {
		t.Errorf("first machine's summary: %v", pi.Summary)
	}
	if quote.Host != "quote\" and \x1b" || quote.Machine != "" || len(quote.Periods) != 1 {
		t.Errorf("second machine: %+v", quote)
	}
}
