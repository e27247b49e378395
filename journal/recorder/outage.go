package recorder

import (
	"errors"
	"slices"
	"time"

	"flightrec/journal"
)

// outage is what a flight remembers while its store refuses heartbeats, as on a full
// disk. The flight goes on, and the store is tried again and again. The boot clock will
// prove that the machine was alive meanwhile, so only the first and last heartbeat of
// each leg are kept: nothing else tells what happened to the clock.
type outage struct {
	began time.Time      // zero if there is none
	pause time.Duration  // until the next try
	beats []journal.Beat // not written yet, the latest one included
	leg   uint64         // of the last heartbeat that was written
}

// maxUnwritten bounds the heartbeats that are kept: two for each of eight legs.
const maxUnwritten = 16

// maxPause is the longest time between two tries.
const maxPause = time.Minute

func (o *outage) on() bool { return !o.began.IsZero() }

// keep adds a heartbeat to the unwritten ones. It replaces the one before it if the
// first heartbeat of their leg is written or kept already.
func (o *outage) keep(b journal.Beat) {
	n := len(o.beats)
	if n > 0 && o.beats[n-1].Leg == b.Leg && (b.Leg == o.leg || n > 1 && o.beats[n-2].Leg == b.Leg) {
		o.beats[n-1] = b
		return
	}
	o.beats = append(o.beats, b)
	if len(o.beats) > maxUnwritten {
		o.beats = slices.Delete(o.beats, 0, 1)
	}
}

// written notes that all heartbeats are in the store, and returns the latest.
func (o *outage) written() journal.Beat {
	b := o.beats[len(o.beats)-1]
	o.leg, o.beats = b.Leg, o.beats[:0]
	return b
}

// heartbeat writes one. Where that begins, prolongs or ends an outage, the schedule
// starts over. The error is one that no waiting mends.
func (f *flight) heartbeat() error {
	err := f.append(f.beat(f.read()))
	switch {
	case errors.Is(err, journal.ErrLaneLost):
		return err
	case err != nil:
		f.backOff(err)
		f.alarm.Set(f.gap)
	case f.outage.on():
		f.recover()
		f.alarm.Set(f.gap)
	}
	f.tell(err)
	return nil
}

// backOff sets the time of the next try after a heartbeat was refused: soon at
// first, and at last each interval, or each minute if that is less.
func (f *flight) backOff(err error) {
	now := time.Now()
	if !f.outage.on() {
		f.outage.began, f.outage.pause = now, 0
		f.log.Error("heartbeats can't be written, the flight goes on", "why", err)
	}
	f.due = now.Sub(f.began)
	longest := min(max(pace(f.cfg.Interval, f.due), time.Second), maxPause)
	f.outage.pause = min(max(2*f.outage.pause, time.Second), longest)
	f.gap = f.outage.pause
}

// recover goes back to the schedule after a heartbeat was written.
func (f *flight) recover() {
	now := time.Now()
	f.log.Warn("heartbeats are written again", "after", now.Sub(f.outage.began).Round(time.Second))
	f.outage.began = time.Time{}
	f.due = now.Sub(f.began)
	f.gap = pace(f.cfg.Interval, f.due)
}
