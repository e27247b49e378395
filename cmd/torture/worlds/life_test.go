package worlds

import (
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// A life is the true history of one boot.
type life struct {
	w       *world
	t       *rapid.T
	board   int
	boot    string
	phases  []phase
	now     journal.Instant // its end, once it is drawn
	clocks  clocks
	crystal int64           // ppm
	down    bool            // it ended by a shutdown, else by a power cut
	sigterm journal.Instant // when a shutdown began, else its end
	flights []*record       // in order of takeoff
	news    []string

	// What can lead everybody astray, see evidence_test.go.
	freezes []freeze
	slews   []ground.Span
	lies    []lie
	odd     bool // the boot clock stood still or was slewed
}

// between draws a duration; short ones are as likely as long ones.
func (l *life) between(name string, least, most time.Duration) time.Duration {
	return between(l.t, name, least, max(least, min(most, l.w.longest)))
}

func between(t *rapid.T, name string, least, most time.Duration) time.Duration {
	d := least
	for _, unit := range []time.Duration{time.Millisecond, time.Second, time.Minute, hour, day} {
		if unit < most && rapid.Bool().Draw(t, name+" beyond "+unit.String()) {
			d = max(d, unit)
			continue
		}
		most = min(most, max(unit, least))
		break
	}
	return time.Duration(rapid.Int64Range(int64(d), int64(max(d, most))).Draw(t, name))
}

// minute is a minute where heartbeats come each 10 s, else as many heartbeats.
func (l *life) minute() time.Duration { return 6 * l.w.interval }

// start returns the true time of the kernel's boot.
func (l *life) start() journal.Instant { return l.phases[0].at }

// span returns the true time from the kernel's boot to the end.
func (l *life) span() ground.Span { return ground.Span{Start: l.start(), End: l.now} }

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
	if l.clocks.sync == clock.SyncSynced {
		// A daemon keeps boot and awake right, and its error small.
		r = rates{0, 0, l.crystal, 0}
	}
	l.pass(d, false, r)
}

// wrong returns by how much the wall clock is wrong.
func (l *life) wrong() time.Duration {
	return l.clocks.boot + l.clocks.offset - l.now.Sub(noon)
}

// show makes the wall clock show t.
func (l *life) show(t journal.Instant) { l.clocks.offset = t.Sub(noon) - l.clocks.boot }

// synchronise steps the wall clock right.
func (l *life) synchronise() {
	l.clocks.sync = clock.SyncSynced
	l.clocks.maxError = l.between("max error", 0, 50*time.Millisecond)
	off := time.Duration(rapid.Int64Range(-int64(l.clocks.maxError), int64(l.clocks.maxError)).Draw(l.t, "off"))
	l.clocks.offset += off - l.wrong()
}

// lose lets the machine lose its time daemon.
func (l *life) lose() { l.clocks.sync = clock.SyncUnsynced }

// oddTimes is what clocks jump to.
var oddTimes = []time.Time{
	time.Date(2038, 1, 19, 3, 14, 0, 0, time.UTC), time.Date(2099, 6, 1, 0, 0, 0, 0, time.UTC),
	time.Date(1970, 1, 1, 0, 0, 10, 0, time.UTC), time.Date(1969, 6, 1, 0, 0, 0, 0, time.UTC),
}

// An event is something that happens in a life.
type event struct {
	name   string
	happen func(*life)
}

var (
	runs    = event{"runs", func(l *life) { l.run(l.between("for", time.Millisecond, 30*day)) }}
	suspend = event{"is suspended", func(l *life) { l.pass(l.between("for", time.Second, day), true, rates{0, still, still, 0}) }}
	step    = event{"has its clock stepped", func(l *life) {
		l.lose()
		l.clocks.offset += l.between("by", 0, day) - l.between("back by", 0, day)
	}}
	jump = event{"has its clock jump", func(l *life) {
		l.lose()
		l.show(journal.InstantOf(rapid.SampledFrom(oddTimes).Draw(l.t, "to")))
	}}
	pause = event{"stands still", func(l *life) {
		l.odd = true
		l.pass(l.between("for", time.Second, day), true, rates{still, still, still, 0})
	}}
	weak = event{"has its clock set right by somebody", func(l *life) {
		l.clocks.sync = clock.SyncWeak
		l.clocks.offset -= l.wrong()
		l.run(l.between("for", time.Millisecond, 30*day))
	}}
	syncs = event{"synchronises", func(l *life) {
		l.synchronise()
		l.run(l.between("for", time.Millisecond, 30*day))
	}}
	loses  = event{"loses its time daemon", (*life).lose}
	slews  = event{"has its clock slewed right", (*life).slew}
	paused = event{"stands still and learns of it", func(l *life) {
		l.freeze()
		l.run(l.between("after", l.minute(), max(hour, l.minute())))
	}}
	lies = event{"is lied to", (*life).believe}
)

// A kind of boot is what can happen in it, from the least of evidence to the most.
var kinds = [][]event{
	{runs, runs, suspend, step, jump, pause},            // it never hears of the true time
	{runs, runs, suspend, step, jump, weak, weak},       // somebody sets its clock right, without a proof
	{runs, suspend, step, jump, loses, syncs, syncs},    // network time
	{runs, suspend, step, loses, syncs, syncs, slews},   // a daemon that never steps
	{runs, suspend, step, loses, syncs, syncs, paused},  // a virtual machine
	{runs, jump, loses, syncs, syncs, lies, lies, weak}, // a bad server
	{syncs, syncs, runs, suspend, loses, slews, paused}, // all of it
}

// draw draws the rest of a life that begins now.
func (l *life) draw() {
	t := l.t
	l.crystal = rapid.Int64Range(-100, 100).Draw(t, "crystal")
	l.lose()
	switch rapid.SampledFrom([]string{"1970", "saved", "right", "odd"}).Draw(t, "first wall") {
	case "1970":
		l.show(0)
	case "saved":
		l.clocks.offset = l.between("saved", 0, hour)
	case "right":
		l.show(l.now)
	case "odd":
		l.show(journal.InstantOf(rapid.SampledFrom(oddTimes).Draw(t, "odd")))
	}
	l.run(l.between("kernel", time.Millisecond, time.Minute))
	kind := rapid.SampledFrom(kinds).Draw(t, "kind")
	for range rapid.IntRange(0, 6).Draw(t, "events") {
		e := rapid.SampledFrom(kind).Draw(t, "event")
		from := l.now
		e.happen(l)
		l.news = append(l.news, fmt.Sprintf("%s, from %v to %v", e.name, from.Time().Format(stamp), l.now.Time().Format(stamp)))
	}
	l.run(l.between("last", time.Millisecond, day))
	l.sigterm = l.now
	if l.down = rapid.Bool().Draw(t, "shuts down"); l.down {
		l.sigterm = max(l.start().Add(2*time.Millisecond), l.now.Add(-between(t, "dying", time.Millisecond, 90*time.Second)))
	}
}

// slew brings the wall clock right by letting it run fast or slow.
func (l *life) slew() {
	l.lose()
	wrong := l.wrong()
	rate := int64(-80_000)
	if wrong < 0 {
		rate = 80_000
	}
	if d := time.Duration(float64(wrong) / float64(rate) * -1e6); d > 0 && d < min(2*day, 4*l.w.longest) {
		l.odd = true
		l.slews = append(l.slews, ground.Span{Start: l.now, End: l.now.Add(d)})
		l.pass(d, false, rates{rate, rate, l.crystal, 0})
	}
	l.synchronise()
	l.run(l.between("for", time.Millisecond, day))
}

// freeze pauses the machine. Its daemon finds out at its next poll; until then
// the wall clock is wrong though it is said to be synchronised, and its maximum
// error grows.
func (l *life) freeze() {
	l.odd = true
	l.synchronise()
	f := freeze{synced: l.now}
	l.pass(l.between("before", 0, l.minute()), false, rates{0, 0, l.crystal, drift})
	f.from = l.now
	l.pass(l.between("for", time.Second, day), true, rates{still, still, still, 0})
	l.pass(l.between("unnoticed", 0, max(hour, l.minute())), false, rates{0, 0, l.crystal, drift})
	f.noticed = l.now
	l.freezes = append(l.freezes, f)
	l.synchronise()
}

// believe lets the machine believe a lie, and the truth thereafter. The lie is
// ahead of the truth: one that is behind looks as if the machine had stood still.
func (l *life) believe() {
	f := lie{from: l.now}
	l.clocks.sync = rapid.SampledFrom([]clock.Sync{clock.SyncSynced, clock.SyncSynced, clock.SyncWeak}).Draw(l.t, "claim")
	l.clocks.maxError = 0
	l.show(l.now.Add(hour * time.Duration(rapid.IntRange(1, 1000).Draw(l.t, "hours ahead"))))
	l.run(l.between("for", time.Millisecond, hour))
	f.to = l.now
	l.synchronise()
	l.run(l.between("right for", l.minute(), 10*l.minute()))
	f.right = l.now
	l.lies = append(l.lies, f)
}

// readable returns the phase in which a recorder that wants to read its clocks
// at t does so, and when; nil if the machine doesn't live to it.
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
