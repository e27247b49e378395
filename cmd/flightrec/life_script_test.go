//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"flightrec/journal/clock"
)

// A life is the script of a machine's days.
type life struct {
	chapters []chapter
	counts   map[chapterEnd]int // of all but the last, after which there is no downtime
	offline  int                // chapters without network
	lies     int
	leaps    int
}

// The wall clock of a machine that has none, or a broken one.
var (
	begin1970 = time.Unix(0, 0)
	in2038    = time.Date(2038, 1, 19, 3, 0, 0, 0, time.UTC) // 32 bits end at 03:14:07
	in2099    = time.Date(2099, 12, 31, 23, 50, 0, 0, time.UTC)
)

// newLife writes the script of a machine in zone: it reboots each day at four in
// the morning, crashes each Wednesday, and is without network for the fourth tenth
// of its life. Its clock begins each boot with something else, jumps now and then
// to 1970, 2038 or 2099, and leap seconds are inserted twice in a year.
func newLife(random *rand.Rand, zone *time.Location, days int) *life {
	l := &life{counts: map[chapterEnd]int{}}
	begin := time.Date(2026, 1, 1, 4, 0, 0, 0, zone)
	dark, light := begin.AddDate(0, 0, days*3/10), begin.AddDate(0, 0, days*4/10)
	end := begin.AddDate(0, 0, days)
	kernel, crashed := begin, false
	for n := 0; kernel.Before(end); n++ {
		c := chapter{
			id: fmt.Sprintf("boot-%d", n), kernel: kernel, takeoff: time.Duration(5+random.IntN(30)) * time.Second,
			interval: 10 * time.Minute, set: never, leap: never, lie: lie{from: never, to: never},
			first: firstWall(n, kernel, zone),
		}
		if n%30 == 7 {
			c.interval = 0
		}
		online := !(kernel.After(dark) && kernel.Before(light))
		if online {
			c.set = time.Duration(5+random.IntN(120)) * time.Second
		} else {
			l.offline++
		}
		y, m, d := kernel.In(zone).Date()
		four := time.Date(y, m, d, 4, 0, 0, 0, zone)
		if four.Sub(kernel) < 10*time.Minute {
			four = time.Date(y, m, d+1, 4, 0, 0, 0, zone)
		}
		c.end, c.how = four.Sub(kernel), shutsDown
		down := time.Duration(60+random.IntN(60)) * time.Second
		switch {
		case kernel.In(zone).Weekday() == time.Wednesday && !crashed:
			c.how = crashes
			c.end = c.takeoff + time.Duration(random.Int64N(int64(20*time.Hour)))
			if random.IntN(4) == 0 { // as it starts
				c.end = c.takeoff + time.Duration(random.Int64N(int64(time.Minute)))
			}
			down = time.Duration(1+random.IntN(120)) * time.Minute
		case d == 15:
			c.how = stops
		}
		crashed = c.how == crashes
		if online && c.how != crashes && n%10 == 3 && c.end > 5*time.Hour {
			c.lie = newLie(n)
			l.lies++
		}
		for _, s := range leapSeconds(kernel, c.end) {
			if online && c.set < s {
				c.leap = s
				l.leaps++
			}
		}
		l.chapters = append(l.chapters, c)
		l.counts[c.how]++
		kernel = c.at(c.end).Add(down)
	}
	l.counts[l.chapters[len(l.chapters)-1].how]--
	return l
}

// firstWall returns what the wall clock says at the n-th boot of the kernel.
func firstWall(n int, kernel time.Time, zone *time.Location) time.Time {
	switch n % 6 {
	case 0:
		_, offset := kernel.In(zone).Zone()
		return kernel.Add(time.Duration(offset) * time.Second) // the RTC keeps local time
	case 1:
		return in2038
	case 2:
		return in2099
	case 3:
		return kernel.Add(-40 * time.Minute) // restored from a file
	}
	return begin1970
}

func newLie(n int) lie {
	lies := []lie{{wall: begin1970, sync: clock.SyncUnsynced}, {wall: in2038, sync: clock.SyncSynced}, {wall: in2099, sync: clock.SyncUnsynced}}
	l := lies[n/10%len(lies)]
	l.from, l.to = 2*time.Hour, 3*time.Hour
	return l
}

// leapSeconds returns when leap seconds are inserted in a boot that lasts until end:
// at the beginning of January and July, in UTC.
func leapSeconds(kernel time.Time, end time.Duration) (all []time.Duration) {
	year := kernel.UTC().Year()
	for _, at := range []time.Time{
		time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if s := at.Sub(kernel); s > 0 && s < end {
			all = append(all, s)
		}
	}
	return all
}
