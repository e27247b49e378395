package ground

import (
	"fmt"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"

	"github.com/segmentio/ksuid"
	"pgregory.net/rapid"
)

// A world is a true history of one machine, and what its recorders made of it.
type world struct {
	named   bool // the system tells boot IDs
	since   bool // the system tells the boot clock since boot
	lanes   []journal.Instant
	flights []journal.Flight
	shifts  []shift             // what made each flight
	truth   []Span              // of each flight
	beaten  [][]journal.Instant // when each flight's heartbeats were
	vague   bool                // a pause left no trace in its boot
	lone    bool                // a pause left no trace in a flight of its own
	news    []string
}

// noon is when worlds begin.
var noon = journal.InstantOf(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))

// A phase is a stretch of true time in which all clocks run at one rate.
type phase struct {
	at     journal.Instant // true time at its beginning
	clocks                 // what the clocks show then
	asleep bool            // the recorder can't run
	rates
}

// clocks is what the clocks show.
type clocks struct {
	boot, awake, raw time.Duration
	offset           time.Duration // wall less boot, from noon
	sync             clock.Sync
	maxError         time.Duration
}

// rates is by how much clocks run fast, in parts per million; -1e6 stands still.
type rates struct{ boot, awake, raw, maxError int64 }

func run(d time.Duration, ppm int64) time.Duration {
	return d + d/1e6*time.Duration(ppm) + d%1e6*time.Duration(ppm)/1e6
}

// clocksAt returns what the clocks show at t in p.
func (p *phase) clocksAt(t journal.Instant) clocks {
	c, d := p.clocks, t.Sub(p.at)
	c.boot += run(d, p.rates.boot)
	c.awake += run(d, p.rates.awake)
	c.raw += run(d, p.rates.raw)
	if c.sync == clock.Synced {
		c.maxError += run(d, p.rates.maxError-1e6)
	}
	return c
}

// A life is the true history of one boot.
type life struct {
	t       *rapid.T
	phases  []phase
	now     journal.Instant
	clocks  clocks
	crystal int64 // ppm
	mute    bool  // it never synchronises
	freezes []freeze
	slews   []Span
}

const (
	still = -1e6
)

// longest bounds what between draws.
var longest = 30 * 24 * time.Hour

// between draws a duration; short ones are as likely as long ones.
func between(t *rapid.T, name string, least, most time.Duration) time.Duration {
	most = max(least, min(most, longest))
	d := least
	for _, unit := range []time.Duration{time.Millisecond, time.Second, time.Minute, hour, 24 * hour} {
		if unit < most && rapid.Bool().Draw(t, name+" beyond "+unit.String()) {
			d = max(d, unit)
			continue
		}
		most = min(most, max(unit, least))
		break
	}
	return time.Duration(rapid.Int64Range(int64(d), int64(max(d, most))).Draw(t, name))
}

// pass lets d go by at the given rates.
func (l *life) pass(d time.Duration, asleep bool, r rates) {
	p := phase{l.now, l.clocks, asleep, r}
	l.phases = append(l.phases, p)
	l.now = l.now.Add(d)
	l.clocks = p.clocksAt(l.now)
}

// run lets d go by as usual.
func (l *life) run(d time.Duration) {
	r := rates{l.crystal, l.crystal, l.crystal, 0}
	if l.clocks.sync == clock.Synced {
		// A daemon keeps boot and awake right, and its error small.
		r = rates{0, 0, l.crystal, 0}
	}
	l.pass(d, false, r)
}

// wrong returns by how much the wall clock is wrong.
func (l *life) wrong() time.Duration {
	return l.clocks.boot + l.clocks.offset - l.now.Sub(noon)
}

// synchronise steps the wall clock right.
func (l *life) synchronise() {
	l.clocks.sync = clock.Synced
	l.clocks.maxError = between(l.t, "max error", 0, 50*time.Millisecond)
	off := time.Duration(rapid.Int64Range(-int64(l.clocks.maxError), int64(l.clocks.maxError)).Draw(l.t, "off"))
	l.clocks.offset += off - l.wrong()
}

// lose lets the machine lose its time daemon.
func (l *life) lose() { l.clocks.sync, l.clocks.maxError = clock.Unsynced, 16*time.Second }

// event draws what happens next.
func (l *life) event() string {
	t := l.t
	events := []string{"run", "run", "suspend", "step"}
	if l.mute {
		events = append(events, "pause")
	} else {
		events = append(events, "sync", "sync", "sync", "slew")
	}
	if l.clocks.sync == clock.Synced {
		events = append(events, "lose", "paused")
	}
	what := rapid.SampledFrom(events).Draw(t, "event")
	switch what {
	case "run":
		l.run(between(t, "for", time.Millisecond, 30*24*hour))
	case "suspend":
		l.pass(between(t, "for", time.Second, 24*hour), true, rates{0, still, still, 0})
	case "step":
		l.lose()
		l.clocks.offset += between(t, "by", 0, 24*hour) - between(t, "back by", 0, 24*hour)
	case "pause":
		l.pass(between(t, "for", time.Second, 24*hour), true, rates{still, still, still, 0})
	case "sync":
		l.synchronise()
		l.run(between(t, "for", time.Millisecond, 30*24*hour))
	case "lose":
		l.lose()
	case "slew":
		l.slew()
	case "paused":
		// The daemon finds out at its next poll; until then the error grows, and
		// what the clock shows is wrong though it is said to be synchronised.
		l.freeze()
		l.run(between(t, "after", time.Minute, hour))
	}
	return fmt.Sprint(what, " until ", l.now, l.clocks)
}

// slew brings the wall clock right by letting it run fast or slow.
func (l *life) slew() {
	l.lose()
	wrong := l.wrong()
	rate := int64(-80_000)
	if wrong < 0 {
		rate = 80_000
	}
	if d := time.Duration(float64(wrong) / float64(rate) * -1e6); d > 0 && d < 48*hour {
		l.slews = append(l.slews, Span{l.now, l.now.Add(d)})
		l.pass(d, false, rates{rate, rate, l.crystal, 0})
	}
	l.synchronise()
	l.run(between(l.t, "for", time.Millisecond, 24*hour))
}

// readable returns the phase in which a recorder that wants to read its clocks
// at t does so, and when.
func (l *life) readable(t journal.Instant) (*phase, journal.Instant) {
	for i := range l.phases {
		p := &l.phases[i]
		end := l.now
		if i+1 < len(l.phases) {
			end = l.phases[i+1].at
		}
		if max(t, p.at) < end && !p.asleep {
			return p, max(t, p.at)
		}
	}
	return nil, l.now
}

// boot draws one boot that begins at start, records it, and returns its end.
func (w *world) boot(t *rapid.T, n int, start journal.Instant) journal.Instant {
	l := &life{t: t, now: start, crystal: rapid.Int64Range(-100, 100).Draw(t, "crystal")}
	l.mute = rapid.IntRange(0, 3).Draw(t, "mute") == 3
	l.lose()
	switch rapid.SampledFrom([]string{"1970", "saved", "right", "2099"}).Draw(t, "first wall") {
	case "1970":
		l.clocks.offset = journal.Instant(0).Sub(noon)
	case "saved":
		l.clocks.offset = between(t, "saved", 0, hour)
	case "right":
		l.clocks.offset = start.Sub(noon)
	case "2099":
		l.clocks.offset = 73 * 365 * 24 * hour
	}
	l.run(between(t, "kernel", time.Millisecond, time.Minute))
	for range rapid.IntRange(0, 6).Draw(t, "events") {
		w.news = append(w.news, l.event())
	}
	l.run(between(t, "last", time.Millisecond, 24*hour))
	w.record(l, fmt.Sprintf("boot-%d", n))
	return l.now
}

// drawWorld draws a world.
func drawWorld(t *rapid.T) *world {
	w := &world{named: rapid.Bool().Draw(t, "named"), since: rapid.Bool().Draw(t, "since")}
	now := noon
	for n := range rapid.IntRange(1, 5).Draw(t, "boots") {
		now = w.boot(t, n, now.Add(between(t, "down", 0, 30*24*hour)))
	}
	return w
}

// id returns the n-th KSUID of a journal.
func id(n int) ksuid.KSUID {
	id, err := ksuid.FromParts(noon.Time().Add(time.Duration(n)*time.Second), make([]byte, 16))
	if err != nil {
		panic(err)
	}
	return id
}

// A freeze is a pause of a machine whose clock was said to be synchronised.
type freeze struct {
	synced  journal.Instant // since when it was
	from    journal.Instant // when the machine stood still
	noticed journal.Instant // when the wall clock was stepped for it
}

// freeze pauses the machine. Its daemon finds out at its next poll; until then
// the wall clock is wrong though it is said to be synchronised.
func (l *life) freeze() {
	t := l.t
	l.synchronise()
	f := freeze{synced: l.now}
	l.pass(between(t, "before", 0, time.Minute), false, rates{0, 0, l.crystal, drift})
	f.from = l.now
	l.pass(between(t, "for", time.Second, 24*hour), true, rates{still, still, still, 0})
	l.pass(between(t, "unnoticed", 0, time.Hour), false, rates{0, 0, l.crystal, drift})
	f.noticed = l.now
	l.freezes = append(l.freezes, f)
	l.synchronise()
}

// told reports whether one of the flights, by their heartbeats, can tell f from
// the passing of time, or all of them lie on one side of it.
func (f freeze) told(flights [][]journal.Instant) bool {
	var before, after, unsure bool
	var witness, again bool
	for _, beats := range flights {
		var synced, stepped int
		for _, t := range beats {
			switch {
			case t <= f.from:
				before = true
				if t >= f.synced {
					synced++
				}
			case t < f.noticed:
				unsure = true
			default:
				after = true
				if t < f.noticed.Add(time.Minute) {
					stepped++
				}
			}
		}
		witness = witness || synced > 1
		again = again || stepped > 1
	}
	switch {
	case !unsure && !(before && after):
		return true
	case before && !witness:
		return false
	}
	return again
}
