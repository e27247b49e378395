package ground

import (
	"math"
	"time"

	"flightrec/journal"
)

// Clocks in journals show anything. All sums here stop at the ends of their
// range and never wrap.

const (
	forever time.Duration   = math.MaxInt64
	never   journal.Instant = math.MinInt64 // as a lower bound: none
	always  journal.Instant = math.MaxInt64 // as an upper bound: none
)

// add returns d+e.
func add(d, e time.Duration) time.Duration { return time.Duration(journal.Instant(d).Add(e)) }

// sub returns d-e.
func sub(d, e time.Duration) time.Duration { return journal.Instant(d).Sub(journal.Instant(e)) }

// apart returns the distance of d and e.
func apart(d, e time.Duration) time.Duration { return max(sub(d, e), sub(e, d)) }

// ppm returns n millionths of d, without its sign, rounded up.
func ppm(d time.Duration, n int64) time.Duration {
	d = apart(d, 0)
	return d/1e6*time.Duration(n) + (d%1e6*time.Duration(n)+1e6-1)/1e6
}

// times returns d*n, for d and n not below 0.
func times(d time.Duration, n int64) time.Duration {
	if d > forever/time.Duration(n) {
		return forever
	}
	return d * time.Duration(n)
}

// share returns d*part/whole, for part between 0 and whole.
func share(d, part, whole time.Duration) time.Duration {
	if whole <= 0 {
		return 0
	}
	return time.Duration(float64(d) * (float64(part) / float64(whole)))
}

// minus returns i-d. It is not i.Add(-d), which wraps for the least Duration.
func minus(i journal.Instant, d time.Duration) journal.Instant {
	return journal.Instant(sub(time.Duration(i), d))
}

// bounds is what is known of an instant: neither before lo nor after hi.
type bounds struct{ lo, hi journal.Instant }

// anywhere is the bounds that say nothing.
var anywhere = bounds{never, always}

// around returns the bounds of t with an error.
func around(t journal.Instant, err time.Duration) bounds { return bounds{minus(t, err), t.Add(err)} }

// hold returns the instant of r that is nearest to t.
func (r bounds) hold(t journal.Instant) journal.Instant { return max(r.lo, min(t, r.hi)) }

// raise makes lo the lower bound of r if that is tighter, and reports whether it
// was.
func (r *bounds) raise(lo journal.Instant) bool {
	if lo <= r.lo {
		return false
	}
	r.lo = lo
	return true
}

// lower makes hi the upper bound of r if that is tighter, and reports whether it
// was.
func (r *bounds) lower(hi journal.Instant) bool {
	if hi >= r.hi {
		return false
	}
	r.hi = hi
	return true
}

// later returns a lower bound d after lo; none stays none.
func later(lo journal.Instant, d time.Duration) journal.Instant {
	if lo == never {
		return never
	}
	return lo.Add(d)
}

// sooner returns an upper bound d before hi; none stays none.
func sooner(hi journal.Instant, d time.Duration) journal.Instant {
	if hi == always {
		return always
	}
	return minus(hi, d)
}

// earlier returns a lower bound d before lo; none stays none.
func earlier(lo journal.Instant, d time.Duration) journal.Instant {
	if lo == never {
		return never
	}
	return minus(lo, d)
}
