package render

import (
	"fmt"
	"time"

	"flightrec/journal/clock"
	"flightrec/reports"
)

// clockLogs writes clock logs.
func (t *text) clockLogs(logs []reports.ClockLog) {
	if len(logs) == 0 {
		t.WriteString("no flights recorded\n")
	}
	for i := range logs {
		d := &logs[i]
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
			t.oscillator(d.Oscillator)
		}
	}
}

// event writes the line of an event.
func (t *text) event(e reports.Event, estimated bool) {
	switch e.Kind {
	case reports.EventWrong:
		t.WriteString("\tWRONG: ")
		t.stretch(e.Span, estimated)
		fmt.Fprintf(t, " the clock was %s", ahead(e.By))
		if (e.By - e.ByEnd).Abs() > time.Second {
			fmt.Fprintf(t, ", and at last %s", ahead(e.ByEnd))
		}
	case reports.EventSuspend:
		t.WriteString("\tSUSPEND: ")
		t.stretch(e.Span, estimated)
		fmt.Fprintf(t, " the machine slept for %s", durationText(e.By))
	case reports.EventStall:
		t.WriteString("\tSTALL: ")
		t.stretch(e.Span, estimated)
		t.WriteString(" the recorder stood still")
	case reports.EventPause:
		t.WriteString("\tPAUSE: ")
		t.stretch(e.Span, estimated)
		t.WriteString(" the machine stood still")
	case reports.EventStep:
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
	case reports.EventSync, reports.EventGained, reports.EventLost:
		t.WriteString("\tSYNC: ")
		t.time(e.Start, estimated)
		t.syncState(e)
	}
	t.WriteString("\n")
}

// syncState says what the sync state was or became.
func (t *text) syncState(e reports.Event) {
	when := map[reports.EventKind]string{reports.EventSync: "at takeoff", reports.EventGained: "gained", reports.EventLost: "lost"}[e.Kind]
	state := map[clock.Sync]string{
		clock.SyncSynced: "synchronised", clock.SyncWeak: "set by somebody, without proof",
		clock.SyncUnsynced: "not synchronised", clock.SyncUnknown: "not known to be synchronised",
	}[e.Sync]
	fmt.Fprintf(t, " %s: %s", when, state)
	if e.Sync == clock.SyncSynced && e.MaxError > 0 {
		fmt.Fprintf(t, " to within %s s", reports.Length(e.MaxError).AppendSeconds(nil))
	}
	if e.Source != "" && e.Kind != reports.EventLost {
		fmt.Fprintf(t, " (%s)", Printable(string(e.Source)))
	}
}

// oscillator writes the line of the crystal's rate.
func (t *text) oscillator(c *reports.Oscillator) {
	ppm, direction := c.PPM, "fast"
	if ppm < 0 {
		ppm, direction = -ppm, "slow"
	}
	fmt.Fprintf(t, "\tCRYSTAL: %.1f ppm %s, which is %.2f s a day; measured over %s, to within %.1f ppm\n",
		ppm, direction, ppm*0.0864, wholeSeconds(reports.Length(c.Over)), c.Error)
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
	n := reports.Length(d)
	if d < 0 {
		n = -n
	}
	return string(appendDuration(nil, n))
}
