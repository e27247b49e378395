//go:build linux

package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"time"
)

// A contender is a way to record that a machine is alive.
type contender struct {
	name    string
	program string        // what must be installed for it; empty: nothing
	own     time.Duration // its interval where none is given
	start   func(context.Context, site) (*craft, error)
}

// A site is where a contender records, and how often.
type site struct {
	dir      string        // its own, on its own device
	view     string        // dir, where reading changes nothing
	scratch  string        // for files that are not to be measured
	interval time.Duration // 0: as it would by itself
	recorder string        // the flightrec binary
}

// every returns the interval, or own where none is given.
func (s site) every(own time.Duration) time.Duration {
	if s.interval > 0 {
		return s.interval
	}
	return own
}

// A craft is a contender under way.
type craft struct {
	beats  func() (int64, error) // heartbeats so far; one that is under way is waited for
	usage  func() (usage, error)
	memory func() (rss, anonymous int64, err error)
	stop   func() // returns when it is gone
}

// craft returns the craft that c is, with its way to count heartbeats.
func (c *child) craft(beats func() (int64, error)) *craft {
	return &craft{
		beats: func() (int64, error) {
			if err := c.alive(); err != nil {
				return 0, err
			}
			return beats()
		},
		usage: func() (usage, error) {
			if err := c.alive(); err != nil {
				return usage{}, err
			}
			return c.usage()
		},
		memory: c.memory,
		stop:   c.stop,
	}
}

const (
	second = time.Second
	minute = time.Minute
)

// contenders, in the order in which the table shows them. Intervals are what
// each has by itself once start-up is over, Debian's where Debian sets one.
var contenders = []contender{
	{"floor", "", 10 * second, own("floor")},
	{"overwrite", "", 10 * second, own("overwrite")},
	{"pebble", "", 10 * second, own("pebble")},
	{"flightrec", "", 30 * second, flightrec},
	{"sqlite-normal", "sqlite3", 10 * second, sqlite("NORMAL")},
	{"sqlite-full", "sqlite3", 10 * second, sqlite("FULL")},
	{"flight-recorder", "flight-recorder", 10 * second, original},
	{"downtimed", "downtimed", 15 * second, downtimed},
	{"uptimed", "uptimed", time.Hour, uptimed},
	{"tuptime", "tuptime", 5 * minute, tuptime},
}

// own starts one of the bench's own stores.
func own(store string) func(context.Context, site) (*craft, error) {
	return func(ctx context.Context, at site) (*craft, error) {
		c, err := launch(ctx, beatCommand, func(ctx context.Context) *exec.Cmd {
			return exec.CommandContext(ctx, "/proc/self/exe", beatCommand, store, at.dir, at.every(10*second).String())
		})
		if err != nil {
			return nil, err
		}
		return c.craft(func() (int64, error) { return c.said.seen(), nil }), nil
	}
}

// flightrec is the built recorder. Its journal says how many heartbeats it holds.
func flightrec(ctx context.Context, at site) (*craft, error) {
	interval := "auto"
	if at.interval > 0 {
		interval = at.interval.String()
	}
	c, err := launch(ctx, "", func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, at.recorder, "record", "-d", at.dir, "-i", interval)
	})
	if err != nil {
		return nil, err
	}
	return c.craft(func() (int64, error) {
		flights, err := dump(ctx, at.recorder, at.view)
		if err != nil || len(flights) == 0 {
			return 0, err
		}
		return flights[len(flights)-1].Beats, nil
	}), nil
}

// original is Snawoot's flight-recorder, which says each heartbeat in its log.
func original(ctx context.Context, at site) (*craft, error) {
	c, err := launch(ctx, "Updated flight record", func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, "flight-recorder", "-i", inSeconds(at.every(10*second)), "-d", at.dir+"/flight-recorder.db")
	})
	if err != nil {
		return nil, err
	}
	return c.craft(func() (int64, error) { return c.said.seen(), nil }), nil
}

// downtimed touches a stamp file. Its database, written at start-up alone, has a
// fixed place and is left out.
func downtimed(ctx context.Context, at site) (*craft, error) {
	c, err := launch(ctx, "", func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, "downtimed", "-F", "-D", "-d", at.dir, "-p", "none",
			"-l", at.scratch+"/downtimed.log", "-s", inSeconds(at.every(15*second)))
	})
	if err != nil {
		return nil, err
	}
	return c.craft(watch(ctx, at.dir+"/downtimed.stamp")), nil
}

// uptimed writes its records anew, in a directory that is compiled in. Without -t
// it writes nothing at all while the machine has been up for less than an hour.
func uptimed(ctx context.Context, at site) (*craft, error) {
	program, err := exec.LookPath("uptimed")
	if err != nil {
		return nil, err
	}
	c, err := launch(ctx, "", func(ctx context.Context) *exec.Cmd {
		return bound(ctx, at.dir, "/var/spool/uptimed", program,
			"-f", "-t", "0s", "-p", at.scratch+"/uptimed.pid", "-i", inSeconds(at.every(time.Hour)))
	})
	if err != nil {
		return nil, err
	}
	return c.craft(watch(ctx, at.dir+"/records")), nil
}

// tuptime is no daemon: a timer runs it.
func tuptime(ctx context.Context, at site) (*craft, error) {
	return timer(ctx, at.every(5*minute), func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, "tuptime", "-q", "-f", at.dir+"/tuptime.db")
	})
}

// sqlite does what the original's recorder does, by the sqlite3 shell: one row,
// updated in place, in a database with its schema.
func sqlite(synchronous string) func(context.Context, site) (*craft, error) {
	const setUp = `PRAGMA journal_mode=WAL;
PRAGMA synchronous=%s;
CREATE TABLE flight(id INTEGER PRIMARY KEY AUTOINCREMENT, duration REAL NOT NULL CHECK(duration >= 0), last_ts REAL NOT NULL);
CREATE INDEX flight_end ON flight(last_ts);
CREATE INDEX flight_begin ON flight(last_ts - duration);
INSERT INTO flight(duration, last_ts) VALUES (0, %f);
`
	const update = "UPDATE flight SET duration = %f, last_ts = %f WHERE id = 1;\n"
	return func(ctx context.Context, at site) (*craft, error) {
		takeoff := time.Now()
		return fed(ctx, at.every(10*second), fmt.Sprintf(setUp, synchronous, unixSeconds(takeoff)),
			func() string {
				now := time.Now()
				return fmt.Sprintf(update, now.Sub(takeoff).Seconds(), unixSeconds(now))
			},
			func(ctx context.Context) *exec.Cmd {
				return exec.CommandContext(ctx, "sqlite3", "-batch", "-bail", at.dir+"/flight.db")
			})
	}
}

func unixSeconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// inSeconds writes d as programs read it that know only whole seconds.
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}
