package recorder

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"flightrec/journal"
	"flightrec/journal/clock"
	"flightrec/journal/clock/sntp"

	"github.com/segmentio/ksuid"
)

// maxLegs bounds a flight: one whose clock flaps ends after so many legs, and the
// next flight goes on from there.
const maxLegs = 256

// Config says how to record.
type Config struct {
	Now     func() clock.Reading // reads the clocks
	Alarm   clock.Alarm          // tells when a heartbeat is due; by default a timer of Go's own
	Stepped <-chan struct{}      // tells at once that the wall clock was stepped or the machine woke; may be nil
	Answers <-chan sntp.Answer   // what NTP servers tell; may be nil
	// GoingDown reports whether the machine is going down, whether that is known, and
	// what to, as journal.Landing has it. It is asked after a landing; nil never knows.
	GoingDown func(context.Context) (down, known bool, to string)
	Identity  clock.Identity // of this machine and boot
	Version   string         // of this program
	Built     time.Time      // when this program was built; zero where that isn't known
	Interval  time.Duration  // between heartbeats; 0 is auto
	Journal   string         // the folder that the store is in, for the log
	Log       *slog.Logger
	BlackBox  BlackBox        // evidence and vitals; nil records none
	Alarms    <-chan struct{} // tells at once that an alarm may have risen; may be nil
	// Tell is called after each heartbeat that became durable, or was refused; nil
	// doesn't care. The recorder waits for it to return.
	Tell func(State)
}

// State is how a flight goes, at a heartbeat.
type State struct {
	Lane     string
	Takeoff  time.Time     // by the wall clock of this heartbeat
	Sync     clock.Sync    // what is known of that clock
	Interval time.Duration // until the next heartbeat or try
	Err      error         // why heartbeats can't be written; nil if this one is durable
}

// Store is where heartbeats go: the journal, as package store keeps it.
type Store interface {
	Lane() string
	NewFlight(now time.Time) (ksuid.KSUID, error)
	Append(id ksuid.KSUID, records ...journal.Record) error
}

// Record flies until ctx ends, and lands for that reason (context.Cause). It
// returns the error that made it stop, or nil once it has landed.
func Record(ctx context.Context, store Store, cfg Config) error {
	var continues ksuid.KSUID
	p := newTimeServers(cfg.Log)
	if cfg.Alarm.C == nil {
		cfg.Alarm = clock.NewTimer()
	}
	for {
		f, err := takeOff(store, cfg, p, continues)
		if err != nil {
			return fmt.Errorf("taking off: %w", err)
		}
		reason, err := f.cruise(ctx)
		if err == nil {
			err = f.land(reason)
		}
		if err == nil && reason != errLegs {
			err = f.noteShutdown(ctx, reason)
		}
		if err != nil {
			return fmt.Errorf("flight %v: %w", f.id, err)
		}
		if reason != errLegs {
			return nil
		}
		continues = f.id
	}
}

// errLegs ends a flight whose clock flaps.
var errLegs = errors.New("leg limit")

// flight is a flight under way.
type flight struct {
	store   Store
	cfg     Config
	log     *slog.Logger
	id      ksuid.KSUID
	began   time.Time     // the takeoff, for timers
	due     time.Duration // when the last heartbeat was due, after began
	gap     time.Duration // from then to when the next one is
	start   clock.Reading // the takeoff, for the records
	legs    legs
	servers *timeServers
	alarm   clock.Alarm // for the next heartbeat
	outage  outage
	box     box
}

func takeOff(store Store, cfg Config, p *timeServers, continues ksuid.KSUID) (*flight, error) {
	f := &flight{store: store, cfg: cfg, began: time.Now(), start: p.tell(cfg.Now()), servers: p, alarm: cfg.Alarm, box: newBox(cfg.BlackBox)}
	var err error
	if f.id, err = store.NewFlight(f.start.Wall); err != nil {
		return nil, err
	}
	t := journal.Takeoff{
		Identity: cfg.Identity, SinceBoot: clock.Unknown, AwakeSinceBoot: clock.Unknown,
		Recorder: cfg.Version, PID: int64(os.Getpid()), Interval: cfg.Interval, Continues: continues,
	}
	if f.start.Absolute {
		t.SinceBoot = f.start.Boot
	}
	if f.start.AwakeAbsolute {
		t.AwakeSinceBoot = f.start.Awake
	}
	if !cfg.Built.IsZero() {
		t.Built = journal.InstantOf(cfg.Built)
	}
	f.gap = pace(cfg.Interval, 0)
	f.log = cfg.Log.With("flight", f.id.String(), "lane", store.Lane())
	if err := f.append(t, f.beat(f.start)); err != nil {
		return nil, err
	}
	f.log.Info("took off", "journal", cfg.Journal, "boot", t.Boot, "sync", f.start.Sync)
	if f.start.Source == clock.SourceNone {
		f.log.Warn("nothing tells whether the wall clock is right", "why", f.start.Reason)
	}
	f.tell(nil)
	return f, nil
}

// tell passes the flight's state on, after a heartbeat that was refused for err, or
// wasn't.
func (f *flight) tell(err error) {
	if f.cfg.Tell == nil {
		return
	}
	fix := f.legs.last
	f.cfg.Tell(State{f.store.Lane(), fix.Wall.Add(-fix.Elapsed).Time(), fix.Sync, f.gap, err})
}

// cruise writes heartbeats until the flight must land, and returns why.
func (f *flight) cruise(ctx context.Context) (reason, err error) {
	f.alarm.Set(f.gap)
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx), nil
		case <-f.cfg.Stepped:
		case a := <-f.cfg.Answers:
			if !f.servers.take(a, f.cfg.Now()) {
				continue
			}
		case <-f.cfg.Alarms:
			if !f.box.rises(f.elapsed()) {
				continue
			}
		case <-f.alarm.C:
			if early := f.due + f.gap - time.Since(f.began); early > 0 {
				f.alarm.Set(early)
				continue
			}
			f.due += f.gap
			if !f.outage.on() {
				f.gap = pace(f.cfg.Interval, f.due)
			}
			// After a stall the schedule starts over: missed heartbeats are not made up for.
			if now := time.Since(f.began); now > f.due+f.gap {
				f.due = now
			}
			f.alarm.Set(f.due + f.gap - time.Since(f.began))
		}
		if err := f.heartbeat(); err != nil {
			return nil, err
		}
		if f.legs.number >= maxLegs-2 && !f.outage.on() { // the landing may need one more
			return errLegs, nil
		}
	}
}

// read reads the clocks, the NTP servers' among them.
func (f *flight) read() clock.Reading { return f.servers.tell(f.cfg.Now()) }

// beat makes the heartbeat of a reading.
func (f *flight) beat(r clock.Reading) journal.Beat {
	return f.legs.beat(f.fix(r), r.Source, f.gap)
}

// append writes records to the flight's log, a heartbeat among them, behind those
// that couldn't be written; a heartbeat that is logged is on disk.
func (f *flight) append(records ...journal.Record) error {
	var all []journal.Record
	for _, r := range records {
		b, ok := r.(journal.Beat)
		if !ok {
			all = append(all, r)
			continue
		}
		f.outage.keep(b)
		for _, b := range f.outage.beats {
			all = append(all, b)
		}
		all = append(all, f.box.records(b.Elapsed)...)
	}
	began := time.Now()
	err := f.store.Append(f.id, all...)
	f.box.written(all, time.Since(began), err)
	if err != nil {
		return err
	}
	b := f.outage.written()
	f.log.Debug("heartbeat", "elapsed_ns", int64(b.Elapsed), "leg", b.Leg, "cause", b.Cause, "wall", b.Wall, "sync", b.Sync)
	return nil
}

// elapsed returns how long the flight has lasted, by its own clock.
func (f *flight) elapsed() time.Duration { return f.cfg.Now().Boot - f.start.Boot }

// fix puts a reading on the scale of the flight.
func (f *flight) fix(r clock.Reading) journal.Fix {
	fix := journal.Fix{
		Elapsed:  r.Boot - f.start.Boot,
		Awake:    r.Awake - f.start.Awake,
		Raw:      clock.Unknown,
		Wall:     journal.InstantOf(r.Wall),
		Sync:     r.Sync,
		MaxError: r.MaxError,
	}
	if r.Raw != clock.Unknown && f.start.Raw != clock.Unknown {
		fix.Raw = r.Raw - f.start.Raw
	}
	return fix
}

// pace returns how long after the heartbeat at due (after takeoff) the next one
// is due. The early ones make short flights visible, crash loops above all.
func pace(interval, due time.Duration) time.Duration {
	if interval == 0 {
		interval = 30 * time.Second
		if due < 10*time.Minute {
			interval = 10 * time.Second
		}
	}
	for _, early := range []time.Duration{1, 2, 4, 8} {
		if next := early * time.Second; due < next {
			return min(next-due, interval)
		}
	}
	return interval
}
