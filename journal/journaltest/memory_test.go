package journaltest_test

import (
	"testing"

	"flightrec/journal"
	"flightrec/journal/journaltest"
)

// TestMemory holds the journal in memory to what the store is held to.
func TestMemory(t *testing.T) {
	m := journaltest.NewMemory(0)
	m.ID = "b2a1c7de-0000-4000-8000-000000000000"
	journaltest.TestRecording(t,
		func() (journaltest.Recording, error) { return m.Open(), nil },
		func() ([]journal.Flight, error) { return m.Flights(), nil })
}
