package journal_test

import (
	"context"
	"fmt"
	"os"

	"flightrec/journal"
)

// What flightrec dump --json has written.
func ExampleReadDump() {
	file, err := os.Open("../testdata/example.jsonl")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	each := func(f journal.Flight) { fmt.Println(f.Takeoff.Host, f.Beats(), f.Ending) }
	warn := func(err error) { fmt.Println("not used:", err) }
	if err := journal.ReadDump(context.Background(), "example.jsonl", file, each, warn); err != nil {
		fmt.Println(err)
	}
	// Output:
	// pi 346 lost
	// pi 55 lost
	// pi 800 landed
	// pi 165 aloft
}
