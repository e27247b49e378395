package render

import (
	"strings"
	"testing"
	"time"

	"flightrec/ground"
	"flightrec/journal"
)

func TestDump(t *testing.T) {
	boots := []ground.Boot{
		boot("a", fly(1, "01:00:00", "02:00:00"), fly(3, "02:00:02.5", "03:00:00")),
		boot("b", adrift(fly(2, "01:30:00", "01:40:00"), ground.GroundingBounded, "01:00:00", "")),
		boot("c", adrift(fly(4, "05:00:00", "06:00:00"), ground.GroundingWall, "", "07:00:00")),
	}
	boots[0].Flights[1].Grounding = ground.GroundingBoot
	boots[0].Flights[1].Error = 1500 * time.Millisecond
	var b strings.Builder
	if err := Dump(&b, []*ground.Flight{boots[0].Flights[0], boots[1].Flights[0], boots[0].Flights[1], boots[2].Flights[0]}); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.String(), "\n")
	want := []string{
		`,"grounding":"ntp","start":"2020-06-17T01:00:00.000000000Z","end":"2020-06-17T02:00:00.000000000Z","duration_seconds":3600,"error_seconds":0.001,"earliest":null,"latest":null}`,
		`,"grounding":"bounded","start":null,"end":null,"duration_seconds":600,"error_seconds":null,"earliest":"2020-06-17T01:00:00.000000000Z","latest":null}`,
		`,"grounding":"boot","start":"2020-06-17T02:00:02.500000000Z","end":"2020-06-17T03:00:00.000000000Z","duration_seconds":3597.5,"error_seconds":1.5,"earliest":null,"latest":null}`,
		`,"grounding":"wall","start":"2020-06-17T05:00:00.000000000Z","end":"2020-06-17T06:00:00.000000000Z","duration_seconds":3600,"error_seconds":null,"earliest":null,"latest":"2020-06-17T07:00:00.000000000Z"}`,
	}
	if len(lines) != len(want)+1 || lines[len(want)] != "" {
		t.Fatalf("%d lines: %q", len(lines)-1, lines)
	}
	flights := []*ground.Flight{boots[0].Flights[0], boots[1].Flights[0], boots[0].Flights[1], boots[2].Flights[0]}
	for i, f := range flights {
		recorded := string(journal.AppendFlight(nil, f.Flight))
		if got := lines[i]; got != strings.TrimSuffix(recorded, "}")+want[i]+"\n" {
			t.Errorf("line %d: got  %swant %s%s", i, got, recorded, want[i])
		}
		read, err := journal.ParseFlight([]byte(lines[i]))
		if err != nil {
			t.Errorf("line %d: reading it again: %v", i, err)
		} else if again := string(journal.AppendFlight(nil, &read)); again != recorded {
			t.Errorf("line %d: read again it is %s", i, again)
		}
	}
}
