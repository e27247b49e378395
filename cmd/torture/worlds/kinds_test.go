package worlds

import (
	"cmp"
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"pgregory.net/rapid"
)

// A kind is a way in which clocks lie, or identities aren't what they seem, that facts
// expose all the same: whoever goes by them is never certain and wrong.
type kind struct {
	name string
	draw func(*world)
	// hide takes away what exposes it, or forges it. The oracle must find out.
	hide func(*world, []journal.Flight) []journal.Flight
	// spoil is a mistake in what is made of it, which the oracle must find out, too.
	spoil func(*world, []grounded)
	// also tells what must hold of this kind beside what holds of all, or "".
	also func(*world, []ground.Boot) string
}

var kindsOfLies = []kind{
	{name: "stepped back", draw: steppedBack, hide: forgetRest},
	{name: "a second lane", draw: secondLane, hide: joinBoots, also: tight},
	{name: "offline for months", draw: offline, spoil: bold},
	{name: "weak alone", draw: weakAlone, hide: trustWeak},
	{name: "a container", draw: container, spoil: eternal},
	{name: "a boot ID again", draw: sameBootID, hide: goOn},
	{name: "a boot that lies", draw: lyingBoot, hide: alone},
	{name: "a lie put right", draw: lieThenTruth, hide: alone},
	{name: "a sleep too long", draw: longSleep, hide: sleepless},
	{name: "a machine ID a boot", draw: newMachineIDs, hide: renameHosts},
	{name: "a machine ID made anew", draw: machineIDAnew, hide: renameBoots},
	{name: "a cloned card", draw: clonedCard, hide: sameHosts},
	{name: "a card that moved", draw: movedCard, hide: noHardware},
	{name: "hosts alone", draw: noMachineIDs, hide: sameHosts},
	{name: "a container beside its host", draw: besideHost, hide: joinBoots},
	{name: "a sleep unseen", draw: unseenSleep, spoil: bold},
	{name: "a leap second", draw: leapSecond, hide: leapless},
	{name: "a fast crystal", draw: fastCrystal, hide: sleepless},
	{name: "two journals", draw: twoJournals, hide: renameBoots},
}

// begin begins a boot of a board, after some time without one.
func (w *world) begin(board int, down time.Duration) *life {
	l := &life{w: w, t: w.t, board: board, boot: fmt.Sprint("boot-", len(w.lives)), Life: journaltest.NewLife(w.now.Add(down))}
	l.Crystal, l.Leaps = cmp.Or(w.crystal, rapid.Int64Range(-80, 80).Draw(w.t, "crystal")), w.leaps
	l.as = clock.Identity{Host: fmt.Sprint("host-", board), Machine: boards[board], Boot: l.boot, OS: "linux/arm"}
	if w.newer {
		l.as.BootOrigin = clock.BootOriginKernel
	}
	w.lives = append(w.lives, l)
	switch rapid.SampledFrom([]string{"1970", "saved", "right", "odd"}).Draw(w.t, "first wall") {
	case "1970":
		l.Show(0)
	case "odd":
		l.Show(journal.InstantOf(rapid.SampledFrom(oddTimes).Draw(w.t, "odd")).Add(w.now.Sub(noon) % (97 * time.Minute)))
	case "saved":
		l.Show(w.now.Add(-time.Minute))
	}
	l.Run(time.Second + between(w.t, "kernel", 0, 10*time.Second))
	return l
}

// end ends the latest boot.
func (w *world) end(l *life) {
	l.sigterm = l.Now
	w.now = l.Now
	l.news = append(l.news, "ends")
}

// right synchronises l and lets some time go by.
func (l *life) right(least, most time.Duration) {
	l.synchronise()
	l.run("right", least, most)
}

// run lets some time go by.
func (l *life) run(name string, least, most time.Duration) {
	from := l.Now
	l.Run(between(l.t, name, least, most))
	l.news = append(l.news, fmt.Sprintf("%s, from %v to %v", name, from.Time().Format(stamp), l.Now.Time().Format(stamp)))
}

// lie makes the clock of l show the true time and ahead, and call that right.
func (l *life) lie(ahead time.Duration) {
	l.Synchronise(between(l.t, "claimed error", time.Millisecond, time.Second), ahead)
}

// fly has a recorder fly in l from on, or the next moment that it is awake, to off. It
// is killed, or lands.
func (w *world) fly(l *life, card int, on, off journal.Instant) *shift {
	s := shift{life: l, card: card, on: on, off: off, turn: drawTurn(w.t)}
	var alive bool
	if s.on, alive = l.Awaken(on); !alive {
		panic("nobody is awake to take off")
	}
	if off < l.Now && rapid.Bool().Draw(w.t, "lands") {
		s.landing = &journal.Landing{Reason: "SIGTERM", Shutdown: journal.ShutdownNo}
	}
	w.shifts = append(w.shifts, s)
	return &w.shifts[len(w.shifts)-1]
}

// whole has a recorder fly in l from its beginning to its end.
func (w *world) whole(l *life, card int) { w.fly(l, card, l.Start().Add(time.Second), l.Now) }

// clean lives a boot whose clock is right.
func (w *world) clean(board, card int) *life {
	l := w.begin(board, between(w.t, "down", 10*time.Second, day))
	l.right(10*w.interval, 100*w.interval)
	w.end(l)
	w.whole(l, card)
	return l
}

// cleans lives some clean boots.
func (w *world) cleans(least, most int) {
	for range rapid.IntRange(least, most).Draw(w.t, "clean boots") {
		w.clean(0, 0)
	}
}

// between draws a duration.
func (w *world) between(name string, least, most time.Duration) time.Duration {
	return between(w.t, name, least, most)
}
