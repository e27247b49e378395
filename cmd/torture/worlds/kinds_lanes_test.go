package worlds

import (
	"fmt"
	"time"

	"flightrec/ground"
	"flightrec/journal"
	"flightrec/journal/clock"

	"pgregory.net/rapid"
)

// secondLane: a second recorder outlives the first, and the next boot never hears of
// the time.
func secondLane(w *world) {
	w.cleans(0, 2)
	a := w.begin(0, w.between("down", 10*time.Second, day))
	a.right(30*w.interval, 100*w.interval)
	w.end(a)
	w.fly(a, 0, a.Start().Add(time.Second), a.Now.Add(-w.between("early", 2*w.interval, 20*w.interval)))
	w.fly(a, 0, a.Start().Add(time.Second+w.between("later", time.Second, time.Minute)), a.Now)
	b := w.begin(0, w.between("down", 10*time.Second, day))
	b.run("unsynchronised", 2*w.interval, 30*w.interval)
	w.end(b)
	w.whole(b, 0)
	w.odd = b
	w.cleans(0, 2)
}

// container: containers come and go on a host that goes on, with boot IDs of their own
// on its clock.
func container(w *world) {
	host := w.begin(0, w.between("down", 10*time.Second, day))
	w.lives = w.lives[:len(w.lives)-1]
	synced := rapid.Bool().Draw(w.t, "synchronised")
	// One that took off within five minutes of the host's boot might be the host.
	host.right(6*time.Minute, 60*day)
	if !synced {
		host.Sync = clock.SyncUnknown
	}
	type stint struct{ from, to journal.Instant }
	var stints []stint
	for range rapid.IntRange(2, 4).Draw(w.t, "containers") {
		host.run("without", time.Minute, day)
		from := host.Now
		host.run("container", 5*w.interval, 60*w.interval)
		stints = append(stints, stint{from, host.Now})
	}
	host.sigterm = host.Now
	w.now = host.Now
	for i, s := range stints {
		c := *host
		c.boot = fmt.Sprint("container-", i)
		c.boxed(s.from, s.to)
		w.lives = append(w.lives, &c)
		w.fly(&c, 0, s.from.Add(time.Second), s.to)
	}
}

// boxed makes l a container on its host's clock.
func (l *life) boxed(from, to journal.Instant) {
	l.as.Boot = l.boot
	l.inside = &ground.Span{Start: from, End: to}
	if l.w.newer {
		l.as.BootOrigin, l.as.Container = clock.BootOriginContainer, "lxc"
	}
}

// sameBootID: the kernel makes the same boot ID at each boot.
func sameBootID(w *world) {
	for range rapid.IntRange(2, 4).Draw(w.t, "boots") {
		l := w.begin(0, w.between("down", 10*time.Second, day))
		l.as.Boot = "again"
		if rapid.Bool().Draw(w.t, "online") {
			l.right(5*w.interval, 50*w.interval)
		} else {
			l.run("unsynchronised", 5*w.interval, 50*w.interval)
		}
		w.end(l)
		w.whole(l, 0)
		w.odd = l
	}
	w.clean(0, 0)
}

// besideHost: a container flies beside its host, into the host's journal, by a boot ID
// of its own. Nobody tells it whether the clock is right.
func besideHost(w *world) {
	w.cleans(0, 1)
	host := w.begin(0, w.between("down", 10*time.Second, day))
	host.right(60*w.interval, 100*w.interval)
	w.end(host)
	w.fly(host, 0, host.Start().Add(time.Second), host.Now.Add(-w.between("early", 0, 40*w.interval)))
	c := *host
	box := *host.Life
	c.Life, c.boot = &box, host.boot+"-container"
	from := host.Start().Add(w.between("from", time.Minute, 20*w.interval))
	c.boxed(from, from.Add(w.between("for", 3*w.interval, 30*w.interval)))
	w.lives = append(w.lives, &c)
	w.fly(&c, 0, from, c.inside.End)
	w.odd = &c
	w.cleans(0, 2)
}

// twoJournals: two recorders on one machine keep a journal each.
func twoJournals(w *world) {
	for range rapid.IntRange(2, 3).Draw(w.t, "boots") {
		l := w.begin(0, w.between("down", 10*time.Second, day))
		if rapid.Bool().Draw(w.t, "online") {
			l.right(20*w.interval, 100*w.interval)
		} else {
			l.Show(l.Now)
			l.run("unsynchronised", 20*w.interval, 100*w.interval)
		}
		w.end(l)
		w.whole(l, 0)
		on := l.Start().Add(time.Second + w.between("later", time.Minute, l.Now.Sub(l.Start())/2).Truncate(tick))
		w.fly(l, 1, on, l.Now.Add(-w.between("sooner", time.Second, w.interval)))
		w.odd = l
	}
}
