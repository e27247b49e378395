package reports_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"flightrec/journal"
	"flightrec/reports"
)

// A machine's time line: what is up, down and unknown touches, and adds up.
func ExampleNew() {
	file, err := os.Open("../testdata/example.jsonl")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var flights []journal.Flight
	keep := func(f journal.Flight) { flights = append(flights, f) }
	if err := journal.ReadDump(context.Background(), "example.jsonl", file, keep, func(error) {}); err != nil {
		log.Fatal(err)
	}
	for machine := range reports.New(flights, reports.Options{}).Machines {
		for _, span := range machine.Line {
			fmt.Println(machine.Host, span.End.Time().UTC().Format(time.DateTime), span.State)
		}
	}
	// Output:
	// pi 2026-06-01 10:31:20 up
	// pi 2026-06-01 11:11:25 unknown
	// pi 2026-06-01 11:19:55 up
	// pi 2026-06-01 12:00:00 unknown
	// pi 2026-06-01 17:59:59 up
	// pi 2026-06-02 07:58:40 down
	// pi 2026-06-02 08:58:47 up
}
