package store

import (
	"path/filepath"
	"testing"
	"time"

	"flightrec/journal/journaltest"
)

// A stamp changes with each heartbeat and with the recorder's end, and with nothing else.
func TestStamp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	if _, err := Stamp(dir); err == nil {
		t.Error("what isn't there has a stamp")
	}
	j := mustOpen(t, dir)
	stamp := func() string {
		t.Helper()
		s, err := Stamp(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	id := journaltest.Fly(t, j, time.Now(), 1, false)
	last := stamp()
	for n := range 3 {
		if err := j.Append(id, journaltest.Beat(time.Duration(n+1)*time.Second)); err != nil {
			t.Fatal(err)
		}
		if now := stamp(); now == last {
			t.Error("a heartbeat leaves the stamp as it is")
		}
		last = stamp()
		mustRead(t, dir)
		if stamp() != last {
			t.Error("reading changes the stamp")
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if stamp() == last {
		t.Error("the recorder's end leaves the stamp as it is")
	}
}
