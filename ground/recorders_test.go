package ground

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// A shift is a recorder that runs in a boot from on until before off.
type shift struct {
	life    *life
	boot    string
	on, off journal.Instant
}

// record lets recorders write l down: one after the other, or at the same time.
func (w *world) record(l *life, boot string) {
	var shifts []shift
	length := int64(l.now.Sub(l.phases[0].at))
	for range rapid.IntRange(1, 3).Draw(l.t, "recorders") {
		from := rapid.Int64Range(0, length-1).Draw(l.t, "on")
		to := length
		if rapid.Bool().Draw(l.t, "ends early") {
			to = rapid.Int64Range(from, length).Draw(l.t, "off")
		}
		start := l.phases[0].at
		shifts = append(shifts, shift{l, boot, start.Add(time.Duration(from)), start.Add(time.Duration(to))})
	}
	slices.SortFunc(shifts, func(a, b shift) int { return cmp.Compare(a.on, b.on) })
	first := len(w.flights)
	for _, s := range shifts {
		if p, t := l.readable(s.on); p != nil {
			w.fly(l, boot, t, s.off)
			s.on = t
			w.shifts = append(w.shifts, s)
		}
	}
	w.unseen(l, w.beaten[first:])
}

// fly adds one flight, with heartbeats from takeoff until before off, folded into
// legs.
func (w *world) fly(l *life, boot string, takeoff, off journal.Instant) {
	f := journal.Flight{ID: id(len(w.flights)), Lane: w.lane(takeoff)}
	f.Takeoff.Machine = "machine"
	f.Takeoff.SinceBoot = clock.Unknown
	p, _ := l.readable(takeoff)
	zero := p.clocksAt(takeoff)
	if w.named {
		f.Takeoff.Boot = boot
	}
	if w.since {
		f.Takeoff.SinceBoot = zero.boot
	}
	last := takeoff
	var beaten []journal.Instant
	beat := func(t journal.Instant, c clocks) {
		fix := journal.Fix{
			Elapsed: c.boot - zero.boot, Awake: c.awake - zero.awake, Raw: c.raw - zero.raw,
			Wall: noon.Add(c.boot + c.offset), Sync: c.sync, MaxError: c.maxError,
		}
		last = t
		beaten = append(beaten, t)
		if n := len(f.Legs); n > 0 && sameLeg(f.Legs[n-1], fix) {
			f.Legs[n-1].Last = fix
			f.Legs[n-1].Beats++
			return
		}
		f.Legs = append(f.Legs, journal.Leg{Beats: 1, First: fix, Last: fix})
	}
	w.beats(l, takeoff, off, beat)
	w.flights = append(w.flights, f)
	w.truth = append(w.truth, Span{takeoff, last})
	w.beaten = append(w.beaten, beaten)
	n := slices.Index(w.lanes, always)
	w.lanes[n] = last
}

// beats calls beat at takeoff, 1, 2, 4 and 8 s after it, and then each 10 s. Of
// the many in one phase only the first hundred and the last one count: those
// between would vanish in the fold.
func (w *world) beats(l *life, takeoff, off journal.Instant, beat func(journal.Instant, clocks)) {
	due, n := takeoff, 0
	for i := range l.phases {
		p := &l.phases[i]
		end := l.now
		if i+1 < len(l.phases) {
			end = l.phases[i+1].at
		}
		end = min(end, max(off, takeoff.Add(1)))
		if p.asleep {
			continue
		}
		for in := 0; due < end; in++ {
			at := max(due, p.at)
			beat(at, p.clocksAt(at))
			next := 10 * time.Second
			if n < 4 {
				next = time.Second << max(0, n-1)
			}
			n++
			due = at.Add(next)
			if left := end.Sub(due); in > 10 && left > 20*time.Second {
				due = due.Add(left.Truncate(10*time.Second) - 10*time.Second)
			}
		}
	}
}

// sameLeg reports whether fix goes on with leg.
func sameLeg(leg journal.Leg, fix journal.Fix) bool {
	step := fix.Wall.Sub(leg.First.Wall) - (fix.Elapsed - leg.First.Elapsed)
	slept := (fix.Elapsed - leg.Last.Elapsed) - (fix.Awake - leg.Last.Awake)
	return fix.Sync == leg.First.Sync && max(step, -step) <= 100*time.Millisecond && slept <= 50*time.Millisecond
}

// lane takes the first lane that is free at takeoff, and marks it with always.
func (w *world) lane(takeoff journal.Instant) string {
	for i, free := range w.lanes {
		if free < takeoff {
			w.lanes[i] = always
			return fmt.Sprintf("lane-%d", i)
		}
	}
	w.lanes = append(w.lanes, always)
	return fmt.Sprintf("lane-%d", len(w.lanes)-1)
}

// unseen notes whether what happened to l's boot clock left no trace in what the
// recorders of that boot wrote.
func (w *world) unseen(l *life, flights [][]journal.Instant) {
	for _, f := range l.freezes {
		w.vague = w.vague || !f.told(flights)
		for i := range flights {
			w.lone = w.lone || !f.told(flights[i:i+1])
		}
	}
	for _, s := range l.slews {
		w.vague = w.vague || !watched(s, flights, w.since)
		for i := range flights {
			w.lone = w.lone || !watched(s, flights[i:i+1], w.since)
		}
	}
}

// watched reports whether one flight saw all of s, or none can be misled by it;
// since tells that what was before takeoff matters too.
func watched(s Span, flights [][]journal.Instant, since bool) bool {
	before, after := since, false
	for _, beats := range flights {
		first, last := beats[0], beats[len(beats)-1]
		if first <= s.Start && last >= s.End {
			return true
		}
		before = before || first < s.End
		after = after || last > s.Start
	}
	return !before || !after
}
