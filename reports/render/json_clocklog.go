package render

import (
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/reports"
)

type (
	clockLogObject struct {
		Boot      string            `json:"boot"`
		Start     journal.Instant   `json:"start"`
		End       journal.Instant   `json:"end"`
		Estimated bool              `json:"estimated"`
		Events    []eventObject     `json:"events"`
		Crystal   *oscillatorObject `json:"crystal"`
	}
	eventObject struct {
		Kind     string           `json:"kind"`
		Start    journal.Instant  `json:"start"`
		End      journal.Instant  `json:"end"`
		Old      *journal.Instant `json:"old,omitempty"`
		New      *journal.Instant `json:"new,omitempty"`
		By       *seconds         `json:"by_seconds,omitempty"`
		ByEnd    *seconds         `json:"by_end_seconds,omitempty"`
		Sync     *clock.Sync      `json:"sync,omitempty"`
		Source   clock.Source     `json:"source,omitempty"`
		MaxError *seconds         `json:"max_error_seconds,omitempty"`
	}
	oscillatorObject struct {
		PPM   float64        `json:"ppm"`
		Error float64        `json:"error_ppm"`
		Over  reports.Length `json:"over_seconds"`
	}
)

// seconds is a duration that is written as seconds, exactly.
type seconds time.Duration

// MarshalJSON writes s as seconds.
func (s seconds) MarshalJSON() ([]byte, error) {
	if s < 0 {
		return (-reports.Length(s)).AppendSeconds([]byte{'-'}), nil
	}
	return reports.Length(s).AppendSeconds(nil), nil
}

// newClockLogObject returns d as JSON has it.
func newClockLogObject(d *reports.ClockLog) clockLogObject {
	o := clockLogObject{Boot: d.Boot, Start: d.Start, End: d.End, Estimated: d.Estimated, Events: make([]eventObject, len(d.Events))}
	for i := range d.Events {
		o.Events[i] = newEventObject(&d.Events[i])
	}
	if c := d.Oscillator; c != nil {
		o.Crystal = &oscillatorObject{c.PPM, c.Error, reports.Length(c.Over)}
	}
	return o
}

// newEventObject returns e as JSON has it: with the fields that its kind has.
func newEventObject(e *reports.Event) eventObject {
	o := eventObject{Kind: e.Kind.String(), Start: e.Start, End: e.End}
	switch e.Kind {
	case reports.EventStep:
		o.Old, o.New = &e.Old, &e.New
		o.By = (*seconds)(&e.By)
	case reports.EventWrong:
		o.By, o.ByEnd = (*seconds)(&e.By), (*seconds)(&e.ByEnd)
	case reports.EventSuspend:
		o.By = (*seconds)(&e.By)
	case reports.EventSync, reports.EventGained, reports.EventLost:
		o.Sync, o.Source = &e.Sync, e.Source
		if e.MaxError != clock.Unknown {
			o.MaxError = (*seconds)(&e.MaxError)
		}
	}
	return o
}
