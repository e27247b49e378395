//go:build linux && amd64

package uml_test

import (
	"testing"
	"time"

	"flightrec/cmd/torture/uml"
	"flightrec/journal/clock"
	"flightrec/journal/clock/ntptest"
)

// within is how much later than what it reports on a reading may come: the
// offsets below change by what was done to the clock, give or take the time that
// the doing took.
const within = time.Minute

func TestStep(t *testing.T) {
	t.Parallel()
	chronyd := uml.Program(t, "chrony", "/usr/sbin/chronyd")
	m := uml.Boot(t, uml.Config{Files: map[string]string{"/etc/chrony.conf": chronyConf}})
	m.Serve(time.Now(), ntptest.Good())
	m.Start(chronyd, "-d", "-f", "/etc/chrony.conf")
	before := m.Await("chronyd", synced)
	m.Shell(endChronyd)
	if c := m.Clocks(); c.Sync != clock.SyncSynced {
		t.Errorf("the clock stays right when its daemon ends, for a while: %v", c)
	}
	m.Run("date", "-u", "-s", before.Wall.Add(-time.Hour).UTC().Format("2006-01-02 15:04:05"))
	c := m.Clocks()
	t.Log(c)
	if c.Sync != clock.SyncUnsynced || c.Timex.Status&bitUnsync == 0 || c.Timex.Maxerror != worst {
		t.Errorf("after a step: %v", c)
	}
	if step := c.Offset() - before.Offset(); (step + time.Hour).Abs() > within {
		t.Errorf("set back an hour, the offset changed by %v", step)
	}
}

func TestSuspend(t *testing.T) {
	t.Parallel()
	m := uml.Boot(t, uml.Config{})
	before := m.Clocks()
	m.Suspend()
	after := m.Clocks()
	t.Log(before, after)
	if grown := after.Slept() - before.Slept(); grown < 50*time.Millisecond {
		t.Errorf("suspended, the boot clock grew by %v beyond the awake clock", grown)
	}
	if step := after.Offset() - before.Offset(); step.Abs() > 200*time.Millisecond {
		t.Errorf("suspended, the wall clock was stepped by %v", step)
	}
}
