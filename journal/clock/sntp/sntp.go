// Package sntp asks NTP servers what time it is, and leaves the system's clock
// alone. A valid answer pairs a point of the boot clock with the true time there,
// which grounds a flight on a machine that has no time daemon, or whose system
// doesn't tell.
//
// The one fact that a caller must know: an answer is a server's word, unsigned. A
// lie within the rules of the protocol is found only if more servers contradict
// it than agree with it, so a caller with a better source believes that source.
//
// Servers are asked sparingly: one packet, then none for six hours if it was
// answered. No server is built in.
package sntp

import (
	"context"
	"math/rand/v2"
	"time"

	"flightrec/journal/clock"

	"github.com/beevik/ntp"
)

// Prober asks NTP servers, again and again. Only Hosts need be set.
type Prober struct {
	// Hosts are the servers' names or addresses, with ":port" where it isn't 123.
	Hosts []string

	clock clock.Clock

	// What tests replace: the question itself, and the machine's clocks.
	query func(ctx context.Context, host string) (*ntp.Response, error)
	now   func() clock.Reading
}

const (
	soonest = 10 * time.Second // from one round of questions to the next
	slowest = time.Hour        // between rounds while no server has answered
	routine = 6 * time.Hour    // between rounds after one that was answered
)

// Run asks all servers; again after 10 s, 20 s and so on up to an hour until one
// gives a valid answer; after each value from stepped, which says that the wall
// clock was stepped or the machine woke (nil never does); and every six hours. All
// waits but those after a step vary by a quarter. It calls report for each answer,
// good or bad, and returns when ctx is done.
func (p *Prober) Run(ctx context.Context, stepped <-chan struct{}, report func(Answer)) {
	servers := p.servers()
	retry := soonest
	for {
		drain(stepped)
		began := time.Now()
		answered := p.round(ctx, servers, report)
		wait := routine
		if answered {
			retry = soonest
		} else {
			wait = retry
			retry = min(2*retry, slowest)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(jitter(wait)):
		case <-stepped:
			retry = soonest
			// A clock that is stepped all the time must not become a flood.
			if !sleep(ctx, time.Until(began.Add(soonest))) {
				return
			}
		}
	}
}

// Ask asks all servers once, and returns their answers, good or bad; none if ctx
// ended meanwhile.
func (p *Prober) Ask(ctx context.Context) []Answer {
	var answers []Answer
	p.round(ctx, p.servers(), func(a Answer) { answers = append(answers, a) })
	return answers
}

// drain forgets a step that the coming round takes care of.
func drain(stepped <-chan struct{}) {
	select {
	case <-stepped:
	default:
	}
}

// sleep waits for d and reports whether ctx was still not done then.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return ctx.Err() == nil
	}
}

// jitter returns d, longer or shorter by up to a quarter, so that machines that
// were switched on together don't ask together for ever.
func jitter(d time.Duration) time.Duration {
	return d - d/4 + rand.N(d/2)
}

// round asks all servers that may be asked, reports their answers, and reports
// whether one of them is valid.
func (p *Prober) round(ctx context.Context, servers []*server, report func(Answer)) bool {
	var answers []Answer
	for _, s := range servers {
		if s.asksForRest() {
			continue
		}
		a := p.ask(ctx, s)
		if ctx.Err() != nil {
			return false
		}
		answers = append(answers, a)
	}
	outvote(answers)
	valid := false
	for _, a := range answers {
		valid = valid || a.Err == nil
		report(a)
	}
	return valid
}
