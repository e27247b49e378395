package reports

import (
	"flag"
	"fmt"
	"testing"

	"flightrec/ground"
	"flightrec/reports/reportstest"
)

// The boots of tests.
var (
	at, ref               = reportstest.At, reportstest.Ref
	fly, flySpan          = reportstest.Fly, reportstest.FlySpan
	landed, aloft, adrift = reportstest.Landed, reportstest.Aloft, reportstest.Adrift
	boot, since           = reportstest.Boot, reportstest.Since
)

// checks sets how many tries the rapid checks of t make.
func checks(t *testing.T, n int) {
	tries := flag.Lookup("rapid.checks")
	if tries.Value.String() != tries.DefValue {
		return // the user wants another number
	}
	if testing.Short() {
		n /= 100
	}
	if err := tries.Value.Set(fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tries.Value.Set(tries.DefValue) })
}

// machineOf reports on the boots of one machine.
func machineOf(boots []ground.Boot, opts Options) *Machine { return NewMachine("pi", boots, &opts) }
