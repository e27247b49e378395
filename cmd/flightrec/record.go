package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"flightrec/cmd/flightrec/early"
	"flightrec/journal/blackbox"
	"flightrec/journal/clock"
	"flightrec/journal/clock/sntp"
	"flightrec/journal/recorder"
	"flightrec/journal/store"

	"github.com/urfave/cli/v2"
)

// minInterval is the shortest time between heartbeats.
const minInterval = time.Millisecond

// record is the command of that name.
func record(c *cli.Context) error {
	return underManager(c.Context, func(ctx context.Context) error { return recordUntil(ctx, c) })
}

// recordUntil records until ctx ends, or a signal comes.
func recordUntil(ctx context.Context, c *cli.Context) (err error) {
	ctx, hangups, stop := landing(ctx)
	defer stop()
	interval, err := parseInterval(c.String("interval"))
	if err != nil {
		return err
	}
	now, err := chooseClock(c.String("clock"))
	if err != nil {
		return err
	}
	hosts, err := ntpHosts(c)
	if err != nil {
		return err
	}
	log, err := openLog(c, hangups)
	if err != nil {
		return err
	}
	defer log.flush()
	dir, err := journalDir(c)
	if err != nil {
		return err
	}
	j, err := openUntil(ctx, func() (*store.Journal, error) { return store.Open(dir, log.Logger) })
	if err != nil {
		return unrecordable(err)
	}
	if j == nil {
		log.Info("ended before takeoff", "reason", context.Cause(ctx))
		return nil
	}
	tuneDaemon()
	config := recorder.Config{
		Now: now, Alarm: clock.NewAlarm(ctx), Stepped: clock.Watch(ctx), Answers: probe(ctx, hosts), GoingDown: goingDown(ctx),
		Identity: clock.Identify(), Version: versionText(), Built: builtAt(), Interval: interval, Journal: dir, Log: log.Logger,
		BlackBox: blackbox.New("/", dir), Alarms: blackbox.Watch(ctx, "/"),
	}
	manager := serviceManager()
	return flyUntil(ctx, func(tookOff func()) error {
		config.Tell = func(s recorder.State) {
			tookOff()
			if manager != nil {
				manager(s)
			}
		}
		err := recorder.Record(ctx, j, config)
		return errors.Join(err, j.Close())
	})
}

// unrecordable adds what to do where a journal can't be recorded into.
func unrecordable(err error) error {
	switch {
	case errors.As(err, new(*store.RefusedError)):
		return hintError{err, "A journal needs a file system that locks files and syncs folders. Name a folder on a local disk with --journal DIR."}
	case errors.Is(err, fs.ErrPermission):
		return hintError{err, "Give the folder to the user who records (chown -R USER DIR), or name another one with --journal DIR."}
	}
	return err
}

// openUntil opens a journal, or returns nil as soon as ctx ends: on a dying disk that
// may be long before the journal is open. The end of the program closes it then.
func openUntil(ctx context.Context, open func() (*store.Journal, error)) (*store.Journal, error) {
	type result struct {
		j   *store.Journal
		err error
	}
	opened := make(chan result, 1)
	go func() {
		j, err := open()
		opened <- result{j, err}
	}()
	select {
	case r := <-opened:
		return r.j, r.err
	case <-ctx.Done():
		return nil, nil
	}
}

// takeoffPatience is how long a recorder that is told to end waits for its takeoff, so that
// it can land. A takeoff takes seconds on a slow card.
const takeoffPatience = 5 * time.Second

// flyUntil calls fly, which tells when it took off, and returns its outcome. If ctx ends
// before takeoff, it waits for that no longer than takeoffPatience: on a dying disk it may
// never come.
func flyUntil(ctx context.Context, fly func(tookOff func()) error) error {
	aloft, landed := make(chan struct{}), make(chan error, 1)
	go func() { landed <- fly(sync.OnceFunc(func() { close(aloft) })) }()
	select {
	case err := <-landed:
		return err
	case <-aloft:
		return <-landed
	case <-ctx.Done():
	}
	select {
	case err := <-landed:
		return err
	case <-aloft:
		return <-landed
	case <-time.After(takeoffPatience):
		return fmt.Errorf("taking off: %w, and the disk hasn't answered for %v", context.Cause(ctx), takeoffPatience)
	}
}

// landing returns a context that ends with the signals that land a flight, whose
// names become its cause, and the signals that have the log opened anew.
func landing(ctx context.Context) (flying context.Context, hangups <-chan os.Signal, stop func()) {
	flying, cancel := context.WithCancelCause(ctx)
	ends, anew := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGINT, syscall.SIGTERM)
	signal.Notify(anew, syscall.SIGHUP)
	for _, s := range early.Take() {
		if s != syscall.SIGHUP && len(ends) == 0 { // the log isn't open yet
			ends <- s
		}
	}
	go func() {
		switch <-ends {
		case syscall.SIGINT:
			cancel(errors.New("SIGINT"))
		case syscall.SIGTERM:
			cancel(errors.New("SIGTERM"))
		}
	}()
	return flying, anew, func() {
		signal.Stop(ends)
		signal.Stop(anew)
		close(ends)
		close(anew)
		cancel(nil)
	}
}

// ntpHosts returns the servers that --ntp names.
func ntpHosts(c *cli.Context) ([]string, error) {
	hosts := c.StringSlice("ntp")
	if slices.Contains(hosts, "") {
		return nil, usagef("--ntp: no host is named")
	}
	return hosts, nil
}

// probe lets hosts be asked for the time beside the recorder, until ctx ends, and
// returns what they answer. The recorder never waits for them. It returns nil if
// there are none.
func probe(ctx context.Context, hosts []string) <-chan sntp.Answer {
	if len(hosts) == 0 {
		return nil
	}
	answers := make(chan sntp.Answer)
	p := sntp.Prober{Hosts: hosts}
	// It watches for steps by itself: an event goes to one receiver only.
	go p.Run(ctx, clock.Watch(ctx), func(a sntp.Answer) {
		select {
		case answers <- a:
		case <-ctx.Done():
		}
	})
	return answers
}

// parseInterval reads seconds, a duration, or auto (which is 0).
func parseInterval(s string) (time.Duration, error) {
	if s == "auto" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		seconds, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, usagef("--interval %q: not seconds, a duration, or auto", s)
		}
		if ns := seconds * 1e9; math.IsNaN(ns) || math.Abs(ns) >= math.MaxInt64 {
			return 0, usagef("--interval %q: not a finite time", s)
		}
		d = time.Duration(seconds * 1e9)
	}
	if d < minInterval {
		return 0, usagef("--interval %q: shorter than %v", s, minInterval)
	}
	return d, nil
}

// chooseClock returns what reads the clocks, by the word of --clock.
func chooseClock(word string) (func() clock.Reading, error) {
	switch word {
	case "auto":
		return new(clock.Clock).Now, nil
	case "trust":
		return taken(clock.SyncSynced, clock.SourceTrust), nil
	case "distrust":
		return taken(clock.SyncUnsynced, clock.SourceDistrust), nil
	}
	return nil, usagef("--clock %q: not one of auto, trust, distrust", word)
}

// taken reads the clocks, and takes their sync state as given.
func taken(sync clock.Sync, source clock.Source) func() clock.Reading {
	var system clock.Clock
	return func() clock.Reading {
		r := system.Now()
		r.Sync, r.MaxError, r.Source, r.Reason = sync, clock.Unknown, source, ""
		return r
	}
}
