package recorder

import (
	"context"
	"log/slog"
	"time"

	"flightrec/journal/clock"
	"flightrec/journal/clock/sntp"
)

// timeServers holds what NTP servers told. See the package's comment for who is
// believed.
type timeServers struct {
	log   *slog.Logger
	best  *sntp.Answer    // nil if there is none
	liars map[string]bool // hosts that contradicted the synchronised system
	bad   map[string]bool // hosts whose last answer was no good
}

func newTimeServers(log *slog.Logger) *timeServers {
	return &timeServers{log: log, liars: make(map[string]bool), bad: make(map[string]bool)}
}

// take judges an answer by what the system says now, and reports whether it
// changes what the next heartbeat tells.
func (p *timeServers) take(a sntp.Answer, now clock.Reading) bool {
	if a.Err != nil {
		p.warnInvalid(a)
		return false
	}
	delete(p.bad, a.Host)
	synced := now.Sync == clock.SyncSynced
	switch {
	case synced && a.Contradicts(now):
		p.distrust(a, now)
		return false
	case synced:
		delete(p.liars, a.Host)
	case p.liars[a.Host]:
		p.log.Debug("time server not believed: it contradicted the synchronised clock", "host", a.Host)
		return false
	}
	if !p.better(a, now) {
		return false
	}
	p.log.Info("time server answered", "host", a.Host, "offset", a.Offset.Round(time.Millisecond), "max_error", a.MaxError.Round(time.Microsecond))
	p.best = &a
	return !synced
}

// better reports whether a replaces the answer in use: if its error is smaller by now,
// or if both contradict each other, which means that the machine stood still meanwhile.
func (p *timeServers) better(a sntp.Answer, now clock.Reading) bool {
	if p.best == nil || p.best.Slept(now) {
		return true
	}
	told, maxError := a.At(now)
	before, grown := p.best.At(now)
	return maxError <= grown || told.Sub(before).Abs() > maxError+grown
}

// tell returns r with the time that a server told, if the system doesn't know
// better; else r as it is.
func (p *timeServers) tell(r clock.Reading) clock.Reading {
	switch {
	case p.best == nil:
	case p.best.Slept(r):
		p.best = nil
	case r.Sync != clock.SyncSynced:
		r.Wall, r.MaxError = p.best.At(r)
		r.Sync, r.Source, r.Reason = clock.SyncSynced, clock.SourceSNTP, ""
	case p.best.Contradicts(r):
		p.distrust(*p.best, r)
		p.best = nil
	}
	return r
}

// distrust notes that a's host contradicts the synchronised system, and warns once.
func (p *timeServers) distrust(a sntp.Answer, now clock.Reading) {
	told, _ := a.At(now)
	p.log.Log(context.Background(), loudOnce(p.liars, a.Host), "time server contradicts the synchronised clock: not believed",
		"host", a.Host, "by", told.Sub(now.Wall).Round(time.Millisecond), "source", now.Source)
}

// warnInvalid warns of an answer without a time, once until the host gives a good one.
func (p *timeServers) warnInvalid(a sntp.Answer) {
	p.log.Log(context.Background(), loudOnce(p.bad, a.Host), "no time from server", "host", a.Host, "why", a.Err)
}

// loudOnce returns the level of a complaint about host: a warning the first time, debug
// after, since a line each hour would wear out the card that the log is on.
func loudOnce(noted map[string]bool, host string) slog.Level {
	if noted[host] {
		return slog.LevelDebug
	}
	noted[host] = true
	return slog.LevelWarn
}
