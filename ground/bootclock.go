package ground

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// A moment is a point of a boot clock.
type moment struct {
	at     time.Duration // since the boot, or since takeoff where that isn't known
	err    time.Duration // how far the boot clock may have gone wrong until then
	spread time.Duration // how far it may be wrong here, in a stretch whose course isn't known
	floor  time.Duration // the least true time since the boot, if no sleep was as long as it was counted
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

// slept reports whether between m and n the machine slept, so that true time may have
// passed slower than the boot clock did.
func (m moment) slept(n moment) bool {
	return apart(sub(n.at, m.at), sub(n.floor, m.floor)) > add(m.strayed(n), clock.SleepError)
}

// A driftSpan is a stretch of a boot clock that gained or lost time.
type driftSpan struct {
	from, to  time.Duration // on the boot clock as it was read
	gain, err time.Duration // what true time ran beyond it, and what may be wrong in addition
	spread    time.Duration // what may be wrong within the span, since its course isn't known
	slept     time.Duration // how long the machine slept within the span
	sumGain   time.Duration // of the spans before this one
	sumErr    time.Duration
	sumLoss   time.Duration
}

// loss returns what of the span may not have passed, if no sleep was as long as it was
// counted: no more than there was of it.
func (d *driftSpan) loss() time.Duration {
	return min(add(d.slept, d.err), max(0, add(sub(d.to, d.from), d.gain)))
}

// clock returns what the boot clock showed at fix.
func (f *flightState) clock(fix journal.Fix) time.Duration {
	return add(max(0, f.Takeoff.SinceBoot), fix.Elapsed)
}

// A rate is how much faster a boot clock runs than it should while nobody disciplines
// it: 0.06 is 6 percent, 0 is not known.
type rate float64

// of returns what a clock at that rate is ahead after passed.
func (r rate) of(passed time.Duration) time.Duration {
	return time.Duration(float64(passed) * float64(r/(1+r)))
}

// rateSpan is how long a disciplined stretch must be to tell the rate.
const rateSpan = 10 * time.Minute

// rateErr returns how far a correction by b's rate may be wrong, since a rate changes with
// temperature and load: a two-hundredth, or a twentieth where another boot tells it.
func (b *bootState) rateErr(off time.Duration) time.Duration {
	if b.rateKnown {
		return off.Abs() / 200
	}
	return off.Abs() / 20
}

// rateOf returns the rate that f's longest synchronised leg shows, by the raw clock
// beside the disciplined one, and how long that leg is. A rate that drift allows for
// anyhow is none.
func rateOf(f *journal.Flight) (r rate, span time.Duration) {
	for i := range f.Legs {
		p, q := &f.Legs[i].First, &f.Legs[i].Last
		awake := sub(q.Awake, p.Awake)
		if p.Sync != clock.SyncSynced || q.Sync != clock.SyncSynced || p.Raw < 0 || q.Raw < p.Raw || awake < max(rateSpan, span) {
			continue
		}
		span, r = awake, 0
		if ahead := sub(sub(q.Raw, p.Raw), awake); apart(ahead, 0) > ppm(awake, clock.DriftPPM) && apart(ahead, 0) < awake/2 {
			r = rate(float64(ahead) / float64(awake))
		}
	}
	return r, span
}

// findRates sets the rate of each boot: the one that its own longest leg shows, else
// that of the machine's other boots.
func (m *machine) findRates() {
	var all rate
	var longest time.Duration
	for _, b := range m.boots {
		var span time.Duration
		for _, f := range b.flights {
			if r, s := rateOf(f.Flight.Flight); s > span {
				b.rate, span = r, s
			}
		}
		b.rateKnown = span > 0
		if b.rate != 0 && span > longest {
			all, longest = b.rate, span
		}
	}
	for _, b := range m.boots {
		if !b.rateKnown {
			b.rate = all
		}
	}
}

// findDriftSpans gathers what the raw clock and the sleeps tell of the boot clock.
func (b *bootState) findDriftSpans() {
	b.findSleeps()
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

// findSleeps gathers what the clocks at takeoff tell of the time in which nobody recorded.
func (b *bootState) findSleeps() {
	var end, awake time.Duration // both clocks where the flight before ended; awake is below 0 where not known
	for i, f := range b.flights {
		since, now := f.Takeoff.SinceBoot, f.Takeoff.AwakeSinceBoot
		w := driftSpan{from: end, to: since}
		if slept := sub(sub(since, end), sub(now, awake)); now > 0 && awake >= 0 && slept > clock.SleepLimit {
			w.err, w.slept = clock.SleepError, min(slept, sub(since, end))
		}
		if i == 0 && b.rate != 0 {
			off := b.rate.of(since)
			w.gain, w.err = -off, add(w.err, b.rateErr(off))
		}
		if since > end && (w.gain != 0 || w.err != 0) {
			b.drifts = append(b.drifts, w)
		}
		if end, awake = f.clockEnd(), clock.Unknown; now > 0 && len(f.Legs) > 0 {
			awake = add(now, f.Legs[len(f.Legs)-1].Last.Awake)
		}
	}
}

// ranSince returns for how long b's kernel ran in any case, but for drift, from where its
// boot clock, or that of a boot before, stood at since, to b's takeoff: a sleep may have
// been counted too long.
func (b *bootState) ranSince(since time.Duration) time.Duration {
	takeoff := b.flights[0].Takeoff.SinceBoot
	ran := sub(takeoff, since)
	for i := 0; i < len(b.drifts) && b.drifts[i].from < takeoff; i++ {
		ran = sub(ran, b.drifts[i].err)
	}
	return max(0, ran)
}

// compare adds the span between two consecutive fixes of f if the boot clock strayed there.
func (b *bootState) compare(f *flightState, p, q journal.Fix) {
	elapsed, awake := sub(q.Elapsed, p.Elapsed), sub(q.Awake, p.Awake)
	if elapsed <= 0 {
		return
	}
	w := driftSpan{from: f.clock(p), to: f.clock(q)}
	if slept := sub(elapsed, awake); slept > clock.SleepLimit {
		w.err, w.slept = clock.SleepError, slept
	}
	if raw := sub(q.Raw, p.Raw); p.Raw >= 0 && q.Raw >= p.Raw {
		off := b.rate.of(raw)
		w.err = add(w.err, b.rateErr(off))
		slew := sub(sub(raw, off), awake)
		excess := sub(apart(slew, 0), ppm(elapsed, clock.DriftFilePPM))
		if len(b.flights) > 1 {
			w.spread = apart(slew, 0)
		}
		if excess > 0 {
			w.gain = max(slew, -elapsed)
		}
		if excess > 0 && excess <= clock.SlewLimit {
			w.err = add(w.err, excess) // it may be how the two clocks were read
		}
	} else {
		w.err = add(w.err, b.rate.of(elapsed).Abs())
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
	b.drifts = kept
	b.sumDrifts()
}

// sumDrifts sums up the spans.
func (b *bootState) sumDrifts() {
	var gain, err, loss time.Duration
	for i := range b.drifts {
		d := &b.drifts[i]
		d.sumGain, d.sumErr, d.sumLoss = gain, err, loss
		gain, err, loss = add(gain, d.gain), add(err, d.err), add(loss, d.loss())
	}
}

// shorten takes by from the sleeps between two points of the boot clock, which were
// counted that much too long.
func (b *bootState) shorten(from, to, by time.Duration) {
	var slept time.Duration
	first := sort.Search(len(b.drifts), func(i int) bool { return b.drifts[i].to >= from })
	for i := first; i < len(b.drifts) && b.drifts[i].from < to; i++ {
		slept = add(slept, b.drifts[i].slept)
	}
	for i := first; i < len(b.drifts) && b.drifts[i].from < to; i++ {
		d := &b.drifts[i]
		part := min(share(by, d.slept, slept), d.slept)
		d.gain, d.slept = sub(d.gain, part), sub(d.slept, part)
	}
}

// moment returns the moment at which the boot clock showed at.
func (b *bootState) moment(at time.Duration) moment {
	m := moment{at: at}
	var loss time.Duration
	i := sort.Search(len(b.drifts), func(i int) bool { return b.drifts[i].from >= at })
	if i > 0 {
		switch d := &b.drifts[i-1]; {
		case at >= d.to:
			//  d.from   d.to   at
			m.at = add(m.at, add(d.sumGain, d.gain))
			m.err = add(d.sumErr, d.err)
			loss = add(d.sumLoss, d.loss())
		default:
			//  d.from   at   d.to
			gain := share(d.gain, sub(at, d.from), sub(d.to, d.from))
			m.at = add(m.at, add(d.sumGain, gain))
			m.err = d.sumErr
			m.spread = add(d.err, d.spread)
			loss = add(d.sumLoss, min(d.loss(), max(0, add(sub(at, d.from), gain))))
		}
	}
	drift := ppm(m.at, clock.DriftPPM)
	m.err = add(m.err, drift)
	m.floor = sub(sub(m.at, loss), drift)
	return m
}
