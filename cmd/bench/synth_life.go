//go:build linux

package main

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/journaltest"
)

// decade is how long a synthetic journal goes on.
const decade = 3650 * 24 * time.Hour

// A life is that of a board without a real-time clock, flight by flight, the same
// for the same number of flights. Of twenty boots
//
//	10 begin in 1970, the others with the time at which the one before them ended
//	19 hear of the network's time within a minute, and step their clock
//	 2 sleep for a while
//	 1 has its recorder restarted, which makes two flights of it
//	 6 end by a crash, 12 by a shutdown, 2 by stopping the recorder first
//
// The kernel and the recorder are updated now and then.
type life struct {
	random *rand.Rand
	first  time.Time     // when the first boot is due
	pitch  time.Duration // from one flight to the next
	flight int           // how many have been flown

	*journaltest.Life // of the boot at hand
	boot              string
	restart           bool // the next flight is of the same boot
}

// newLife returns a life that n flights fill until end.
func newLife(n int, end time.Time) *life {
	return &life{
		random: rand.New(rand.NewPCG(1, uint64(n))),
		pitch:  decade / time.Duration(n),
		first:  end.Add(-decade),
		Life:   journaltest.NewLife(journal.InstantOf(end.Add(-decade))),
	}
}

// A sortie is a flight as the recorder would have written it, and where it truly
// was.
type sortie struct {
	records    []journal.Record
	start, end time.Time
	shown      time.Time // by the wall clock, at takeoff
}

// one reports true once in n times.
func (l *life) one(n int) bool { return l.random.IntN(n) == 0 }

// between returns a duration between two others.
func (l *life) between(from, to time.Duration) time.Duration {
	return from + time.Duration(l.random.Int64N(int64(to-from)))
}

// next returns the next flight.
func (l *life) next() sortie {
	if l.restart {
		l.restart = false
		l.Run(l.between(time.Second, 5*time.Second))
	} else {
		l.reboot()
	}
	s := sortie{start: l.Now.Time(), shown: l.Wall().Time()}
	log := log{life: l, from: l.Clocks}
	log.add(l.takeoff())
	log.leg(journal.CauseTakeoff)
	l.fly(&log, l.between(l.pitch/2, l.pitch*17/20))
	l.flight++
	s.records, s.end = log.records, l.Now.Time()
	return s
}

// reboot begins the next boot, after some time without one.
func (l *life) reboot() {
	last := l.Wall()
	l.Life = journaltest.NewLife(journal.InstantOf(l.first.Add(time.Duration(l.flight)*l.pitch + l.between(0, l.pitch/20))))
	l.Crystal = 12
	l.boot = l.uuid()
	if l.one(2) {
		last = 0
	}
	l.Show(last)
	l.Run(l.between(4*time.Second, 15*time.Second))
}

// takeoff returns what the recorder says of itself and the machine.
func (l *life) takeoff() journal.Takeoff {
	return journal.Takeoff{
		Identity: clock.Identity{
			Host: "meadow", Machine: "0c5f8a4e-7d21-4f0b-9a63-51be2fd0a7c4", Boot: l.boot, OS: "linux/arm64",
			Kernel: fmt.Sprintf("6.12.%d+rpt-rpi-v8", l.flight/300%60),
		},
		SinceBoot: l.Boot, AwakeSinceBoot: clock.Unknown,
		Recorder: fmt.Sprintf("v1.%d.0", l.flight/3000%30),
		PID:      400 + l.random.Int64N(400),
	}
}

// uuid returns a random name.
func (l *life) uuid() string {
	var b [16]byte
	for i := range b {
		b[i] = byte(l.random.Uint32())
	}
	text := hex.EncodeToString(b[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// fly writes what happens between takeoff and end, which is left away off.
func (l *life) fly(log *log, left time.Duration) {
	if l.Sync != clock.SyncSynced && !l.one(20) {
		wait := min(l.between(10*time.Second, time.Minute), left/3)
		log.pass(wait)
		left -= wait
		l.Synchronise(0, 0)
		log.leg(journal.CauseStep)
	}
	if l.one(10) {
		log.pass(left / 3)
		left /= 3
		l.Sleep(left)
		log.leg(journal.CauseWake)
	}
	log.pass(left)
	switch l.random.IntN(20) {
	case 0:
		l.restart = true
		log.land("terminated", journal.ShutdownNo)
	case 1, 2:
		log.land("terminated", journal.ShutdownNo)
	case 3, 4, 5, 6, 7, 8:
		// Cut off.
	default:
		log.land("terminated", journal.ShutdownYes)
	}
}
