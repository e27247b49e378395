package ground

import (
	"cmp"
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// A moment is a point of a boot clock.
type moment struct {
	at     time.Duration // since the boot, or since takeoff where that isn't known
	err    time.Duration // how far the boot clock may have gone wrong until then
	spread time.Duration // how far it may be wrong here, in a stretch whose course isn't known
}

// strayed returns how far the boot clock may have gone wrong between m and n.
func (m moment) strayed(n moment) time.Duration {
	if m.at == n.at {
		return 0
	}
	return add(apart(m.err, n.err), add(m.spread, n.spread))
}

// least returns the least true time that can have gone by from m to n. There is
// no greatest: a machine can stand still without its boot clock noticing.
func (m moment) least(n moment) time.Duration {
	return max(0, sub(sub(n.at, m.at), m.strayed(n)))
}

const (
	// drift bounds how far a boot clock strays while nobody disciplines it, in
	// parts per million: the kernel corrects no clock by more, so a machine that
	// strays further can't be synchronised at all.
	drift = 500
	// slewed is the part of a difference between the boot clock and the raw clock
	// that a drift file explains, in parts per million.
	slewed = 200
	// slewFloor is what a difference must exceed beyond that to be called a slew.
	slewFloor = 500 * time.Millisecond
	// nap is how far a sleep may be miscounted: real-time clocks tick in seconds.
	nap = time.Second
	// sleepFloor is what elapsed must grow beyond awake to be called a sleep.
	sleepFloor = 50 * time.Millisecond
)

// A driftSpan is a stretch of a boot clock that gained or lost time.
type driftSpan struct {
	from, to  time.Duration // on the boot clock as it was read
	gain, err time.Duration // what true time ran beyond it, and what may be wrong in addition
	spread    time.Duration // what may be wrong within the span, since its course isn't known
	sumGain   time.Duration // of the spans before this one
	sumErr    time.Duration
}

// clock returns what the boot clock showed at fix.
func (f *flightState) clock(fix journal.Fix) time.Duration {
	return add(max(0, f.Takeoff.SinceBoot), fix.Elapsed)
}

// findDriftSpans gathers what the raw clock and the sleeps tell of the boot clock.
func (b *bootState) findDriftSpans() {
	for _, f := range b.flights {
		var last *journal.Fix
		for i := range f.Legs {
			leg := &f.Legs[i]
			if last != nil {
				b.compare(f, *last, leg.First)
			}
			// Within a synchronised leg the wall clock is right, and the boot clock
			// kept its relation to it.
			if leg.First.Sync != clock.SyncSynced || leg.Last.Sync != clock.SyncSynced {
				b.compare(f, leg.First, leg.Last)
			}
			last = &leg.Last
		}
	}
	slices.SortStableFunc(b.drifts, func(v, w driftSpan) int {
		return cmp.Or(cmp.Compare(v.from, w.from), cmp.Compare(v.to, w.to))
	})
	b.mergeDriftSpans()
}

// compare adds the span between two consecutive fixes of f if the boot clock strayed there.
func (b *bootState) compare(f *flightState, p, q journal.Fix) {
	elapsed, awake := sub(q.Elapsed, p.Elapsed), sub(q.Awake, p.Awake)
	if elapsed <= 0 {
		return
	}
	w := driftSpan{from: f.clock(p), to: f.clock(q)}
	if sub(elapsed, awake) > sleepFloor {
		w.err = nap
	}
	if raw := sub(q.Raw, p.Raw); p.Raw >= 0 && q.Raw >= p.Raw {
		slew := sub(raw, awake)
		excess := sub(apart(slew, 0), ppm(elapsed, slewed))
		if len(b.flights) > 1 {
			w.spread = apart(slew, 0)
		}
		switch {
		case excess > slewFloor:
			w.gain = max(slew, -elapsed)
		case excess > 0:
			w.err = add(w.err, excess)
		}
	}
	if w.gain != 0 || w.err != 0 || w.spread != 0 {
		b.drifts = append(b.drifts, w)
	}
}

// mergeDriftSpans makes the spans disjoint and sums them up. Recorders that ran at the
// same time saw the same ones.
func (b *bootState) mergeDriftSpans() {
	kept := b.drifts[:0]
	for _, w := range b.drifts {
		if n := len(kept); n > 0 {
			last := &kept[n-1]
			if w.to <= last.to {
				last.spread = max(last.spread, add(w.err, w.spread))
				continue
			}
			if w.from < last.to {
				// How it was spread is not known.
				w.err = add(w.err, apart(w.gain, 0))
				w.gain = share(w.gain, sub(w.to, last.to), sub(w.to, w.from))
				w.from = last.to
			}
		}
		kept = append(kept, w)
	}
	var gain, slack time.Duration
	for i := range kept {
		kept[i].sumGain, kept[i].sumErr = gain, slack
		gain, slack = add(gain, kept[i].gain), add(slack, kept[i].err)
	}
	b.drifts = kept
}

// moment returns the moment at which the boot clock showed at.
func (b *bootState) moment(at time.Duration) moment {
	m := moment{at: at}
	i, _ := slices.BinarySearchFunc(b.drifts, at, func(w driftSpan, at time.Duration) int { return cmp.Compare(w.from, at) })
	if i > 0 {
		switch w := &b.drifts[i-1]; {
		case at >= w.to:
			//  w.from   w.to   at
			m.at = add(m.at, add(w.sumGain, w.gain))
			m.err = add(w.sumErr, w.err)
		default:
			//  w.from   at   w.to
			m.at = add(m.at, add(w.sumGain, share(w.gain, sub(at, w.from), sub(w.to, w.from))))
			m.err = w.sumErr
			m.spread = add(w.err, w.spread)
		}
	}
	m.err = add(m.err, ppm(m.at, drift))
	return m
}
