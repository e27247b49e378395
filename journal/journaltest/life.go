package journaltest

import (
	"slices"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
)

// A Life is the true history of one boot, from the kernel's start until Now, with what
// the clocks said at each moment. It is told forward: Run, Sleep and Pause let time go
// by, the other methods change what the clocks say from Now on.
type Life struct {
	Clocks
	Now     journal.Instant // true time
	Crystal int64           // by how much clocks run fast that nobody disciplines, in ppm
	// Disciplined says that the boot clock runs right while the wall clock is
	// synchronised, as it does on Linux.
	Disciplined bool
	Leaps       []journal.Instant // when leap seconds were inserted, at this boot or before
	phases      []phase
}

// Clocks is what the clocks of a machine say at one moment.
type Clocks struct {
	Boot, Awake, Raw time.Duration // since the kernel's start; Raw may be clock.Unknown
	Origin           journal.Instant
	Sync             clock.Sync
	MaxError         time.Duration // counts only while synchronised
}

// Wall returns what the wall clock says: the boot clock, from Origin on.
func (c Clocks) Wall() journal.Instant { return c.Origin.Add(c.Boot) }

// Rates is by how much clocks run fast, in parts per million; for the maximum error,
// by how much it grows.
type Rates struct{ Boot, Awake, Raw, MaxError int64 }

// Still is the rate of a clock that stands.
const Still = -1e6

// A phase is a stretch of true time in which all clocks run at one rate.
type phase struct {
	at     journal.Instant // its beginning
	clocks Clocks          // what the clocks said then
	asleep bool            // nothing runs
	rates  Rates
}

// NewLife returns a life that begins at start. Its wall clock is right, and nobody
// says so.
func NewLife(start journal.Instant) *Life {
	return &Life{Now: start, Clocks: Clocks{Origin: start, Sync: clock.SyncUnsynced}, Disciplined: true}
}

// Start returns the true time of the kernel's start.
func (l *Life) Start() journal.Instant {
	if len(l.phases) == 0 {
		return l.Now
	}
	return l.phases[0].at
}

// Pass lets d go by at the given rates. Nothing runs in it if the machine is asleep.
func (l *Life) Pass(d time.Duration, asleep bool, r Rates) {
	p := phase{l.Now, l.Clocks, asleep, r}
	l.phases = append(l.phases, p)
	l.Now = l.Now.Add(d)
	l.Clocks = p.clocksAt(l.Now)
}

// Run lets d go by as usual: clocks drift with the crystal, but a time daemon keeps
// boot and wall clock right.
func (l *Life) Run(d time.Duration) {
	r := Rates{l.Crystal, l.Crystal, l.Crystal, 0}
	if l.Sync == clock.SyncSynced && l.Disciplined {
		r.Boot, r.Awake = 0, 0
	}
	l.Pass(d, false, r)
}

// Sleep suspends the machine for d. The boot clock goes on, and is told of it by a
// real-time clock.
func (l *Life) Sleep(d time.Duration) { l.Pass(d, true, Rates{0, Still, Still, 0}) }

// Pause lets the machine stand still for d, without any of its clocks noticing.
func (l *Life) Pause(d time.Duration) { l.Pass(d, true, Rates{Still, Still, Still, 0}) }

// Show steps the wall clock to t.
func (l *Life) Show(t journal.Instant) { l.Origin = t.Add(-l.Boot) }

// Leap inserts a leap second: UTC has the last second twice, and so has a wall clock
// that is synchronised. Now and all that is told of goes on without it; UTC tells what
// people call that time.
func (l *Life) Leap() {
	l.Leaps = append(l.Leaps, l.Now)
	if l.Sync == clock.SyncSynced {
		l.Origin = l.Origin.Add(-time.Second)
	}
}

// UTC returns what people call t.
func (l *Life) UTC(t journal.Instant) journal.Instant {
	for _, leap := range l.Leaps {
		if leap <= t {
			t = t.Add(-time.Second)
		}
	}
	return t
}

// Wrong returns by how much the wall clock is ahead of the true time.
func (l *Life) Wrong() time.Duration { return l.Wall().Sub(l.UTC(l.Now)) }

// Synchronise steps the wall clock to within maxError of the true time, ahead by off,
// and says so.
func (l *Life) Synchronise(maxError, off time.Duration) {
	l.Sync, l.MaxError = clock.SyncSynced, maxError
	l.Show(l.UTC(l.Now).Add(off))
}

// Lose lets the machine lose its time daemon.
func (l *Life) Lose() { l.Sync = clock.SyncUnsynced }

// clocksAt returns what the clocks say at t, which lies in p.
func (p *phase) clocksAt(t journal.Instant) Clocks {
	c, d := p.clocks, t.Sub(p.at)
	c.Boot += run(d, p.rates.Boot)
	c.Awake += run(d, p.rates.Awake)
	if c.Raw != clock.Unknown {
		c.Raw += run(d, p.rates.Raw)
	}
	if c.Sync == clock.SyncSynced {
		c.MaxError += run(d, p.rates.MaxError-1e6)
	}
	return c
}

// run returns how far a clock goes in d that runs fast by ppm.
func run(d time.Duration, ppm int64) time.Duration {
	return d + d/1e6*time.Duration(ppm) + d%1e6*time.Duration(ppm)/1e6
}

// Awaken returns when a program that wants to run at t does so: then, or when the
// machine wakes. It reports false if the machine doesn't live to it.
func (l *Life) Awaken(t journal.Instant) (journal.Instant, bool) {
	for i := range l.phases {
		p, end := &l.phases[i], l.Now
		if i+1 < len(l.phases) {
			end = l.phases[i+1].at
		}
		if max(t, p.at) < end && !p.asleep {
			return max(t, p.at), true
		}
	}
	return l.Now, false
}

// Asleep reports whether nothing ran for a while before the boot clock said boot.
func (l *Life) Asleep(boot time.Duration) bool {
	return slices.ContainsFunc(l.phases, func(p phase) bool { return p.asleep && p.clocks.Boot < boot })
}

// Stood reports whether the machine stood still before t.
func (l *Life) Stood(t journal.Instant) bool {
	return slices.ContainsFunc(l.phases, func(p phase) bool { return p.rates.Boot == Still && p.at < t })
}

// At returns what the clocks said at t; after the end, what they would say if the last
// phase went on.
func (l *Life) At(t journal.Instant) Clocks {
	i := len(l.phases) - 1
	for i > 0 && l.phases[i].at > t {
		i--
	}
	return l.phases[i].clocksAt(t)
}

// Reading returns c as a recorder reads it. The boot clock counts from the kernel's
// start only where absolute.
func (c Clocks) Reading(absolute bool) clock.Reading {
	r := clock.Reading{
		Boot: c.Boot, Absolute: absolute, Awake: c.Awake, AwakeAbsolute: absolute, Raw: c.Raw,
		Wall: c.Wall().Time(), Sync: c.Sync, MaxError: clock.Unknown, Source: "adjtimex",
	}
	if c.Sync == clock.SyncSynced {
		r.MaxError = c.MaxError
	}
	return r
}
