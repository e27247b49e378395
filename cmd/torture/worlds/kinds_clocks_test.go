package worlds

import (
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/journaltest"

	"pgregory.net/rapid"
)

// steppedBack: a stretch was wrong and called right; the clock was stepped back, and
// held for longer. A sister flies in a lane of its own.
func steppedBack(w *world) {
	w.cleans(0, 2)
	l := w.begin(0, w.between("down", time.Hour, day))
	most := 5 * hour
	if rapid.Bool().Draw(w.t, "by little, for long") {
		most, w.interval = 30*time.Second, 10*time.Minute
	}
	l.lie(w.between("ahead", 2*time.Second, most))
	from := l.Now
	l.run("lie", 5*w.interval, 50*w.interval)
	wrong := l.Now.Sub(from)
	l.right(wrong+5*w.interval, wrong+500*w.interval)
	w.end(l)
	w.whole(l, 0)
	sister := l.Start().Add(time.Second + w.between("sister", time.Second, l.Now.Sub(l.Start())-3*w.interval))
	w.fly(l, 0, sister, min(l.Now, sister.Add(w.between("flies", w.interval, 20*w.interval))))
	w.cleans(0, 2)
	w.odd = l
}

// offline: a boot hears of the time after weeks.
func offline(w *world) {
	w.interval = 2 * hour
	w.clean(0, 0)
	b := w.begin(0, w.between("down", 10*time.Second, hour))
	b.right(time.Minute, 10*w.interval)
	w.end(b)
	w.whole(b, 0)
	l := w.begin(0, w.between("down", 10*time.Second, hour))
	l.run("offline", 10*day, 60*day)
	l.right(3*w.interval, 10*w.interval)
	w.end(l)
	w.whole(l, 0)
	w.odd = l
}

// weakAlone: somebody sets the clock of a boot, right or not.
func weakAlone(w *world) {
	w.cleans(1, 2)
	l := w.begin(0, w.between("down", 10*time.Second, day))
	l.Sync = clock.SyncWeak
	l.Show(l.Now.Add(w.between("ahead", 0, 5*hour) - w.between("behind", 0, 5*hour)))
	l.run("weak", 3*w.interval, 30*w.interval)
	w.end(l)
	w.whole(l, 0)
	w.odd = l
	w.cleans(0, 2)
}

// rollover is how far a GPS receiver falls back.
const rollover = 1024 * 7 * day

// lyingBoot: a whole boot believes a lie that puts it beyond three others.
func lyingBoot(w *world) {
	from := w.now
	w.cleans(3, 4)
	before := w.now
	l := w.begin(0, w.between("down", 10*time.Second, day))
	ahead := rapid.Bool().Draw(w.t, "ahead")
	by := rollover
	if rapid.Bool().Draw(w.t, "by less") {
		by = l.Now.Sub(from) + w.between("more", hour, day) // before all that was before it
	}
	if ahead {
		by = -by
	}
	l.lie(-by)
	l.run("lie", 5*w.interval, 50*w.interval)
	w.end(l)
	w.whole(l, 0)
	w.odd = l
	w.cleans(3, 4)
	if ahead && -by < rollover {
		// It must reach beyond all that comes after it.
		shift := w.now.Sub(before) + 2*day
		l.retell(shift)
	}
}

// retell makes the lie of a boot another one.
func (l *life) retell(ahead time.Duration) {
	told := *l.Life
	l.Life = journaltest.NewLife(told.Start())
	l.Crystal = told.Crystal
	l.Run(time.Second)
	l.lie(ahead)
	l.Run(told.Now.Sub(l.Now))
}

// lieThenTruth: a lie is put right in flight, forward or back. It would have begun
// before the boot before it ended, or outlasts boots that came after it.
func lieThenTruth(w *world) {
	w.cleans(2, 3)
	ended := w.now
	l := w.begin(0, w.between("down", hour, 10*day))
	behind := l.Now.Sub(ended) + w.between("restored", 5*time.Minute, 2*hour)
	switch rapid.SampledFrom([]string{"restored", "gps", "ahead"}).Draw(w.t, "lie") {
	case "gps":
		behind = rollover
	case "ahead":
		behind = -w.between("ahead", time.Minute, 10*hour)
	}
	l.lie(-behind)
	l.run("lie", 5*w.interval, 50*w.interval)
	l.right(60*w.interval, 200*w.interval)
	w.end(l)
	w.whole(l, 0)
	w.odd = l
	w.cleans(2, 3)
}

// longSleep: the real-time clock counts more than a sleep was long.
func longSleep(w *world) {
	w.cleans(1, 2)
	l := w.begin(0, w.between("down", 10*time.Second, day))
	l.right(10*w.interval, 50*w.interval)
	l.Pass(w.between("sleep", 10*time.Minute, 20*hour), true, journaltest.Rates{
		Boot: rapid.Int64Range(1000, 400_000).Draw(w.t, "counted more"), Awake: journaltest.Still, Raw: journaltest.Still})
	l.Lose()
	l.run("wrong", w.interval, 10*w.interval)
	l.right(30*w.interval, 100*w.interval)
	w.end(l)
	w.whole(l, 0)
	w.odd = l
	w.cleans(0, 2)
}

// leapSecond: a leap second is inserted while the clock is synchronised.
func leapSecond(w *world) {
	w.cleans(0, 1)
	l := w.begin(0, w.between("down", 10*time.Second, day))
	l.right(10*w.interval, 50*w.interval)
	l.Leap()
	l.Run(w.between("after", 10*w.interval, 50*w.interval))
	w.leaps = l.Leaps
	w.end(l)
	w.whole(l, 0)
	w.odd = l
	w.cleans(0, 1)
}

// unseenSleep: the machine sleeps while nobody records. Its real-time clock counts in
// seconds.
func unseenSleep(w *world) {
	w.cleans(0, 1)
	l := w.begin(0, w.between("down", 10*time.Second, day))
	l.Run(time.Second)
	online := rapid.Bool().Draw(w.t, "online before")
	if online {
		l.right(10*w.interval, 50*w.interval)
	} else {
		l.run("unsynchronised", 10*w.interval, 50*w.interval)
	}
	half := l.Now
	l.Run(10 * time.Second)
	l.Lose()
	l.Sleep(w.between("sleep", time.Minute, hour))
	off := w.between("counted more", 0, 900*time.Millisecond) - w.between("counted less", 0, 900*time.Millisecond)
	l.Boot += off
	l.Run(10 * time.Second)
	awake := l.Now
	if online {
		l.run("unsynchronised", 10*w.interval, 50*w.interval)
	} else {
		l.right(10*w.interval, 50*w.interval)
	}
	w.end(l)
	w.fly(l, 0, l.Start().Add(2*time.Second), half)
	w.fly(l, 0, awake, l.Now)
	w.odd = l
	w.cleans(0, 1)
}

// fastCrystal: the boot clock of a board runs some percent fast or slow; where a daemon
// holds it right, the raw clock shows that.
func fastCrystal(w *world) {
	w.crystal = rapid.SampledFrom([]int64{-60_000, -20_000, 20_000, 62_500}).Draw(w.t, "fast by")
	l := w.begin(0, w.between("down", day, 2*day))
	l.run("unsynchronised", 10*w.interval, 12*hour)
	l.right(200*w.interval, 600*w.interval)
	w.end(l)
	w.whole(l, 0)
	w.odd = l
	w.cleans(0, 1)
}
