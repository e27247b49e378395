package worlds

import (
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"pgregory.net/rapid"
)

// A life is the true history of one boot.
type life struct {
	*journaltest.Life
	w       *world
	t       *rapid.T
	board   int
	boot    string
	down    bool            // it ended by a shutdown, else by a power cut
	sigterm journal.Instant // when a shutdown began, else its end
	flights []*record       // in order of takeoff
	news    []string

	// Of the kinds, see kinds_test.go.
	as     clock.Identity
	inside *ground.Span // when a container was there whose host the life is

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
	return time.Duration(rapid.Int64Range(int64(d), int64(max(d, most))).Draw(t, name)).Truncate(tick)
}

// minute is a minute where heartbeats come each 10 s, else as many heartbeats.
func (l *life) minute() time.Duration { return 6 * l.w.interval }

// span returns the true time from the kernel's boot to the end.
func (l *life) span() ground.Span { return ground.Span{Start: l.Start(), End: l.Now} }

// synchronise steps the wall clock right.
func (l *life) synchronise() {
	maxError := l.between("max error", 0, 50*time.Millisecond)
	l.Synchronise(maxError, time.Duration(rapid.Int64Range(-int64(maxError), int64(maxError)).Draw(l.t, "off")))
}

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
	runs    = event{"runs", func(l *life) { l.Run(l.between("for", time.Millisecond, 30*day)) }}
	suspend = event{"is suspended", func(l *life) { l.Sleep(l.between("for", time.Second, day)) }}
	step    = event{"has its clock stepped", func(l *life) {
		l.Lose()
		l.Origin = l.Origin.Add(l.between("by", 0, day) - l.between("back by", 0, day))
	}}
	jump = event{"has its clock jump", func(l *life) {
		l.Lose()
		l.Show(journal.InstantOf(rapid.SampledFrom(oddTimes).Draw(l.t, "to")))
	}}
	pause = event{"stands still", func(l *life) {
		l.odd = true
		l.Pause(l.between("for", time.Second, day))
	}}
	weak = event{"has its clock set right by somebody", func(l *life) {
		l.Sync = clock.SyncWeak
		l.Show(l.Now)
		l.Run(l.between("for", time.Millisecond, 30*day))
	}}
	syncs = event{"synchronises", func(l *life) {
		l.synchronise()
		l.Run(l.between("for", time.Millisecond, 30*day))
	}}
	loses  = event{"loses its time daemon", func(l *life) { l.Lose() }}
	slews  = event{"has its clock slewed right", (*life).slew}
	paused = event{"stands still and learns of it", func(l *life) {
		l.freeze()
		l.Run(l.between("after", l.minute(), max(hour, l.minute())))
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
	l.Crystal = rapid.Int64Range(-100, 100).Draw(t, "crystal")
	l.Lose()
	switch rapid.SampledFrom([]string{"1970", "saved", "right", "odd"}).Draw(t, "first wall") {
	case "1970":
		l.Show(0)
	case "saved":
		l.Origin = noon.Add(l.between("saved", 0, hour))
	case "right":
		l.Show(l.Now)
	case "odd":
		l.Show(journal.InstantOf(rapid.SampledFrom(oddTimes).Draw(t, "odd")))
	}
	l.Run(l.between("kernel", time.Millisecond, time.Minute))
	kind := rapid.SampledFrom(kinds).Draw(t, "kind")
	for range rapid.IntRange(0, 6).Draw(t, "events") {
		e := rapid.SampledFrom(kind).Draw(t, "event")
		from := l.Now
		e.happen(l)
		l.news = append(l.news, fmt.Sprintf("%s, from %v to %v", e.name, from.Time().Format(stamp), l.Now.Time().Format(stamp)))
	}
	l.Run(l.between("last", time.Millisecond, day))
	l.sigterm = l.Now
	if l.down = rapid.Bool().Draw(t, "shuts down"); l.down {
		l.sigterm = max(l.Start().Add(2*time.Millisecond), l.Now.Add(-between(t, "dying", time.Millisecond, 90*time.Second)))
	}
}

// slew brings the wall clock right by letting it run fast or slow.
func (l *life) slew() {
	l.Lose()
	wrong := l.Wrong()
	rate := int64(-80_000)
	if wrong < 0 {
		rate = 80_000
	}
	if d := time.Duration(float64(wrong) / float64(rate) * -1e6).Truncate(tick); d > 0 && d < min(2*day, 4*l.w.longest) {
		l.odd = true
		l.slews = append(l.slews, ground.Span{Start: l.Now, End: l.Now.Add(d)})
		l.Pass(d, false, journaltest.Rates{Boot: rate, Awake: rate, Raw: l.Crystal})
	}
	l.synchronise()
	l.Run(l.between("for", time.Millisecond, day))
}

// freeze pauses the machine. Its daemon finds out at its next poll; until then
// the wall clock is wrong though it is said to be synchronised, and its maximum
// error grows.
func (l *life) freeze() {
	l.odd = true
	l.synchronise()
	f := freeze{synced: l.Now}
	l.Pass(l.between("before", 0, l.minute()), false, journaltest.Rates{Raw: l.Crystal, MaxError: drift})
	f.from = l.Now
	l.Pause(l.between("for", time.Second, day))
	l.Pass(l.between("unnoticed", 0, max(hour, l.minute())), false, journaltest.Rates{Raw: l.Crystal, MaxError: drift})
	f.noticed = l.Now
	l.freezes = append(l.freezes, f)
	l.synchronise()
}

// believe lets the machine believe a lie, and the truth thereafter. The lie is
// ahead of the truth: one that is behind looks as if the machine had stood still.
func (l *life) believe() {
	f := lie{from: l.Now}
	l.Sync = rapid.SampledFrom([]clock.Sync{clock.SyncSynced, clock.SyncSynced, clock.SyncWeak}).Draw(l.t, "claim")
	l.MaxError = 0
	l.Show(l.Now.Add(hour * time.Duration(rapid.IntRange(1, 1000).Draw(l.t, "hours ahead"))))
	l.Run(l.between("for", time.Millisecond, hour))
	f.to = l.Now
	l.synchronise()
	l.Run(l.between("right for", l.minute(), 10*l.minute()))
	f.right = l.Now
	l.lies = append(l.lies, f)
}
