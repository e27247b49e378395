package sntp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"flightrec/journal/clock"

	"github.com/beevik/ntp"
)

// server is one of the hosts, and what it asked of us.
type server struct {
	host string
	rest time.Time // not to be asked before; zero if it may be
	gone bool      // not to be asked any more
}

func (p *Prober) servers() []*server {
	var servers []*server
	for _, host := range p.Hosts {
		servers = append(servers, &server{host: host})
	}
	return servers
}

func (s *server) asksForRest() bool { return s.gone || time.Now().Before(s.rest) }

// kissed heeds a kiss-o'-death: DENY and RSTR mean that a server won't serve us,
// any other code that it was asked too often.
func (s *server) kissed(code string) {
	switch code {
	case "DENY", "RSTR":
		s.gone = true
	default:
		s.rest = time.Now().Add(slowest)
	}
}

// What an answer must keep to.
const (
	timeout     = 5 * time.Second
	maxDistance = time.Second // from the reference clock, and half the way to us
)

// ask asks one server.
func (p *Prober) ask(ctx context.Context, s *server) Answer {
	now, query := p.now, p.query
	if now == nil {
		now = p.clock.Now
	}
	if query == nil {
		query = func(ctx context.Context, host string) (*ntp.Response, error) {
			return exchange(ctx, host, timeout)
		}
	}
	before := now()
	r, err := query(ctx, s.host)
	a := Answer{Host: s.host, Boot: before.Boot, Awake: before.Awake, Raw: before.Raw, Wall: before.Wall}
	if err == nil && r.IsKissOfDeath() {
		s.kissed(r.KissCode)
	}
	if err == nil {
		a.MaxError, err = judge(r, moved(before, now()))
	}
	if err != nil {
		a.Err = fmt.Errorf("asking %s: %w", s.host, err)
		return a
	}
	a.Offset = r.ClockOffset
	return a
}

// judge returns the maximum error of a response's offset, or why it can't be
// used. The clocks moved against each other by so much between the reading that
// the offset is for and the response.
func judge(r *ntp.Response, moved time.Duration) (time.Duration, error) {
	if r.IsKissOfDeath() {
		return 0, fmt.Errorf("%w: %q", ntp.ErrKissOfDeath, r.KissCode)
	}
	if err := r.Validate(); err != nil {
		return 0, err
	}
	distance := r.RootDistance + r.RTT/2
	if distance >= maxDistance {
		return 0, fmt.Errorf("root distance %v: the limit is %v", distance, maxDistance)
	}
	if moved > clock.LineLimit {
		return 0, errors.New("the clock was stepped, or the machine slept, before the answer came")
	}
	return distance + moved, nil
}

// moved returns how far the clocks moved against each other between two readings.
func moved(a, b clock.Reading) time.Duration {
	boot := b.Boot - a.Boot
	stepped := b.Wall.Sub(a.Wall) - boot
	slept := boot - (b.Awake - a.Awake)
	return stepped.Abs() + slept.Abs()
}

// exchange sends one question and waits for the response, until the timeout or
// until ctx is done.
func exchange(ctx context.Context, host string, timeout time.Duration) (*ntp.Response, error) {
	var stop func() bool
	dial := func(_, address string) (net.Conn, error) {
		d := net.Dialer{Timeout: timeout}
		conn, err := d.DialContext(ctx, "udp", address)
		if err != nil {
			return nil, err
		}
		stop = context.AfterFunc(ctx, func() { conn.Close() })
		return &matchConn{Conn: conn}, nil
	}
	r, err := ntp.QueryWithOptions(host, ntp.QueryOptions{
		Timeout: timeout,
		Dialer:  dial,
		// Not the kernel's time stamps: a step between sending and receiving would
		// be taken for travel time, and 32-bit kernels give wrong ones from 2038 on.
		GetSystemTime: time.Now,
	})
	if stop != nil {
		stop()
	}
	return r, err
}
