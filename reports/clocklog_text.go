package reports

import (
	"fmt"
	"time"

	"flightrec/journal/clock"
)

// clockLogs writes the clock logs of a machine in the place of its periods.
func (t *text) clockLogs(m *Machine) {
	if len(m.Clock) == 0 {
		t.WriteString("no flights recorded\n")
	}
	for i := range m.Clock {
		d := &m.Clock[i]
		if i > 0 {
			t.WriteString("\n")
		}
		fmt.Fprintf(t, "BOOT #%d: ", i+1)
		t.stretch(d.Span, d.Estimated)
		t.WriteString("\n")
		for _, e := range d.Events {
			t.event(e, d.Estimated)
		}
		if d.Estimated {
			t.WriteString("\tnothing tells how wrong the clock was\n")
			t.estimates = true
		}
		if d.Oscillator != nil {
			t.crystal(d.Oscillator)
		}
	}
}

// event writes the line of an event.
func (t *text) event(e Event, estimated bool) {
	switch e.Kind {
	case EventWrong:
		t.WriteString("\tWRONG: ")
		t.stretch(e.Span, estimated)
		fmt.Fprintf(t, " the clock was %s", ahead(e.By))
		if (e.By - e.ByEnd).Abs() > time.Second {
			fmt.Fprintf(t, ", and at last %s", ahead(e.ByEnd))
		}
	case EventSuspend:
		t.WriteString("\tSUSPEND: ")
		t.stretch(e.Span, estimated)
		fmt.Fprintf(t, " the machine slept for %s", durationText(e.By))
	case EventStall:
		t.WriteString("\tSTALL: ")
		t.stretch(e.Span, estimated)
		t.WriteString(" the recorder stood still")
	case EventPause:
		t.WriteString("\tPAUSE: ")
		t.stretch(e.Span, estimated)
		t.WriteString(" the machine stood still")
	case EventStep:
		t.WriteString("\tSTEP: ")
		t.time(e.Start, estimated)
		t.WriteString(" the clock was set from ")
		t.time(e.Old, false)
		t.WriteString(" to ")
		t.time(e.New, false)
		direction := "forward"
		if e.By < 0 {
			direction = "back"
		}
		fmt.Fprintf(t, ", %s by %s", direction, durationText(e.By))
	case EventSync, EventGained, EventLost:
		t.WriteString("\tSYNC: ")
		t.time(e.Start, estimated)
		t.syncState(e)
	}
	t.WriteString("\n")
}

// syncState says what the sync state was or became.
func (t *text) syncState(e Event) {
	when := map[EventKind]string{EventSync: "at takeoff", EventGained: "gained", EventLost: "lost"}[e.Kind]
	state := map[clock.Sync]string{
		clock.SyncSynced: "synchronised", clock.SyncWeak: "set by somebody, without proof",
		clock.SyncUnsynced: "not synchronised", clock.SyncUnknown: "not known to be synchronised",
	}[e.Sync]
	fmt.Fprintf(t, " %s: %s", when, state)
	if e.Sync == clock.SyncSynced && e.MaxError > 0 {
		fmt.Fprintf(t, " to within %s s", appendSeconds(nil, Length(e.MaxError)))
	}
	if e.Source != "" && e.Kind != EventLost {
		fmt.Fprintf(t, " (%s)", Printable(string(e.Source)))
	}
}

// crystal writes the line of the crystal's rate.
func (t *text) crystal(c *Oscillator) {
	ppm, direction := c.PPM, "fast"
	if ppm < 0 {
		ppm, direction = -ppm, "slow"
	}
	fmt.Fprintf(t, "\tCRYSTAL: %.1f ppm %s, which is %.2f s a day; measured over %s, to within %.1f ppm\n",
		ppm, direction, ppm*0.0864, wholeSeconds(Length(c.Over)), c.Error)
}

// ahead says how far a clock was ahead of the true time, or behind it.
func ahead(by time.Duration) string {
	if by < 0 {
		return "behind by " + durationText(by)
	}
	return "ahead by " + durationText(by)
}

// durationText returns d as durations are written, without its sign.
func durationText(d time.Duration) string {
	n := Length(d)
	if d < 0 {
		n = -n
	}
	return string(appendDuration(nil, n))
}
